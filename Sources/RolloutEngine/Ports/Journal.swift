package import RolloutCore

/// One service's append-only journal, the blobs its entries name, and the lease over it.
package protocol Journal: Sendable {
  /// Every entry after `sequence`, in order: the chain unbroken, and each admissible after the ones before it.
  func entries(after sequence: UInt64) async throws(JournalError) -> [Entry]

  /// The fold of every entry, each of them checked: what decisions are made on.
  func state() async throws(JournalError) -> LaneState

  /// The same for people, sooner: a journal may start from a fold that it kept and that whoever can write its storage
  /// can forge. Shown, and never acted on.
  func lookAtState() async throws(JournalError) -> LaneState

  /// Appends all events or none, and only if `expecting` is still the last sequence number; throws `.conflict`
  /// otherwise, and `.inadmissible` when an event may not follow. Durable when it returns. Every entry carries `nonce`, below 2^53:
  /// after `.unknown`, the entry that follows `expecting` tells whether it was written (it has this nonce), lost to
  /// somebody else, or is still to be written.
  func append(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, nonce: UInt64, at now: Timestamp
  ) async throws(JournalError) -> [Entry]

  /// Says that the holder of this lease lives. `false` when somebody else holds the lease now.
  func renewLease(epoch: UInt64) async throws(JournalError) -> Bool

  /// Whether the lease is held by a living process that renewed it within its time, judged without comparing clocks
  /// of different machines, and what else is known of the holder.
  func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook

  /// The hash of the chain at an entry: names the whole history up to it.
  func head(at sequence: UInt64) async throws(JournalError) -> Digest

  /// Keeps bytes by content. Durable when it returns; keeping the same bytes twice is one blob.
  func put(_ bytes: [UInt8]) async throws(JournalError) -> Digest

  /// The bytes that `digest` names, checked against it.
  func blob(_ digest: Digest) async throws(JournalError) -> [UInt8]

  /// Recomputes everything from the first entry on and throws at the first thing that is not what it should be; trusts
  /// nothing that was computed before.
  func audit() async throws(JournalError) -> JournalAudit
}

/// What a whole journal came to when everything in it was recomputed.
package struct JournalAudit: Sendable {
  package var entries: [Entry]
  package var state: LaneState
  /// The hash of the chain at the last entry.
  package var head: Digest
  package var blobs: Int
  /// Kept folds that are what the entries fold to.
  package var snapshots: Int

  package init(entries: [Entry], state: LaneState, head: Digest, blobs: Int, snapshots: Int) {
    self.entries = entries
    self.state = state
    self.head = head
    self.blobs = blobs
    self.snapshots = snapshots
  }
}

/// How a lease stands, as far as its journal can tell.
package struct LeaseLook: Hashable, Sendable {
  package var isLive: Bool
  /// Until it lapses unless it is renewed, by the journal's clock; zero once it has.
  package var left: TimeSpan?
  /// Whether the process that took it still runs.
  package var holderLives: Bool?
  /// What of the holder can be seen from here.
  package var reach: LeaseVerdict.Reach

  package init(
    isLive: Bool, left: TimeSpan? = nil, holderLives: Bool? = nil, reach: LeaseVerdict.Reach = .process
  ) {
    self.isLive = isLive
    self.left = left
    self.holderLives = holderLives
    self.reach = reach
  }

  package init(_ verdict: LeaseVerdict) {
    self.init(
      isLive: verdict.isLive, left: verdict.left, holderLives: verdict.holderLives, reach: verdict.reach)
  }
}

extension Journal {
  package func leaseIsLive(epoch: UInt64) async throws(JournalError) -> Bool {
    try await lookAtLease(epoch: epoch).isLive
  }

  package func state() async throws(JournalError) -> LaneState {
    try Self.folding(try await entries(after: 0))
  }

  package func lookAtState() async throws(JournalError) -> LaneState { try await state() }

  /// For journals that keep nothing but entries and blobs that are checked whenever they are read.
  package func audit() async throws(JournalError) -> JournalAudit {
    let entries = try await entries(after: 0)
    let state = try Self.folding(entries)
    return JournalAudit(
      entries: entries, state: state, head: try await head(at: state.sequence), blobs: 0, snapshots: 0)
  }

  private static func folding(_ entries: [Entry]) throws(JournalError) -> LaneState {
    do { return try LaneState.folding(entries) } catch {
      throw JournalError(
        .corrupt, "the journal holds an entry that cannot follow: \(error)",
        help: "restore it from a copy; nothing was changed")
    }
  }

  /// For people, who have no lease: `nil` when somebody else wrote first. A lost answer is looked for in the journal: it
  /// is there, or somebody else's is, or it is written again.
  package func appendOnce(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, at now: Timestamp
  ) async throws(JournalError) -> [Entry]? {
    let nonce = UInt64.random(in: 1..<1 << 53)
    for _ in 0..<Self.triesMax {
      do {
        return try await append(events, expecting: sequence, by: actor, epoch: nil, nonce: nonce, at: now)
      } catch {
        guard error.code == .unknown || error.code == .conflict else { throw error }
      }
      // A conflict after a lost answer may be one with ourselves.
      let written = try await entries(after: sequence)
      if let first = written.first {
        return first.nonce == nonce ? Array(written.prefix(events.count)) : nil
      }
    }
    throw JournalError(
      .storageUnavailable, "the journal's storage does not say whether it wrote",
      help: "look whether it is there: rollout status; then run the command again")
  }

  /// Times that the same bytes are offered to a storage that does not answer.
  private static var triesMax: Int { 5 }

  /// For a writer that reads again whatever happens.
  package func append(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, at now: Timestamp
  ) async throws(JournalError) -> [Entry] {
    try await append(
      events, expecting: sequence, by: actor, epoch: epoch, nonce: .random(in: 1..<1 << 53), at: now)
  }
}

package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Codable, Sendable {
    /// Somebody else appended first; nothing was written.
    case conflict
    /// The event may not follow what is in the journal; nothing was written.
    case inadmissible
    /// The answer was lost: it may have been written.
    case unknown
    /// Disk full, no permission, no such place, busy beyond patience.
    case storageUnavailable
    /// A broken chain, a hole, an entry that cannot follow, a blob that is not what its name says.
    case corrupt
    /// Written by a newer program.
    case newer
    case notFound
  }

  package var code: Code
  package var message: String
  package var help: String?

  package init(_ code: Code, _ message: String, help: String? = nil) {
    self.code = code
    self.message = message
    self.help = help
  }

  package var description: String { message }
}

package import RolloutCore

/// One service's append-only journal, the blobs its entries name, and the lease over it.
package protocol Journal: Sendable {
  /// Every entry after `sequence`, in order: the chain unbroken, and each admissible after the ones before it.
  func entries(after sequence: UInt64) async throws(JournalError) -> [Entry]

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
  /// of different machines.
  func leaseIsLive(epoch: UInt64) async throws(JournalError) -> Bool

  /// The same for people: what is known of the holder.
  func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook

  /// The hash of the chain at an entry: names the whole history up to it.
  func head(at sequence: UInt64) async throws(JournalError) -> Digest

  /// Keeps bytes by content. Durable when it returns; keeping the same bytes twice is one blob.
  func put(_ bytes: [UInt8]) async throws(JournalError) -> Digest

  /// The bytes that `digest` names, checked against it.
  func blob(_ digest: Digest) async throws(JournalError) -> [UInt8]
}

/// How a lease stands, as far as its journal can tell.
package struct LeaseLook: Hashable, Sendable {
  package var isLive: Bool
  /// Until it lapses unless it is renewed, by the journal's clock; zero once it has.
  package var left: TimeSpan?
  /// Whether the process that took it still runs.
  package var holderLives: Bool?

  package init(isLive: Bool, left: TimeSpan? = nil, holderLives: Bool? = nil) {
    self.isLive = isLive
    self.left = left
    self.holderLives = holderLives
  }
}

extension Journal {
  package func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook {
    LeaseLook(isLive: try await leaseIsLive(epoch: epoch))
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

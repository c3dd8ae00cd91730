import ArgumentParser
import RolloutCore
import RolloutEngine

struct VerifyCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Recomputes the journal's chain, its state, and everything that it names by digest.",
    discussion: """
      Prints the journal's head: the number and hash of its last entry. Whoever keeps it elsewhere, as CI can, finds out \
      with --head whether the journal still holds everything that it held then.
      """)

  @OptionGroup var common: CommonOptions
  @Option(
    help: ArgumentHelp(
      "A head that verify printed earlier, and that must still be in the journal.", valueName: "n:hash"))
  var head: PinnedHead?

  private struct Document: Encodable {
    let schema = "rollout/verify/1"
    let entries: Int
    let rollouts: Int
    let blobs: Int
    let snapshots: Int
    let signatures: Int
    /// Rollouts that promoted without signatures to environments whose files ask for them now.
    let unsigned: [String]
    /// As `--head` takes it; `nil` where there is no journal.
    let head: String?
  }

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    guard let journal = try await session.existingJournal() else {
      if let head { throw Self.lost(head, in: session.pipeline.state.title, end: 0) }
      try session.terminal.present(
        "There is no journal yet.",
        Document(entries: 0, rollouts: 0, blobs: 0, snapshots: 0, signatures: 0, unsigned: [], head: nil))
      return .done
    }
    let audit = try await journal.audit()
    let words = try await Self.checkedWords(audit.entries, session, journal)
    try await session.requireNewest(audit.state, journal, await session.look(at: audit.state))
    if let head { try await Self.require(head, in: journal, audit, session.pipeline.state.title) }
    let end = PinnedHead(sequence: audit.state.sequence, hash: audit.head)
    try session.terminal.present(
      Self.text(audit, words, end),
      Document(
        entries: audit.entries.count, rollouts: audit.state.past.count, blobs: audit.blobs,
        snapshots: audit.snapshots, signatures: words.signatures,
        unsigned: words.unsigned, head: end.description))
    return .done
  }

  private static func text(_ audit: JournalAudit, _ words: Words, _ end: PinnedHead) -> String {
    let snapshots =
      audit.snapshots == 0 ? "" : ", \(Figures.counted(audit.snapshots, "snapshot")) as what they are a copy of"
    return "\(audit.entries.count) entries follow one another, \(audit.state.past.count) rollouts end as they must, "
      + "\(audit.blobs) plans, suites and pieces of evidence are what their digests say" + snapshots
      + (words.signatures == 0 ? "." : ", \(Figures.counted(words.signatures, "approval")) signed by whoever gave it.")
      + words.unsigned.map { "\nnot signed, as the files ask now: \($0)" }.joined() + "\nhead \(end)"
  }

  private struct Words {
    var signatures = 0
    var unsigned: [String] = []
  }

  /// That what the entries name is there, and that approvals which had to be signed were.
  private static func checkedWords(
    _ entries: [Entry], _ session: Session, _ journal: any Journal
  ) async throws -> Words {
    let authority = FileAuthority(session)
    let approvals = SignedApprovals(journal: journal, authority: authority)
    var state = LaneState()
    var words = Words()
    for entry in entries {
      let before = state.liveRollout
      try state.apply(entry)
      words.signatures += try await checked(entry, state, approvals)
      if let promotion = await unsigned(entry, before, authority) { words.unsigned.append(promotion) }
      for digest in digests(in: entry.event) { _ = try await journal.blob(digest) }
    }
    return words
  }

  /// `r3 to production`: a rollout that nobody signed for and somebody would have to sign for today. That may be older
  /// than the rule; or it was written by whoever wanted to get round it.
  private static func unsigned(
    _ entry: Entry, _ rollout: RolloutState?, _ authority: FileAuthority
  ) async -> String? {
    guard case .revisionPromoted(let environment, let record) = entry.event, let rollout,
      rollout.stage.approval?.signers == nil,
      let policy = try? await authority.policy(over: record.revision.content.endpoint.name),
      policy.approval?.signers != nil
    else { return nil }
    return "\(rollout.id) to \(environment), entry \(entry.sequence)"
  }

  /// A journal that holds a head holds everything before it: the hash is over all of it.
  private static func require(
    _ head: PinnedHead, in journal: any Journal, _ audit: JournalAudit, _ path: String
  ) async throws {
    guard head.sequence <= audit.state.sequence else { throw lost(head, in: path, end: audit.state.sequence) }
    let found = try await journal.head(at: head.sequence)
    guard found == head.hash else {
      throw CommandFailure(
        .journalCorrupt,
        "entry \(head.sequence) of \(path) is \(found.short)…, and was \(head.hash.short)… when that head was kept: "
          + "what came before it was written anew",
        help: "put the journal back that had that head; nothing was changed")
    }
  }

  private static func lost(_ head: PinnedHead, in path: String, end: UInt64) -> CommandFailure {
    CommandFailure(
      .journalCorrupt,
      "\(path) ends at \(end), and had entry \(head.sequence) when that head was kept: its tail is gone",
      help: "put the newer journal back; nothing was changed")
  }

  /// 1 for a signed approval that is what it says, 0 for anything that is not signed.
  private static func checked(_ entry: Entry, _ state: LaneState, _ approvals: SignedApprovals) async throws -> Int {
    guard case .approvalGranted(let approval) = entry.event, let rollout = state.rollout,
      rollout.stage.approval?.signers != nil
    else { return 0 }
    if let objection = try await approvals.objection(
      toRecorded: approval, at: entry.at, of: rollout, lineage: state.lineage ?? "")
    {
      throw CommandFailure(
        .journalCorrupt, "entry \(entry.sequence), the approval of \(approval.by), is forged: \(objection)",
        help: "find out who wrote it; it moves no traffic. Nothing was changed")
    }
    return 1
  }

  private static func digests(in event: Event) -> [Digest] {
    switch event {
    case .rolloutStarted(_, let plan, let program):
      [plan]
        + program.stages.flatMap(\.steps).flatMap { step in
          if case .smoke(let suites) = step { suites } else { [Digest]() }
        }
    case .evidenceRecorded(let evidence): [evidence.digest]
    default: []
    }
  }
}

/// The end of a journal as it once was: `57:3fa9…`, the number and the hash of an entry.
struct PinnedHead: Hashable, Sendable, CustomStringConvertible {
  var sequence: UInt64
  var hash: Digest

  init(sequence: UInt64, hash: Digest) {
    self.sequence = sequence
    self.hash = hash
  }

  var description: String { "\(sequence):\(hash.hex)" }
}

extension PinnedHead: ExpressibleByArgument {
  /// Reads exactly the form that `description` writes.
  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let sequence = UInt64(parts[0]), sequence > 0, let hash = Digest(hex: String(parts[1]))
    else { return nil }
    self.init(sequence: sequence, hash: hash)
  }
}

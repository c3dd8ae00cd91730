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
    /// As `--head` takes it; `nil` where there is no journal.
    let head: String?
  }

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    guard let journal = try await session.existingJournal() else {
      if let head { throw Self.lost(head, in: session.pipeline.state.path, end: 0) }
      try session.terminal.present(
        "There is no journal yet.",
        Document(entries: 0, rollouts: 0, blobs: 0, snapshots: 0, signatures: 0, head: nil))
      return .done
    }
    let audit = try await journal.audit()
    let signatures = try await Self.checkedWords(audit.entries, session, journal)
    try await session.requireNewest(audit.state, journal)
    if let head { try await Self.require(head, in: journal, audit, session.pipeline.state.path) }
    let end = PinnedHead(sequence: audit.state.sequence, hash: audit.head)
    try session.terminal.present(
      Self.text(audit, signatures, end),
      Document(
        entries: audit.entries.count, rollouts: audit.state.past.count, blobs: audit.blobs,
        snapshots: audit.snapshots, signatures: signatures, head: end.description))
    return .done
  }

  private static func text(_ audit: JournalAudit, _ signatures: Int, _ end: PinnedHead) -> String {
    let snapshots =
      audit.snapshots == 0 ? "" : ", \(Figures.counted(audit.snapshots, "snapshot")) as what they are a copy of"
    return "\(audit.entries.count) entries follow one another, \(audit.state.past.count) rollouts end as they must, "
      + "\(audit.blobs) plans, suites and pieces of evidence are what their digests say" + snapshots
      + (signatures == 0 ? "." : ", \(Figures.counted(signatures, "approval")) signed by whoever gave it.")
      + "\nhead \(end)"
  }

  /// That what the entries name is there, and that approvals which had to be signed were. Returns how many were.
  private static func checkedWords(
    _ entries: [Entry], _ session: Session, _ journal: any Journal
  ) async throws -> Int {
    let approvals = SignedApprovals(journal: journal, authority: FileAuthority(session))
    var state = LaneState()
    var signatures = 0
    for entry in entries {
      try state.apply(entry)
      signatures += try await checked(entry, state, approvals)
      for digest in digests(in: entry.event) { _ = try await journal.blob(digest) }
    }
    return signatures
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
      toRecorded: approval, of: rollout, lineage: state.lineage ?? "")
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

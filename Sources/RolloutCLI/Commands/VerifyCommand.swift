import ArgumentParser
import RolloutCore
import RolloutEngine

struct VerifyCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Recomputes the journal's chain and everything that it names by digest.")

  @OptionGroup var common: CommonOptions

  private struct Document: Encodable {
    let schema = "rollout/verify/1"
    let entries: Int
    let rollouts: Int
    let blobs: Int
    let signatures: Int
  }

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    guard let journal = try await session.existingJournal() else {
      try session.terminal.present(
        "There is no journal yet.", Document(entries: 0, rollouts: 0, blobs: 0, signatures: 0))
      return .done
    }
    let entries = try await journal.entries(after: 0)
    let approvals = SignedApprovals(journal: journal, authority: FileAuthority(session))
    var state = LaneState()
    var blobs = 0
    var signatures = 0
    for entry in entries {
      try state.apply(entry)
      signatures += try await Self.checked(entry, state, approvals)
      for digest in Self.digests(in: entry.event) {
        _ = try await journal.blob(digest)
        blobs += 1
      }
    }
    try session.terminal.present(
      "\(entries.count) entries follow one another, \(state.past.count) rollouts end as they must, "
        + "\(blobs) plans, suites and pieces of evidence are what their digests say"
        + (signatures == 0 ? "." : ", \(Figures.counted(signatures, "approval")) signed by whoever gave it."),
      Document(entries: entries.count, rollouts: state.past.count, blobs: blobs, signatures: signatures))
    return .done
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

import ArgumentParser
import RolloutCore
import RolloutEngine

struct RevokeCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Takes an approval back; a stage that goes on without enough of them is taken back as well.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The rollout, such as r3; the one under way when left out.")
  var rollout: String?
  @Option(help: "Whose approval; your own when left out. One of the approvers may take back another's.")
  var of: String?
  @Option(help: "Why; kept in the journal.")
  var comment: String?

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    let (journal, meant) = try await session.liveRollout(rollout)
    let approver = of ?? session.actor.name
    guard let gate = meant.gate?.position else { throw CommandFailure(ApprovalRefusal.noGate) }
    let appended = try await journal.append(by: session.actor) { state in
      guard let live = state.liveRollout, live.id == meant.id else { throw CommandFailure(ApprovalRefusal.noGate) }
      let name = session.actor.name
      if let refusal = live.revocationRefusal(gate, of: approver, by: name, at: wallTime()) {
        throw CommandFailure(refusal)
      }
      return [.approvalRevoked(rollout: live.id, gate: gate, of: approver, comment: comment)]
    }
    guard appended.state.rollout?.isUnwinding == true else {
      return try session.present("Taken back. Rollout \(meant.id) waits for approval again.", appended)
    }
    let status = try await Driving(session, journal).run(.turn, after: appended)
    // For whoever takes the approval back, a rollout that is taken back is the thing asked for.
    return status == .rolledBack ? .done : status
  }
}

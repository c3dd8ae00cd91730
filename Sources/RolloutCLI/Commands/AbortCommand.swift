import ArgumentParser
import RolloutCore
import RolloutEngine

struct AbortCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "abort", abstract: "Turns the running rollout round; the stage under way goes back to what it was.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The rollout, such as r3; the one under way when left out.")
  var rollout: String?
  @Option(help: "Why; kept in the journal.")
  var reason = ""

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    let (journal, meant) = try await session.liveRollout(rollout)
    // Again and again until it is in: from then on no forward step can be written.
    let appended = try await journal.append(by: session.actor) { state in
      guard let live = state.liveRollout, live.id == meant.id, live.mode == .forward || live.isUnwinding else {
        return []
      }
      return [.abortRequested(rollout: live.id, reason: reason, isRollback: false)]
    }
    if appended.state.rollout(named: meant.id)?.outcome == .promoted {
      throw CommandFailure(
        .failed, "rollout \(meant.id) was promoted already", help: "take it back: rollout rollback ENVIRONMENT")
    }
    try await session.reconcile(journal)
    return try await Turning(session, journal).finish(appended)
  }
}

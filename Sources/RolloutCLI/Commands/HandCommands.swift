import ArgumentParser
import RolloutCore
import RolloutEngine

struct PauseCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Holds the running rollout where it is; alarms still take it back.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The rollout; the one under way when left out.")
  var rollout: String?
  @Option(help: "Why; kept in the journal.")
  var reason = ""

  func perform() async throws -> ExitStatus {
    try await Session(common).hand(rollout, done: "Paused. `rollout resume` goes on.") {
      .holdSet(rollout: $0.id, reason: reason)
    }
  }
}

struct ResumeCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Lets a paused or quarantined rollout go on.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The rollout; the one under way when left out.")
  var rollout: String?
  @Option(help: "What was done about it; kept in the journal.")
  var comment = ""

  func perform() async throws -> ExitStatus {
    try await Session(common).hand(rollout, done: "Goes on.") {
      if case .quarantined = $0.mode { return .operatorResolved(rollout: $0.id, comment: comment) }
      return .holdCleared(rollout: $0.id)
    }
  }
}

struct PromoteCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Ends the bake under way early and goes on with the next step.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The rollout; the one under way when left out.")
  var rollout: String?

  func perform() async throws -> ExitStatus {
    try await Session(common).hand(rollout, done: "The bake ends now.") {
      .bakeSkipped(rollout: $0.id, at: $0.position)
    }
  }
}

extension Session {
  /// Appends one event by a person about the running rollout, or says why it may not follow.
  fileprivate func hand(
    _ id: String?, done: String, _ event: @Sendable (RolloutState) -> Event
  ) async throws -> ExitStatus {
    let (journal, _) = try await liveRollout(id)
    try await journal.append(by: actor) { state in
      guard let live = state.liveRollout else { throw CommandFailure(.failed, "it has just ended") }
      let wish = event(live)
      if let refusal = state.admits([wish], by: actor, epoch: nil, at: wallTime()) {
        throw CommandFailure(.failed, refusal.description, help: "see: rollout status")
      }
      return [wish]
    }
    terminal.say(done)
    return .done
  }
}

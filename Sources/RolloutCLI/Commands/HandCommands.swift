import ArgumentParser
import RolloutCore
import RolloutEngine

struct PauseCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Holds the running rollout where it is; alarms still take it back.",
    discussion: """
      On SageMaker nothing is begun any more. A deployment that has begun there goes on by itself, up to all the traffic; \
      'rollout abort' takes it back.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The rollout; the one under way when left out.")
  var rollout: String?
  @Option(help: "Why; kept in the journal.")
  var reason = ""

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    let (journal, live) = try await session.liveRollout(rollout)
    let paused = try await session.write(.holdSet(rollout: live.id, reason: reason), about: live, journal)
    return try session.present("Paused. `rollout resume` goes on.", paused)
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
    let session = try Session(common)
    let (journal, live) = try await session.liveRollout(rollout)
    if case .quarantined = live.mode {
      let resolved = try await session.write(
        .operatorResolved(rollout: live.id, comment: comment), about: live, journal)
      // Nobody drives what is quarantined, so whoever resolves it does.
      session.terminal.say("Rollout \(live.id) is taken back further, from here.")
      return try await Turning(session, journal).finish(resolved)
    }
    let cleared = try await session.write(.holdCleared(rollout: live.id), about: live, journal)
    return try session.present(try await whoGoesOn(cleared.state, journal), cleared)
  }

  private func whoGoesOn(_ state: LaneState, _ journal: any Journal) async throws -> String {
    if let lease = state.lease, try await journal.leaseIsLive(epoch: lease.epoch) {
      return "\(lease.holder.title) goes on with it."
    }
    let runtime = state.liveRollout?.isLocal == true ? ", or the runtime in a few seconds if it runs" : ""
    return "Nobody leads it now: `rollout apply` goes on with it\(runtime)."
  }
}

struct PromoteCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Ends the bake under way early and goes on with the next step.",
    discussion: "Not on SageMaker, which waits by itself as long as the deployment said when it began.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The rollout; the one under way when left out.")
  var rollout: String?

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    let (journal, live) = try await session.liveRollout(rollout)
    guard !live.isUnwinding, live.program.stages[live.position.stage].steps.indices.contains(live.position.step) else {
      throw CommandFailure(.failed, "rollout \(live.id) has turned round", help: "see: rollout status")
    }
    let stage = live.program.stages[live.position.stage]
    guard stage.revision.content.sageMaker == nil else {
      throw CommandFailure(
        .failed, "\(stage.endpoint) is on SageMaker, whose waits cannot be ended early",
        help: "let it go on, or take it back: rollout abort")
    }
    let skipped = try await session.write(
      .bakeSkipped(rollout: live.id, at: live.position), about: live, journal)
    return try session.present("Ended early: \(live.program[live.position].name).", skipped)
  }
}

extension Session {
  /// Appends one event by a person about the rollout they saw, or says why it may not follow. What they wanted of one
  /// rollout is never done to another, nor to a later step of it.
  fileprivate func write(
    _ wish: Event, about seen: RolloutState, _ journal: any Journal
  ) async throws -> Appended {
    try await journal.append(by: actor) { state in
      guard let live = state.liveRollout, live.id == seen.id else {
        throw CommandFailure(.failed, "rollout \(seen.id) has just ended", help: "see: rollout history")
      }
      if case .bakeSkipped(_, let position) = wish, position != live.position {
        throw CommandFailure(
          .failed, "rollout \(seen.id) has just left that step", help: "look again: rollout status")
      }
      if let refusal = state.admits([wish], by: actor, epoch: nil, at: wallTime()) {
        throw CommandFailure(.failed, refusal.description, help: "see: rollout status")
      }
      return [wish]
    }
  }
}

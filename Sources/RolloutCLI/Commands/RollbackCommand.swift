import ArgumentParser
import RolloutCore
import RolloutEngine

struct RollbackCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Takes an environment back to the last good revision, now.",
    discussion: """
      Needs no registry, no staging and no approval, and takes a running rollout from whoever drives it.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The environment, such as production.")
  var environment: String
  @Option(help: "The number of a revision that was live before.")
  var to: Int?
  @Option(help: "Why; kept in the journal.")
  var reason = ""

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    guard let journal = try await session.existingJournal() else {
      throw CommandFailure(.failed, "nothing was ever rolled out here", help: "start with: rollout plan")
    }
    guard session.pipeline.stages.contains(environment) else {
      throw CommandFailure(
        .usage, "there is no environment '\(environment)'",
        help: "it is one of: \(session.pipeline.stages.joined(separator: ", "))")
    }
    var state = try await journal.state()
    if let live = state.liveRollout {
      let turn = Turning(session, journal)
      let isHere = live.stage.environment == environment && live.needsUndo
      if live.mode == .forward { try await turn.ask(live.id, reason: reason, isRollback: isHere) }
      let status = try await turn.finish()
      guard status == .done else { return status }
      state = try await journal.state()
      if isHere, to == nil || to == state.environments[environment]?.live?.number { return .done }
    }
    try await journal.append(by: session.actor) { state in
      guard state.liveRollout == nil else {
        throw CommandFailure(.someoneElseLeads, "a rollout was started just now", help: "run the command again")
      }
      let record = try target(in: state)
      return [
        .rollbackStarted(
          id: "r\(state.rolloutsStarted + 1)", environment: environment,
          endpoint: record.revision.content.endpoint.name, to: record, reason: reason)
      ]
    }
    return try await Turning(session, journal).finish()
  }

  private func target(in state: LaneState) throws -> RevisionRecord {
    let here = state.environments[environment] ?? EnvironmentState()
    guard let to else {
      if let previous = here.previous { return previous }
      throw CommandFailure(
        .failed, "\(environment) has no revision to go back to",
        help: here.revisions.isEmpty ? "nothing was ever live there" : "only revision 1 was ever live there")
    }
    guard let record = here.revisions.first(where: { $0.number == to }) else {
      let known = here.revisions.map { "\($0.number)" }.joined(separator: ", ")
      throw CommandFailure(
        .failed, "\(environment) never had a revision \(to)", help: known.isEmpty ? nil : "it had: \(known)")
    }
    return record
  }
}

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
    let (journal, live) = try await session.liveRollout(rollout)
    let turn = Turning(session, journal)
    if live.mode == .forward { try await turn.ask(live.id, reason: reason, isRollback: false) }
    return try await turn.finish()
  }
}

/// Turns rollouts round without waiting for anybody's lock.
struct Turning {
  let session: Session
  let journal: any Journal

  init(_ session: Session, _ journal: any Journal) {
    self.session = session
    self.journal = journal
  }

  /// Appends the wish, again and again until it is in: from then on no forward step can be written.
  func ask(_ id: String, reason: String, isRollback: Bool) async throws {
    try await journal.append(by: session.actor) { state in
      guard let live = state.liveRollout, live.id == id, live.mode == .forward else { return nil }
      return [.abortRequested(rollout: id, reason: reason, isRollback: isRollback)]
    }
  }

  /// Drives the turn to its end. A rollout that went back is what was asked for.
  func finish() async throws -> ExitStatus {
    let status = try await Driving(session, journal).run(.turn)
    return [.rolledBack, .failed, .rejected].contains(status) ? .done : status
  }
}

extension Session {
  /// The rollout under way, if it is the one that was named.
  func liveRollout(_ id: String?) async throws -> (any Journal, RolloutState) {
    guard let journal = try await existingJournal(), let live = try await journal.state().liveRollout,
      id == nil || id == live.id
    else {
      throw CommandFailure(
        .failed, id.map { "rollout \($0) is not under way" } ?? "no rollout is under way", help: "see: rollout history")
    }
    return (journal, live)
  }
}

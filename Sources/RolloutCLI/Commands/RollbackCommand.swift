import ArgumentParser
import RolloutCore
import RolloutEngine

struct RollbackCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Takes an environment back to the last good revision, now.",
    discussion: """
      Needs no registry, no staging and no approval, and takes a running rollout from whoever drives it.

      With --emergency it needs no journal either, nor valid files: the runtime takes the canary away, or puts the \
      version back that is still warm, and then obeys nobody until the journal has been told.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The environment, such as production.")
  var environment: String
  @Option(help: "The number of a revision that was live before.")
  var to: Int?
  @Option(help: "Why; kept in the journal.")
  var reason = ""
  @Flag(help: "Straight at the runtime, when the journal cannot be read or written.")
  var emergency = false
  @Option(help: ArgumentHelp("With --emergency: the endpoint; the environment's when left out.", valueName: "name"))
  var endpoint: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("With --emergency: the runtime's directory; the pipeline's when left out.", valueName: "path"))
  var runtime: [String] = []

  func validate() throws {
    if emergency, to != nil {
      throw ValidationError("an emergency rollback goes to the version before; --to needs the journal")
    }
    if !emergency, endpoint != nil || !runtime.isEmpty {
      throw ValidationError("--endpoint and --runtime belong to --emergency")
    }
  }

  func perform() async throws -> ExitStatus {
    if emergency {
      return try await EmergencyRollback(
        common: common, environmentName: environment, reason: reason, endpoint: endpoint, runtimes: runtime
      ).perform()
    }
    let session = try readable()
    guard session.pipeline.stages.contains(environment) else {
      throw CommandFailure(
        .usage, "there is no environment '\(environment)'",
        help: "it is one of: \(session.pipeline.stages.joined(separator: ", "))")
    }
    guard let journal = try await session.existingJournal() else {
      throw CommandFailure(
        .failed, "nothing was ever rolled out here: there is no journal at \(session.pipeline.state.path)",
        help: "if it is lost and users suffer: rollout rollback \(environment) --emergency")
    }
    try await session.reconcile(journal)
    let turning = Turning(session, journal)
    var turned: String?
    while true {
      let appended = try await journal.append(by: session.actor) { state in
        events(for: state.rollback(of: environment, to: to, after: turned))
      }
      switch appended.before.rollback(of: environment, to: to, after: turned) {
      case .refuse(let refusal):
        throw CommandFailure(refusal, environment)
      case .isThere(let record):
        let title = record.map { "revision \($0.number) (\($0.revision.content.model.title))" } ?? "nothing"
        session.terminal.say("In \(environment), \(title) is live.")
        return .done
      case .start:
        return try await turning.finish(appended)
      case .turn(let id, let settles), .finish(let id, let settles):
        if settles { turned = id }
        let status = try await turning.finish(appended)
        guard status == .done else { return status }
      }
    }
  }

  /// Files that are wrong must not be the end of it.
  private func readable() throws -> Session {
    do {
      return try Session(common)
    } catch {
      var failure = CommandFailure(error)
      failure.help =
        "mend it; or, if users suffer meanwhile, without these files: rollout rollback \(environment) --emergency"
      throw failure
    }
  }

  private func events(for decision: RollbackDecision) -> [Event] {
    switch decision {
    case .turn(let id, let settles): [.abortRequested(rollout: id, reason: reason, isRollback: settles)]
    case .start(let id, let record):
      [
        .rollbackStarted(
          id: id, environment: environment, endpoint: record.revision.content.endpoint.name, to: record,
          reason: reason)
      ]
    case .finish, .isThere, .refuse: []
    }
  }
}

extension CommandFailure {
  fileprivate init(_ refusal: RollbackRefusal, _ environment: String) {
    switch refusal {
    case .neverLive:
      self.init(
        .failed, "\(environment) has no revision to go back to", help: "nothing was ever live there: rollout status")
    case .onlyOneRevision(let number):
      self.init(
        .failed, "\(environment) has no revision to go back to", help: "only revision \(number) was ever live there")
    case .unknownRevision(let number, let known):
      self.init(
        .failed, "\(environment) never had a revision \(number)",
        help: "it had: \(known.map(String.init).joined(separator: ", "))")
    }
  }
}

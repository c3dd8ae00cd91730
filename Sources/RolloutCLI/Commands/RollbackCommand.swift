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
      version back that is still warm, and then obeys nobody until the journal has been told. On SageMaker, the \
      deployment under way is taken back by SageMaker itself; what has all the traffic already stays.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: "The environment, such as production.")
  var environment: String
  @Option(help: "The number of a revision that was live before.")
  var to: Int?
  @Option(help: "Why; kept in the journal.")
  var reason = ""
  @Flag(help: "Straight at the runtime or at SageMaker, when the journal cannot be read or written.")
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
    do { return try await takeBack() } catch {
      var failure = CommandFailure(error)
      guard [.journalCorrupt, .storageUnavailable].contains(failure.status) else { throw error }
      let way = "if users suffer meanwhile, without it: rollout rollback \(environment) --emergency"
      if failure.help?.contains("--emergency") != true { failure.help = failure.help.map { "\($0); \(way)" } ?? way }
      throw failure
    }
  }

  private func takeBack() async throws -> ExitStatus {
    let session = try readable()
    guard session.pipeline.stages.contains(environment) else {
      throw CommandFailure(
        .usage, "there is no environment '\(environment)'",
        help: "it is one of: \(session.pipeline.stages.joined(separator: ", "))")
    }
    guard let journal = try await session.existingJournal() else {
      throw CommandFailure(
        .failed, "nothing was ever rolled out here: there is no journal at \(session.pipeline.state.title)",
        help: "if it is lost and users suffer: rollout rollback \(environment) --emergency")
    }
    let turning = Turning(session, journal)
    var turned: String?
    var isReconciled = false
    while true {
      let appended = try await journal.append(by: session.actor) { state in
        events(for: state.rollback(of: environment, to: to, after: turned))
      }
      // First it is written down, then the endpoints are asked: one that does not answer takes seconds to be given up.
      if !isReconciled {
        isReconciled = true
        try await session.reconcile(journal)
        if appended.entries.isEmpty { continue }
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
    // Turned already, it is asked for again: whoever leads the turn may sleep.
    case .turn(let id, let settles), .finish(let id, let settles):
      [.abortRequested(rollout: id, reason: reason, isRollback: settles)]
    case .start(let id, let record):
      [
        .rollbackStarted(
          id: id, environment: environment, endpoint: record.revision.content.endpoint.name, to: record,
          reason: reason)
      ]
    case .isThere, .refuse: []
    }
  }
}

extension CommandFailure {
  fileprivate init(_ refusal: RollbackRefusal, _ environment: String) {
    switch refusal {
    case .neverLive:
      self.init(
        .failed, "\(environment) has no revision to go back to", help: "nothing was ever live there: rollout status")
    case .onlyOneRevision(let number, let others):
      let known = others.map(String.init).joined(separator: " or ")
      self.init(
        .failed, "\(environment) has no revision to go back to",
        help: others.isEmpty
          ? "only revision \(number) was ever live there"
          : "revision \(number) is live, and whatever came after it was taken back; to have that all the same: "
            + "rollout rollback \(environment) --to \(known)")
    case .unknownRevision(let number, let known):
      self.init(
        .failed, "\(environment) never had a revision \(number)",
        help: "it had: \(known.map(String.init).joined(separator: ", "))")
    }
  }
}

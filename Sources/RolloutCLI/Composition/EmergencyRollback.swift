import FoundationEssentials
import RolloutAWS
import RolloutCore
import RolloutEngine
import RolloutRuntime
import RolloutSpec

/// A rollback that asks neither the journal nor the pipeline's files for leave: straight at the runtimes' sockets.
struct EmergencyRollback {
  let common: CommonOptions
  let environmentName: String
  let reason: String
  let endpoint: String?
  /// Directories of runtimes; none: the pipeline's, or the place where one is by default.
  let runtimes: [String]

  private let variables = ProcessInfo.processInfo.environment

  func perform() async throws -> ExitStatus {
    let terminal = Terminal(format: common.format, environment: variables)
    let specs = SpecLoader(environment: variables).load(directory: common.environments)
    let pipeline = SpecLoader(environment: variables).loadPipeline(directory: common.environments).pipeline
    if runtimes.isEmpty, let spec = specs.specs?.environment(environmentName), let place = spec.target.sageMaker {
      return try await onSageMaker(endpoint ?? spec.endpoint.name, place, terminal)
    }
    let request = EmergencyRequest(
      id: "e" + String(UInt64.random(in: 1 << 32..<1 << 40), radix: 16), environment: environmentName,
      by: Actor.current(variables).name, reason: reason)
    var answers: [EmergencyView.Answer] = []
    var failures: [CommandFailure] = []
    for path in try places(pipeline) {
      do {
        let target = LocalTarget(path: path)
        let name = try await endpointName(specs.specs, at: target, path)
        answers.append(EmergencyView.Answer(runtime: path, try await target.revert(name, request)))
      } catch { failures.append(CommandFailure(error)) }
    }
    if terminal.isForPrograms {
      terminal.print(try EmergencyView.json(answers))
    } else {
      for answer in answers { terminal.print(EmergencyView.text(answer, style: Style(terminal))) }
    }
    for answer in answers {
      guard let trouble = answer.outcome.notKept else { continue }
      Terminal.complain("warning: the seal is not on disk yet and holds only while the runtime lives: \(trouble)")
    }
    for failure in failures.dropLast() { Terminal.complain("error: \(failure.message)") }
    if let pipeline, let answer = answers.first, answer.outcome.isNew {
      await WebhookNotifier(pipeline.notify, environment: variables).notify(
        .rolledBack, EmergencyView.notice(answer))
    }
    if let failure = failures.last { throw failure }
    return .done
  }

  /// A deployment under way is taken back by SageMaker itself. What all users have already can only be replaced by
  /// deploying the version before, which the journal knows.
  private func onSageMaker(_ name: String, _ place: SageMakerSpec, _ terminal: Terminal) async throws -> ExitStatus {
    let client = try AWSAccess(variables).client(place.region)
    let outcome = try await SageMakerEmergency(client, endpoint: name, stack: place.stack).perform { activity in
      terminal.say("SageMaker was told to go back: \(Printable.line(activity))")
    }
    let help = "the version before is deployed again once the journal can be read: rollout rollback \(environmentName)"
    switch outcome {
    case .tookBack(let configuration):
      try terminal.present(
        "\(name) is on \(configuration), as before. The journal learns of it from the next: rollout apply",
        ["endpoint": name, "configuration": configuration])
      return .done
    case .cameTooLate(let configuration):
      throw CommandFailure(
        .failed, "SageMaker was told too late: the deployment is over, and \(name) serves \(configuration)", help: help)
    case .isAtRest(let status, let configuration):
      throw CommandFailure(
        .failed,
        "nothing is being deployed to \(name), which is \(status) on \(configuration): SageMaker has nothing to take back",
        help: help)
    case .isMissing:
      throw CommandFailure(
        .failed, "there is no endpoint \(name) in \(place.region)", help: "name the right one with --endpoint")
    }
  }

  private func places(_ pipeline: Pipeline?) throws -> [String] {
    guard runtimes.isEmpty else { return runtimes.map { URL(fileURLWithPath: $0).standardizedFileURL.path } }
    if let pipeline { return [pipeline.runtime.path] }
    let usual = URL(fileURLWithPath: common.environments).standardizedFileURL.deletingLastPathComponent()
      .appendingPathComponent(".rollout/runtime").path
    guard FileManager.default.fileExists(atPath: usual) else {
      throw CommandFailure(
        .usage, "\(common.environments)/pipeline.yaml does not say where the runtime is, and there is none in \(usual)",
        help: "name its directory: rollout rollback \(environmentName) --emergency --runtime PATH")
    }
    Terminal.complain("warning: \(common.environments)/pipeline.yaml cannot be read; using the runtime in \(usual)")
    return [usual]
  }

  /// What was named, what the environment's file says, or what the runtime has under the environment's name.
  private func endpointName(_ specs: Specs?, at target: LocalTarget, _ path: String) async throws -> String {
    if let endpoint { return endpoint }
    if let spec = specs?.environment(environmentName) { return spec.endpoint.name }
    let known = try await target.status().endpoints.map(\.name)
    if known.contains(environmentName) { return environmentName }
    let help = known.isEmpty ? "it has none" : "name it with --endpoint; it has: \(known.joined(separator: ", "))"
    throw CommandFailure(
      .usage, "which endpoint of the runtime in \(path) is \(environmentName)'s is not known", help: help)
  }
}

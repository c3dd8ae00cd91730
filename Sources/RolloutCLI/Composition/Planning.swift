import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutRegistry
import RolloutRuntime

/// Makes plans: reads files, registry, journal and targets, then lets the planner decide.
final class Planning {
  let session: Session
  let environments: [EnvironmentSpec]
  let retry: Bool
  private(set) var lane: LaneState?

  init(_ common: CommonOptions, retry: Bool) throws {
    let (session, environments) = try SpecFiles.load(common)
    self.session = session
    self.environments = environments
    self.retry = retry
  }

  func plan() async throws -> SavedPlan {
    let lane = try await session.state()
    self.lane = lane
    let inputs = PlanInputs(
      pipeline: session.pipeline, environments: environments,
      packages: try await session.registry.packages(in: session.group), group: session.group,
      registryPath: session.pipeline.registry.path, lane: lane,
      world: try await world(), retry: retry, digestOfContent: Self.digest, digestOfSuite: Self.digest)
    switch inputs.plan() {
    case .plan(let plan): return try SavedPlan(try await previewed(plan))
    case .problems(let problems):
      throw CommandFailure(.failed, PlanView.problems(problems, style: Style(session.terminal)))
    }
  }

  /// A plan over a runtime that runs: what it serves is part of what is, and what it has forgotten is deployed again.
  func planServing() async throws -> SavedPlan {
    let plan = try await plan()
    let control = LocalRuntimeControl(session)
    if await control.process.isRunning || !needsRuntime { return plan }
    try await control.ensureRunning()
    return try await self.plan()
  }

  /// Why a saved plan may not be applied any more; empty when it may. What does not answer could not be compared, so
  /// that a plan is only good over a runtime that runs; none is started for one that is stale anyway.
  func staleness(of plan: Plan) async throws -> [String] {
    let reasons = try await reasons(against: plan)
    let control = LocalRuntimeControl(session)
    guard reasons.isEmpty, needsRuntime, await !control.process.isRunning else { return reasons }
    try await control.ensureRunning()
    return try await self.reasons(against: plan)
  }

  private func reasons(against plan: Plan) async throws -> [String] {
    plan.staleness(
      lane: try await session.state(), world: try await world(),
      packages: try await session.registry.packages(in: session.group))
  }

  private var needsRuntime: Bool { environments.contains { $0.target.sageMaker == nil } }

  /// What every endpoint serves, all asked at once; nothing is started for it. A runtime that does not run is left out;
  /// AWS is always there, and says why it does not answer.
  private func world() async throws -> [String: EndpointObservation] {
    let targets = try session.targets(of: LaneState(), and: environments)
    let seen = await withTaskGroup(of: Glance.self) { group in
      for environment in environments {
        let name = environment.endpoint.name
        group.addTask { Glance(endpoint: name, result: await targets.glanced(name)) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    var world: [String: EndpointObservation] = [:]
    for glance in seen {
      switch glance.result {
      case .success(let observation): world[glance.endpoint] = observation
      case .failure(let error):
        guard targets.onSageMaker(glance.endpoint) == nil else { throw error }
      }
    }
    return world
  }

  private struct Glance {
    var endpoint: String
    var result: Result<EndpointObservation, TargetError>
  }

  private static func digest(_ value: some Encodable) -> Digest {
    do {
      return try CanonicalJSON.digest(value)
    } catch {
      preconditionFailure("values that were read from files can be written as JSON: \(error)")
    }
  }
}

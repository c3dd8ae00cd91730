import RolloutAWS
import RolloutCore
import RolloutEngine
import RolloutRuntime

/// What becomes of endpoints that another journal commanded: one that is lost, or one that is somewhere else.
struct Adoption {
  let session: Session
  let environments: [EnvironmentSpec]

  /// Says what to do about endpoints that would refuse every order of this journal.
  func requireOwn(_ lineage: String?) async throws {
    for environment in environments {
      guard let observation = await look(at: environment), let own = observation.lineage, own != lineage else {
        continue
      }
      throw CommandFailure(
        .someoneElseLeads,
        "\(environment.endpoint.name) obeys another journal than \(session.pipeline.state.title)",
        help: "put its journal back there; if that is lost for good, begin a new one: rollout apply --adopt")
    }
  }

  /// Gives them all to this journal, and tells it first what they serve, so that there is something to go back to.
  func run(_ journal: any Journal) async throws {
    if environments.contains(where: { $0.target.sageMaker == nil }) {
      try await LocalRuntimeControl(session).ensureRunning()
    }
    let lineage = try await journal.state().lineage ?? ""
    for environment in environments {
      guard let observation = await look(at: environment), let own = observation.lineage, own != lineage else {
        continue
      }
      let name = environment.endpoint.name
      if let served = try await served(by: environment) {
        try await journal.append(by: session.actor) { state in
          guard state.environments[environment.name]?.live == nil else { return [] }
          return [.revisionAdopted(environment: environment.name, record: RevisionRecord(number: 1, revision: served))]
        }
      }
      if let spec = environment.target.sageMaker {
        try await session.sageMaker(name, spec).adopt(by: lineage, expecting: observation.fence)
      } else {
        try await LocalRuntimeControl(session).observer.commanded(by: lineage)
          .adopt(name, by: lineage, expecting: observation.fence)
      }
      session.terminal.say("\(name) obeys this journal from now on.")
    }
    try await session.reconcile(journal)
  }

  private func served(by environment: EnvironmentSpec) async throws -> Revision? {
    let name = environment.endpoint.name
    if let spec = environment.target.sageMaker { return try await session.sageMaker(name, spec).served() }
    return try await LocalRuntimeControl(session).observer.served(by: name)
  }

  private func look(at environment: EnvironmentSpec) async -> EndpointObservation? {
    do {
      return try await session.targets(of: LaneState(), and: [environment])
        .observe(environment.endpoint.name, fence: nil)
    } catch { return nil }
  }
}

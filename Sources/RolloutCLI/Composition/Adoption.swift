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
        "\(environment.endpoint.name) obeys another journal than \(session.pipeline.state.path)",
        help: "put its journal back there; if that is lost for good, begin a new one: rollout apply --adopt")
    }
  }

  /// Gives them all to this journal, and tells it first what they serve, so that there is something to go back to.
  func run(_ journal: any Journal) async throws {
    try await LocalRuntimeControl(session).ensureRunning()
    let lineage = try await journal.state().lineage ?? ""
    let target = LocalRuntimeControl(session).observer.commanded(by: lineage)
    for environment in environments {
      guard let observation = await look(at: environment), let own = observation.lineage, own != lineage else {
        continue
      }
      let name = environment.endpoint.name
      if let served = try await target.served(by: name) {
        try await journal.append(by: session.actor) { state in
          guard state.environments[environment.name]?.live == nil else { return [] }
          return [.revisionAdopted(environment: environment.name, record: RevisionRecord(number: 1, revision: served))]
        }
      }
      try await target.adopt(name, by: lineage, expecting: observation.fence)
      session.terminal.say("\(name) obeys this journal from now on.")
    }
    try await session.reconcile(journal)
  }

  private func look(at environment: EnvironmentSpec) async -> EndpointObservation? {
    do {
      return try await LocalRuntimeControl(session).observer.observe(environment.endpoint.name, fence: nil)
    } catch { return nil }
  }
}

extension Session {
  /// An older copy that was put in the journal's place would have its orders refused one after the other. Nobody else's
  /// journal has the same lineage, so an endpoint that obeyed an entry which is not there tells the two apart.
  func requireNewest(_ state: LaneState, _ journal: any Journal) async throws {
    for endpoint in state.endpoints {
      guard let seen = await look(at: endpoint), seen.lineage == state.lineage, seen.fence > state.sequence else {
        continue
      }
      // Somebody may have written, and been obeyed, since this was read.
      let now = try await journal.state().sequence
      guard seen.fence > now else { continue }
      let path = pipeline.state.path
      throw CommandFailure(
        .journalCorrupt,
        "\(endpoint) has obeyed entry \(seen.fence) of \(path), which ends at \(now): it is an older copy",
        help: "put the newer one back; if that is lost for good: mv \(path) \(path).old && rollout apply --adopt")
    }
  }

  private func look(at endpoint: String) async -> EndpointObservation? {
    do { return try await LocalRuntimeControl(self).observer.observe(endpoint, fence: nil) } catch { return nil }
  }

  /// Tells the journal of rollbacks of last resort and breaks their seals: the first thing that whoever drives does.
  @discardableResult
  func reconcile(_ journal: any Journal) async throws -> [Emergency] {
    let state = try await journal.state()
    try await requireNewest(state, journal)
    let found = try await Reconciliation(
      journal: journal, target: LocalRuntimeControl(self).observer.commanded(by: state.lineage),
      notifier: WebhookNotifier(pipeline.notify, environment: environment), actor: actor, now: wallTime
    ).run(state)
    for emergency in found {
      Terminal.complain(
        "The journal now knows of the emergency rollback \(emergency.id) of \(emergency.environment) "
          + "by \(emergency.by) at \(emergency.at); its seal is broken.")
    }
    return found
  }
}

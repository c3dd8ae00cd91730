import RolloutCore
import RolloutEngine
import RolloutRuntime

extension Session {
  /// What the endpoints of this journal show now.
  func look(at state: LaneState) async throws -> EndpointsSeen {
    await EndpointsSeen(state.endpoints, at: try targets(of: state))
  }

  /// An older copy that was put in the journal's place would have its orders refused one after the other. Nobody else's
  /// journal has the same lineage, so an endpoint that obeyed an entry which is not there tells the two apart.
  func requireNewest(_ state: LaneState, _ journal: any Journal, _ seen: EndpointsSeen) async throws {
    for endpoint in state.endpoints {
      guard let seen = seen[endpoint], seen.lineage == state.lineage, seen.fence > state.sequence else { continue }
      // Somebody may have written, and been obeyed, since this was read.
      let now = try await journal.state().sequence
      guard seen.fence > now else { continue }
      let path = pipeline.state.title
      throw CommandFailure(
        .journalCorrupt,
        "\(endpoint) has obeyed entry \(seen.fence) of \(path), which ends at \(now): it is an older copy",
        help: "put the newer one back; if that is lost for good: mv \(path) \(path).old && rollout apply --adopt")
    }
  }

  /// Tells the journal of rollbacks of last resort and breaks their seals: what whoever drives does first. Whoever turns a
  /// rollout round writes that down before: an endpoint that does not answer takes seconds to be given up.
  @discardableResult
  func reconcile(_ journal: any Journal) async throws -> [Emergency] {
    let state = try await journal.state()
    let seen = try await look(at: state)
    try await requireNewest(state, journal, seen)
    let outcome = try await Reconciliation(
      journal: journal, target: try targets(of: state, commandedBy: state.lineage),
      notifier: WebhookNotifier(pipeline.notify, environment: environment), actor: actor, now: wallTime
    ).run(state, seen)
    for emergency in outcome.told {
      Terminal.complain(
        "The journal now knows of the emergency rollback \(emergency.id) of \(emergency.environment) "
          + "by \(emergency.by) at \(emergency.at); its seal is broken.")
    }
    for (endpoint, trouble) in outcome.troubles.sorted(by: { $0.key < $1.key }) {
      Terminal.complain("warning: \(endpoint) is still sealed: \(trouble.message)")
    }
    return outcome.told
  }
}

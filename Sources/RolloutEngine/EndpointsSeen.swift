package import RolloutCore

/// What the endpoints of a journal showed at one look, by name. One that did not answer is not in it: what cannot be
/// asked cannot be commanded either, and must not hold up what concerns another.
package struct EndpointsSeen: Sendable {
  private var observations: [String: EndpointObservation] = [:]

  /// Asks all at once.
  package init(_ endpoints: [String], at target: any Target) async {
    await withTaskGroup(of: Sight.self) { group in
      for endpoint in endpoints {
        group.addTask { Sight(endpoint: endpoint, observation: await Self.look(at: endpoint, target)) }
      }
      for await sight in group { observations[sight.endpoint] = sight.observation }
    }
  }

  private struct Sight {
    var endpoint: String
    var observation: EndpointObservation?
  }

  private static func look(at endpoint: String, _ target: any Target) async -> EndpointObservation? {
    do { return try await target.observe(endpoint, fence: nil) } catch { return nil }
  }

  package subscript(endpoint: String) -> EndpointObservation? { observations[endpoint] }

  /// The seal that this journal has to be told of: an endpoint of another journal has its emergencies recorded there.
  package func seal(of endpoint: String, for state: LaneState) -> Emergency? {
    guard let seen = observations[endpoint], seen.lineage == nil || seen.lineage == state.lineage else { return nil }
    return seen.seal
  }
}

import NIOCore
import RolloutCore
import RolloutRouter
import Synchronization
import Testing

/// Keeps every record, in the order in which requests ended.
final class RecordingSink: RequestSink {
  private let state = Mutex<(records: [RequestRecord], refusals: Int)>(([], 0))

  var records: [RequestRecord] { state.withLock { $0.records } }
  var refusals: Int { state.withLock { $0.refusals } }

  func record(_ record: RequestRecord) { state.withLock { $0.records.append(record) } }
  func recordRefusal(endpoint: String) { state.withLock { $0.refusals += 1 } }
}

/// A running router and what it needs to be tested.
struct RouterFixture: Sendable {
  let router: Router
  let sink: RecordingSink

  /// Patient with models that a busy machine keeps from accepting a connection in time.
  static var limits: RouterLimits {
    var limits = RouterLimits()
    limits.connectTimeout = .seconds(20)
    return limits
  }

  static let revision = Digest(hex: String(repeating: "a", count: 64))!

  static func with<T>(
    limits: RouterLimits = Self.limits, _ body: (RouterFixture) async throws -> T
  ) async throws -> T {
    let sink = RecordingSink()
    let router = try await Router.start(port: 0, limits: limits, seed: 42, sink: sink, now: { .zero }) {
      "rollout_up 1\n"
    }
    do {
      let result = try await body(RouterFixture(router: router, sink: sink))
      await router.shutdown()
      return result
    } catch {
      await router.shutdown()
      throw error
    }
  }

  func client() async throws -> TestClient { try await TestClient.connect(router.boundPort) }

  /// Publishes `eye-catcher` with these backends; the canary's fleet is `v2`, stable's is `v1`.
  func publish(
    stable: [Backend]?, canary: [Backend]? = nil, share: Double = 0, shield: Bool = true,
    timeout: TimeSpan = .seconds(20), bodyBytesMax: Int = 6_291_456
  ) {
    var variants: [VariantRoute] = []
    if let stable { variants.append(Self.variant(.stable, "v1", 100 - share, stable)) }
    if let canary { variants.append(Self.variant(.canary, "v2", share, canary)) }
    router.publish(
      RoutingTable([
        EndpointRoute(
          name: "eye-catcher", bodyBytesMax: bodyBytesMax, requestTimeout: timeout, shield: shield, variants: variants)
      ]))
  }

  private static func variant(_ role: VariantRole, _ fleet: String, _ share: Double, _ backends: [Backend])
    -> VariantRoute
  {
    VariantRoute(role: role, fleet: fleet, revision: revision, share: Percent(share)!, backends: backends)
  }

  /// Sends `each` requests on each of `connections` connections and returns all answers.
  func load(
    connections: Int, each: Int, whileRunning act: @escaping @Sendable () async throws -> Void = {}
  ) async throws -> [TestResponse] {
    try await withThrowingTaskGroup(of: [TestResponse].self) { group in
      for _ in 0..<connections {
        group.addTask {
          let client = try await client()
          var answers: [TestResponse] = []
          for _ in 0..<each { answers.append(try await client.send(body: "picture")) }
          try await client.close()
          return answers
        }
      }
      try await act()
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }
}

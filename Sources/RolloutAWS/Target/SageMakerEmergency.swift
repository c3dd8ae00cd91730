package import RolloutCore
import RolloutEngine

/// What can be done about an endpoint on SageMaker when neither journal nor record can be read: its abort alarm is set off,
/// and SageMaker itself returns the traffic. Whoever drives finds the deployment taken back.
package struct SageMakerEmergency: Sendable {
  package enum Outcome: Hashable, Sendable {
    /// A deployment was under way and was taken back: users are on this configuration.
    case tookBack(configuration: String)
    /// Nothing is being deployed: there is nothing that SageMaker could take back.
    case isAtRest(configuration: String)
    case isMissing
  }

  private let client: AWSClient
  private let endpoint: String
  private let sleep: @Sendable (TimeSpan) async throws -> Void

  package init(
    _ client: AWSClient, endpoint: String,
    sleep: @escaping @Sendable (TimeSpan) async throws -> Void = { try await Task.sleep(for: $0.duration) }
  ) {
    self.client = client
    self.endpoint = endpoint
    self.sleep = sleep
  }

  /// Returns once users are back. `tell` hears what SageMaker is doing meanwhile.
  package func perform(telling tell: (String) -> Void) async throws -> Outcome {
    guard var shown = try await look() else { return .isMissing }
    if GuardedFacts.Endpoint(shown).isSettled { return .isAtRest(configuration: shown.configuration) }
    var said = ""
    while !GuardedFacts.Endpoint(shown).isSettled {
      // A point counts for a minute, and only while SageMaker waits is it looked at: so again and again.
      try await put(1)
      let activity = GuardedFacts.Endpoint(shown).activity ?? shown.status
      if activity != said { tell(activity) }
      said = activity
      try await sleep(Self.pause)
      guard let next = try await look() else { return .isMissing }
      shown = next
    }
    try await put(0)
    return .tookBack(configuration: shown.configuration)
  }

  private static let pause = TimeSpan.seconds(5)

  private func look() async throws(TargetError) -> EndpointDescription? {
    do throws(AWSError) { return try await SageMakerService(client).endpoint(endpoint) } catch {
      throw TargetError(error)
    }
  }

  private func put(_ value: Double) async throws(TargetError) {
    do throws(AWSError) { try await CloudWatchService(client).put(abort: value, of: endpoint) } catch {
      throw TargetError(error)
    }
  }
}

extension CloudWatchService {
  /// The metric that the abort alarm of every deployment watches: 1 takes it back, 0 lets the alarm be quiet again.
  func put(abort value: Double, of endpoint: String) async throws(AWSError) {
    try await put(metric: "Abort", namespace: "Rollout", dimensions: ["EndpointName": endpoint], value: value)
  }
}

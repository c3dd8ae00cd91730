package import RolloutCore
import RolloutEngine

/// What can be done about an endpoint on SageMaker when neither journal nor record can be read: its abort alarm is set off,
/// and SageMaker itself returns the traffic. Whoever drives finds the deployment taken back.
package struct SageMakerEmergency: Sendable {
  package enum Outcome: Hashable, Sendable {
    /// A deployment was under way and was taken back: users are on this configuration, as before it.
    case tookBack(configuration: String)
    /// It was over before the alarm was heard: users are on this configuration now.
    case cameTooLate(configuration: String)
    /// Nothing is being deployed: there is nothing that SageMaker could take back.
    case isAtRest(status: String, configuration: String)
    case isMissing
  }

  private let client: AWSClient
  private let endpoint: String
  private let stack: String
  private let sleep: @Sendable (TimeSpan) async throws -> Void

  package init(
    _ client: AWSClient, endpoint: String, stack: String,
    sleep: @escaping @Sendable (TimeSpan) async throws -> Void = { try await Task.sleep(for: $0.duration) }
  ) {
    self.client = client
    self.endpoint = endpoint
    self.stack = stack
    self.sleep = sleep
  }

  /// Returns once users are back, or cannot be brought back this way. `tell` hears what is being done meanwhile.
  package func perform(telling tell: (String) -> Void) async throws -> Outcome {
    guard let first = try await look() else { return .isMissing }
    var shown = first
    var hasMoved = false
    var said = ""
    while let activity = shown.activity {
      // A point counts for a minute, and only while SageMaker waits is it looked at: so again and again.
      try await put(1)
      if activity != said { tell(activity) }
      said = activity
      hasMoved = hasMoved || shown.endpoint.isPending
      try await sleep(Self.pause)
      guard let next = try await look() else { return .isMissing }
      shown = next
    }
    let configuration = shown.endpoint.configuration
    guard hasMoved || first.activity != nil else {
      return .isAtRest(status: shown.endpoint.status, configuration: configuration)
    }
    // The next deployment calms the alarm: a 0 in the same minute would not.
    return configuration == first.endpoint.configuration
      ? .tookBack(configuration: configuration) : .cameTooLate(configuration: configuration)
  }

  private static let pause = TimeSpan.seconds(5)

  private struct Shown {
    var endpoint: GuardedFacts.Endpoint
    var stack: GuardedFacts.Stack?

    /// What is being done; `nil` once everything is at rest. A stack that changes may be about to move the endpoint.
    var activity: String? {
      if !endpoint.isAtRest { return endpoint.activity ?? endpoint.status }
      return stack.flatMap { $0.isBusy ? "the stack is in \($0.status)" : nil }
    }
  }

  private func look() async throws(TargetError) -> Shown? {
    do throws(AWSError) {
      guard let found = try await SageMakerService(client).endpoint(endpoint) else { return nil }
      let stack = try await CloudFormationService(client).stack(stack)
      return Shown(endpoint: GuardedFacts.Endpoint(found), stack: stack.map { GuardedFacts.Stack($0) })
    } catch { throw TargetError(error) }
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

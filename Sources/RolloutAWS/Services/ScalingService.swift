package import RolloutCore

/// Application Auto Scaling, for the variants of SageMaker's endpoints.
package struct ScalingService: Sendable {
  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// `endpoint/NAME/variant/VARIANT`
  package static func resource(endpoint: String, variant: String) -> String {
    "endpoint/\(endpoint)/variant/\(variant)"
  }

  /// None for a resource that nothing scales.
  package func targets(for resource: String) async throws(AWSError) -> [ScalableTarget] {
    let input: [String: JSONValue] = [
      "ServiceNamespace": .string("sagemaker"), "ResourceIds": .array([.string(resource)]),
    ]
    return try await client.pages(of: "application-autoscaling:DescribeScalableTargets") { token throws(AWSError) in
      let page: TargetPage = try await ask("DescribeScalableTargets", input.page(token))
      return (page.ScalableTargets ?? [], page.NextToken)
    }
  }

  /// What was scaled, and what was not and why, newest first, at most `limit`.
  package func activities(for resource: String, limit: Int = 50) async throws(AWSError) -> [ScalingActivity] {
    let input: [String: JSONValue] = [
      "ServiceNamespace": .string("sagemaker"), "ResourceId": .string(resource),
      "IncludeNotScaledActivities": .bool(true),
    ]
    let activities = try await client.pages(
      of: "application-autoscaling:DescribeScalingActivities", isEnough: { $0.count >= limit }
    ) { token throws(AWSError) in
      let page: ActivityPage = try await ask("DescribeScalingActivities", input.page(token))
      return (page.ScalingActivities ?? [], page.NextToken)
    }
    return Array(activities.prefix(limit))
  }

  private func ask<Output: Decodable>(
    _ operation: String, _ input: [String: JSONValue]
  ) async throws(AWSError) -> Output {
    try await client.json(.scaling, "AnyScaleFrontendService", operation, input)
  }

  private struct TargetPage: Decodable {
    var ScalableTargets: [ScalableTarget]?
    var NextToken: String?
  }

  private struct ActivityPage: Decodable {
    var ScalingActivities: [ScalingActivity]?
    var NextToken: String?
  }
}

/// The bounds within which something is scaled.
package struct ScalableTarget: Hashable, Sendable {
  package struct Suspension: Hashable, Sendable {
    package var scalingIn = false
    package var scalingOut = false
    package var scheduled = false
  }

  package var resource: String
  /// `sagemaker:variant:DesiredInstanceCount`
  package var dimension: String
  package var min: Int
  package var max: Int
  package var suspended: Suspension
}

extension ScalableTarget: Decodable {
  private enum Key: String, CodingKey { case ResourceId, ScalableDimension, MinCapacity, MaxCapacity, SuspendedState }

  private struct Suspended: Decodable {
    var DynamicScalingInSuspended: Bool?
    var DynamicScalingOutSuspended: Bool?
    var ScheduledScalingSuspended: Bool?
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let suspended = try container.decodeIfPresent(Suspended.self, forKey: .SuspendedState)
    self.init(
      resource: try container.text(.ResourceId), dimension: try container.text(.ScalableDimension),
      min: try container.decode(Int.self, forKey: .MinCapacity),
      max: try container.decode(Int.self, forKey: .MaxCapacity),
      suspended: Suspension(
        scalingIn: suspended?.DynamicScalingInSuspended ?? false,
        scalingOut: suspended?.DynamicScalingOutSuspended ?? false,
        scheduled: suspended?.ScheduledScalingSuspended ?? false))
  }
}

/// Something that scaling did, tried, or left undone.
package struct ScalingActivity: Hashable, Sendable {
  package struct NotScaledReason: Hashable, Sendable {
    /// `AutoScalingAnticipatedFlapping`, `TargetServicePutResourceAsUnscalable`, `AlreadyAtMaxCapacity`, …
    package var code: String
    package var current: Int?
    package var min: Int?
    package var max: Int?
  }

  package var id: String
  package var description: String
  package var cause: String
  /// `Pending`, `InProgress`, `Successful`, `Overridden`, `Unfulfilled`, `Failed`, `NotScaled`.
  package var status: String
  package var message: String?
  package var startedAt: Timestamp?
  package var endedAt: Timestamp?
  package var notScaledReasons: [NotScaledReason]
}

extension ScalingActivity: Decodable {
  private enum Key: String, CodingKey {
    case ActivityId, Description, Cause, StatusCode, StatusMessage, StartTime, EndTime, NotScaledReasons
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      id: try container.text(.ActivityId), description: try container.text(.Description),
      cause: try container.text(.Cause), status: try container.text(.StatusCode),
      message: try container.decodeIfPresent(String.self, forKey: .StatusMessage),
      startedAt: try container.moment(.StartTime), endedAt: try container.moment(.EndTime),
      notScaledReasons: try container.list(.NotScaledReasons))
  }
}

extension ScalingActivity.NotScaledReason: Decodable {
  private enum Key: String, CodingKey { case Code, CurrentCapacity, MinCapacity, MaxCapacity }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      code: try container.text(.Code), current: try container.decodeIfPresent(Int.self, forKey: .CurrentCapacity),
      min: try container.decodeIfPresent(Int.self, forKey: .MinCapacity),
      max: try container.decodeIfPresent(Int.self, forKey: .MaxCapacity))
  }
}

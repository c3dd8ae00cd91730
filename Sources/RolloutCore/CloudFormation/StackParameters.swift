/// The parameters that `rollout` fills in, if a template declares them.
package enum StackParameters {
  /// Without these, a deployment would not reach the endpoint, or not change it.
  package static let needed = ["EndpointName", "EndpointConfigName", "ModelPackageArn"]

  /// Beside those of the environment's alarms.
  package static let filled: [String] =
    needed + [
      "InferenceSpecificationName", "ExecutionRoleArn", "InstanceType", "InitialInstanceCount", "FirstDeployment",
      "Routing", "TrafficPercent", "WaitSeconds", "TerminationWaitSeconds", "TimeoutSeconds", "MinCapacity",
      "MaxCapacity", "InvocationsPerInstance", "ScaleOutCooldown", "ScaleInCooldown", "VCPUs", "Guarded",
    ]

  /// The parameters of one alarm: `model-errors` → `ModelErrorsThreshold` and so on.
  package struct Alarm: Hashable, Sendable {
    package let threshold, period, datapoints, periods: String

    package init(_ name: String) {
      let words = name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
      let stem = words.joined()
      threshold = stem + "Threshold"
      period = stem + "Period"
      datapoints = stem + "Datapoints"
      periods = stem + "Periods"
    }

    package var all: [String] { [threshold, period, datapoints, periods] }
  }
}

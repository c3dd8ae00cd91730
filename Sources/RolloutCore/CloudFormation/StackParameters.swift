/// The parameters that `rollout` fills in, if a template declares them.
package enum StackParameters {
  /// Beside those of the environment's alarms.
  package static let filled: [String] = [
    "EndpointName", "EndpointConfigName", "ModelPackageArn", "InferenceSpecificationName", "ExecutionRoleArn",
    "InstanceType", "InitialInstanceCount", "FirstDeployment", "Routing", "TrafficPercent", "WaitSeconds",
    "TerminationWaitSeconds", "TimeoutSeconds", "MinCapacity", "MaxCapacity", "InvocationsPerInstance",
    "ScaleOutCooldown", "ScaleInCooldown", "VCPUs",
  ]
}

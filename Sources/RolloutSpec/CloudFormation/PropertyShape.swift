/// Which keys the properties of a resource have. Source: CloudFormation's resource schemas, us-east-1, 2026.
indirect enum PropertyShape: Sendable {
  case any
  case list(PropertyShape)
  /// Named for messages; without a name, the resource's type stands for it.
  case object(String?, [String: PropertyShape])

  static let resources: [String: PropertyShape] = [
    "AWS::SageMaker::Endpoint": object(
      nil,
      [
        "DeploymentConfig": deployment, "EndpointConfigName": any, "EndpointName": any,
        "ExcludeRetainedVariantProperties": list(keys("a variant property", "VariantPropertyType")),
        "RetainAllVariantProperties": any, "RetainDeploymentConfig": any, "Tags": tags,
      ]),
    "AWS::SageMaker::EndpointConfig": object(
      nil,
      [
        "AsyncInferenceConfig": any, "DataCaptureConfig": any, "EnableNetworkIsolation": any,
        "EndpointConfigName": any, "ExecutionRoleArn": any, "ExplainerConfig": any, "KmsKeyId": any,
        "ProductionVariants": list(variant), "ShadowProductionVariants": list(variant), "Tags": tags, "VpcConfig": vpc,
      ]),
    "AWS::SageMaker::Model": object(
      nil,
      [
        "Containers": list(container), "EnableNetworkIsolation": any, "ExecutionRoleArn": any,
        "InferenceExecutionConfig": any, "ModelName": any, "PrimaryContainer": container, "Tags": tags,
        "VpcConfig": vpc,
      ]),
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::ApplicationAutoScaling::ScalableTarget": object(
      nil,
      [
        "MaxCapacity": any, "MinCapacity": any, "ResourceId": any, "RoleARN": any, "ScalableDimension": any,
        "ScheduledActions": any, "ServiceNamespace": any, "SuspendedState": any,
      ]),
    "AWS::ApplicationAutoScaling::ScalingPolicy": object(
      nil,
      [
        "PolicyName": any, "PolicyType": any, "PredictiveScalingPolicyConfiguration": any, "ResourceId": any,
        "ScalableDimension": any, "ScalingTargetId": any, "ServiceNamespace": any,
        "StepScalingPolicyConfiguration": any,
        "TargetTrackingScalingPolicyConfiguration": tracking,
      ]),
  ]

  private static func keys(_ name: String, _ keys: String...) -> PropertyShape {
    object(name, Dictionary(uniqueKeysWithValues: keys.map { ($0, any) }))
  }

  private static let tags = list(keys("a tag", "Key", "Value"))
  private static let vpc = keys("VpcConfig", "SecurityGroupIds", "Subnets")
  private static let capacity = keys("a capacity", "Type", "Value")
  private static let dimensions = list(keys("a dimension", "Name", "Value"))

  private static let deployment = object(
    "DeploymentConfig",
    [
      "AutoRollbackConfiguration": object("AutoRollbackConfiguration", ["Alarms": list(keys("an alarm", "AlarmName"))]),
      "BlueGreenUpdatePolicy": object(
        "BlueGreenUpdatePolicy",
        [
          "MaximumExecutionTimeoutInSeconds": any, "TerminationWaitInSeconds": any,
          "TrafficRoutingConfiguration": object(
            "TrafficRoutingConfiguration",
            ["CanarySize": capacity, "LinearStepSize": capacity, "Type": any, "WaitIntervalInSeconds": any]),
        ]),
      "RollingUpdatePolicy": object(
        "RollingUpdatePolicy",
        [
          "MaximumBatchSize": capacity, "MaximumExecutionTimeoutInSeconds": any, "RollbackMaximumBatchSize": capacity,
          "WaitIntervalInSeconds": any,
        ]),
    ])

  private static let variant = keys(
    "a variant", "AcceleratorType", "CapacityReservationConfig", "ContainerStartupHealthCheckTimeoutInSeconds",
    "EnableSSMAccess", "InferenceAmiVersion", "InitialInstanceCount", "InitialVariantWeight", "InstanceType",
    "ManagedInstanceScaling", "ModelDataDownloadTimeoutInSeconds", "ModelName", "RoutingConfig", "ServerlessConfig",
    "VariantName", "VolumeSizeInGB")

  private static let container = keys(
    "a container", "ContainerHostname", "Environment", "Image", "ImageConfig", "InferenceSpecificationName", "Mode",
    "ModelDataSource", "ModelDataUrl", "ModelPackageName", "MultiModelConfig")

  private static let alarm = object(
    nil,
    [
      "ActionsEnabled": any, "AlarmActions": any, "AlarmDescription": any, "AlarmName": any, "ComparisonOperator": any,
      "DatapointsToAlarm": any, "Dimensions": dimensions, "EvaluateLowSampleCountPercentile": any,
      "EvaluationCriteria": any, "EvaluationInterval": any, "EvaluationPeriods": any, "ExtendedStatistic": any,
      "InsufficientDataActions": any, "MetricName": any, "Metrics": list(query), "Namespace": any, "OKActions": any,
      "Period": any, "Statistic": any, "Tags": tags, "Threshold": any, "ThresholdMetricId": any,
      "TreatMissingData": any, "Unit": any,
    ])

  private static let query = object(
    "a metric",
    [
      "AccountId": any, "Expression": any, "Id": any, "Label": any, "Period": any, "ReturnData": any,
      "MetricStat": object(
        "MetricStat",
        [
          "Metric": object("Metric", ["Dimensions": dimensions, "MetricName": any, "Namespace": any]),
          "Period": any, "Stat": any, "Unit": any,
        ]),
    ])

  private static let tracking = object(
    "TargetTrackingScalingPolicyConfiguration",
    [
      "CustomizedMetricSpecification": any, "DisableScaleIn": any,
      "PredefinedMetricSpecification": keys("PredefinedMetricSpecification", "PredefinedMetricType", "ResourceLabel"),
      "ScaleInCooldown": any, "ScaleOutCooldown": any, "TargetValue": any,
    ])
}

extension DiagnosticCode {
  /// R0326 to R0347: fleets, alarms and scaling in a template.
  var stackExplanation: Explanation? { fleetExplanation ?? metricExplanation ?? scalingExplanation }

  private var fleetExplanation: Explanation? {
    switch self {
    case .instanceTypeUnknown:
      Explanation(
        "there is no such instance type", "SageMaker does not host on this type. cfn-lint does not know the types.",
        example: "InstanceType: ml.m5.huge", mend: "InstanceType: ml.m5.xlarge")
    case .shadowVariant:
      Explanation(
        "a configuration has a shadow variant",
        """
        A shadow gets copies of requests and answers nobody. It needs an endpoint with one production variant, and
        guardrails do not watch it: what rollout would show as a canary would be the shadow's neighbour.
        """, example: "ShadowProductionVariants: [{VariantName: Shadow}]",
        mend: "ProductionVariants: [{VariantName: AllTraffic}]")
    case .variantRenamed:
      Explanation(
        "a variant has another name than on the live endpoint",
        """
        Traffic is shifted between the fleets of one variant. A new name is a new variant: no canary, no retained
        counts, and scaling still points to the old one.
        """, example: "VariantName: Version8     # live: AllTraffic", mend: "VariantName: AllTraffic")
    case .modelSourceAmbiguous:
      Explanation(
        "a container has two sources, or none",
        "A model package brings its own image and data. SageMaker refuses an image beside it.",
        example: "PrimaryContainer: {ModelPackageName: !Ref ModelPackageArn, Image: 1.dkr.ecr/fox}",
        mend: "PrimaryContainer: {ModelPackageName: !Ref ModelPackageArn}")
    case .nameCollides:
      Explanation(
        "a fixed name would collide with the version that still serves",
        """
        Models and endpoint configurations cannot be changed, only replaced, and the new one is made before the old one
        goes: under the same name that fails. Leave a model's name out, and take the configuration's from the parameter
        EndpointConfigName, which is new for every deployment.
        """, example: "EndpointConfigName: eye-catcher", mend: "EndpointConfigName: !Ref EndpointConfigName")
    case .oldVersionNotRetained:
      Explanation(
        "the version to go back to would be deleted",
        """
        After a deployment that SageMaker took back, the stack may believe that the new configuration serves, and delete
        the old one under the live endpoint. Retained, it stays until rollout has seen the new one serve.
        """, example: "EndpointConfig:\n  Type: AWS::SageMaker::EndpointConfig",
        mend:
          "EndpointConfig:\n  Type: AWS::SageMaker::EndpointConfig\n  DeletionPolicy: Retain\n  UpdateReplacePolicy: Retain"
      )
    case .endpointNameInvalid:
      Explanation(
        "an endpoint has a name that SageMaker does not allow",
        "Up to 63 letters, digits and hyphens, the first and the last no hyphen.", example: "EndpointName: eye_catcher",
        mend: "EndpointName: eye-catcher")
    default: nil
    }
  }

  private var metricExplanation: Explanation? {
    switch self {
    case .metricUnknown:
      Explanation(
        "an alarm watches a metric that SageMaker does not publish",
        "The alarm would never have data, and so never trip.", example: "MetricName: InvocationModelErorrs",
        mend: "MetricName: InvocationModelErrors")
    case .metricNamespaceWrong:
      Explanation(
        "a metric is looked for in the wrong namespace",
        """
        Invocations, errors and latencies are in AWS/SageMaker; CPU, memory, disk and GPU of the instances in
        /aws/sagemaker/Endpoints. In the other one there is never data.
        """, example: "Namespace: AWS/SageMaker\nMetricName: CPUUtilization",
        mend: "Namespace: /aws/sagemaker/Endpoints\nMetricName: CPUUtilization")
    case .dimensionUnknown:
      Explanation(
        "a metric is not published by this dimension",
        "SageMaker publishes by EndpointName and VariantName, and for the new fleet also by EndpointConfigName.",
        example: "Dimensions: [{Name: VarientName, Value: AllTraffic}]",
        mend: "Dimensions: [{Name: VariantName, Value: AllTraffic}]")
    case .dimensionOfAnother:
      Explanation(
        "an alarm watches another endpoint or variant",
        "It would trip for others' faults, or never.", example: "- {Name: EndpointName, Value: eye-catcher-staging}",
        mend: "- {Name: EndpointName, Value: !Ref EndpointName}")
    case .cpuThresholdIgnoresCores:
      Explanation(
        "a threshold for CPU or GPU does not count the cores",
        """
        SageMaker adds up the percentages of all cores: 4 cores reach 400 %, and 70 is a sixth of the machine. Divide by
        the number of cores with metric math, or multiply the threshold.
        """, example: "MetricName: CPUUtilization\nThreshold: 70     # of 400, on ml.m5.xlarge",
        mend: "Metrics:\n  - {Id: cpu, ReturnData: false, MetricStat: …}\n  - {Id: perCore, Expression: cpu / 4}")
    case .alarmPeriodInvalid:
      Explanation(
        "an alarm has a period that CloudWatch does not allow",
        "A period is 10, 20, 30 or a multiple of 60 s; all periods of a rule last a day at most.",
        example: "Period: 45",
        mend: "Period: 60")
    case .alarmSlowerThanBake:
      Explanation(
        "an alarm cannot trip before the wait is over",
        """
        It needs all its periods, and metrics arrive about two minutes late. A wait that is shorter lets every version
        through, as far as this alarm is concerned.
        """, example: "WaitIntervalInSeconds: 300     # the alarm needs 5 min and 2",
        mend: "WaitIntervalInSeconds: 600")
    case .latencyThresholdTooSmall:
      Explanation(
        "a latency threshold seems to be in milliseconds",
        "SageMaker measures latency in microseconds: 800 is less than a thousandth of a second.",
        example: "MetricName: ModelLatency\nThreshold: 800", mend: "MetricName: ModelLatency\nThreshold: 800000")
    case .alarmContradictory:
      Explanation(
        "an alarm contradicts itself",
        """
        More datapoints than periods, a metric and metric math at once, a statistic or a comparison that does not exist,
        or a threshold that nothing reaches.
        """, example: "DatapointsToAlarm: 3\nEvaluationPeriods: 2", mend: "DatapointsToAlarm: 2\nEvaluationPeriods: 3")
    default: nil
    }
  }

  private var scalingExplanation: Explanation? {
    switch self {
    case .capacityBoundsCrossed:
      Explanation(
        "the fewest instances are more than the most", "No number of instances is allowed by these bounds.",
        example: "MinCapacity: 4\nMaxCapacity: 1", mend: "MinCapacity: 1\nMaxCapacity: 4")
    case .initialCountOutsideBounds:
      Explanation(
        "an endpoint starts outside its scaling bounds",
        "The first act of autoscaling would be to start or stop instances, in the middle of a deployment.",
        example: "InitialInstanceCount: 6     # MaxCapacity: 4", mend: "InitialInstanceCount: 4")
    case .scalingOfAnother:
      Explanation(
        "scaling is about another endpoint or variant",
        "This endpoint's fleet would never grow.", example: "ResourceId: endpoint/eye-catcher/variant/Main",
        mend: "ResourceId: endpoint/eye-catcher/variant/AllTraffic")
    case .scalingTargetMalformed:
      Explanation(
        "scaling does not name a variant of an endpoint",
        """
        The resource is 'endpoint/NAME/variant/NAME', the dimension 'sagemaker:variant:DesiredInstanceCount', the
        namespace 'sagemaker', and the metric 'SageMakerVariantInvocationsPerInstance'.
        """, example: "ResourceId: endpoints/fox/variants/AllTraffic",
        mend: "ResourceId: endpoint/fox/variant/AllTraffic")
    case .scalingCooldownNegative:
      Explanation(
        "a cooldown is below zero", "A cooldown is the pause after a change of size, in seconds.",
        example: "ScaleInCooldown: -600", mend: "ScaleInCooldown: 600")
    case .templateValueMalformed:
      Explanation(
        "a value in a template is of the wrong kind",
        "A number or a truth value must stand here, also after parameters are filled in.",
        example: "WaitIntervalInSeconds: ten", mend: "WaitIntervalInSeconds: 600")
    default: nil
    }
  }
}

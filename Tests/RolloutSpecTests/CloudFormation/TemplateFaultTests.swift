import RolloutDiagnostics
import Testing

/// Every rule finds the fault that it is for, and no other, in a template that is clean without it.
@Suite struct `One fault in a template` {
  @Test(arguments: TemplateFault.traffic) func `of how traffic moves is found`(_ fault: TemplateFault) throws {
    #expect(try fault.codes() == fault.expected)
  }

  @Test(arguments: TemplateFault.rollback) func `of what takes it back is found`(_ fault: TemplateFault) throws {
    #expect(try fault.codes() == fault.expected)
  }

  @Test(arguments: TemplateFault.fleet) func `of its fleet is found`(_ fault: TemplateFault) throws {
    #expect(try fault.codes() == fault.expected)
  }

  @Test(arguments: TemplateFault.alarms) func `of its alarms is found`(_ fault: TemplateFault) throws {
    #expect(try fault.codes() == fault.expected)
  }

  @Test(arguments: TemplateFault.scaling) func `of its scaling is found`(_ fault: TemplateFault) throws {
    #expect(try fault.codes() == fault.expected)
  }

  @Test(arguments: TemplateFault.form) func `of its form is found`(_ fault: TemplateFault) throws {
    #expect(try fault.codes() == fault.expected)
  }
}

/// An edit of the production template, and other values for its parameters.
struct TemplateFault: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var expected: [String]
  var edits: [(old: String, new: String)]
  var parameters: [String: String]

  init(
    _ name: String, _ expected: String..., replacing edits: [(String, String)] = [], given: [String: String] = [:]
  ) {
    testDescription = name
    self.expected = expected
    self.edits = edits.map { (old: $0.0, new: $0.1) }
    parameters = given
  }

  func codes() throws -> [String] {
    var template = try ProductTemplate("production")
    for edit in edits { template = try template.with(edit.old, edit.new) }
    let given = ProductTemplate.deployment.merging(parameters) { $1 }
    return template.diagnostics(given: given).map(\.code.rawValue)
  }
}

extension TemplateFault {
  static let traffic: [TemplateFault] = [
    TemplateFault("a canary of 90 %", "R0310", replacing: [("Value: !Ref TrafficPercent", "Value: 90")]),
    TemplateFault("a canary of nothing", "R0310", replacing: [("Value: !Ref TrafficPercent", "Value: 0")]),
    TemplateFault(
      "a linear step of 5 %", "R0310", given: ["Routing": "LINEAR", "TrafficPercent": "5", "TimeoutSeconds": "28800"]),
    TemplateFault(
      "a rolling batch of 4 %", "R0310",
      given: ["Routing": "ROLLING", "TrafficPercent": "4", "TimeoutSeconds": "28800"]),
    TemplateFault("a canary without a size", "R0311", replacing: [("- IsCanary\n", "- IsLinear\n")]),
    TemplateFault("a routing that does not exist", "R0311", replacing: [("Type: !Ref Routing", "Type: CANNARY")]),
    TemplateFault(
      "a size of no kind", "R0311", replacing: [("- Type: CAPACITY_PERCENT", "- Type: CAPACITY_PERCENTAGE")]),
    TemplateFault(
      "a canary of three instances of four", "R0310",
      replacing: [
        (
          "- Type: CAPACITY_PERCENT\n                  Value: !Ref TrafficPercent",
          "- Type: INSTANCE_COUNT\n                  Value: 3"
        )
      ]),
    TemplateFault(
      "a canary of all instances", "R0312",
      replacing: [
        (
          "- Type: CAPACITY_PERCENT\n                  Value: !Ref TrafficPercent",
          "- Type: INSTANCE_COUNT\n                  Value: 4"
        )
      ]),
    TemplateFault("a canary on one instance", "R0312", given: ["InitialInstanceCount": "1", "MinCapacity": "1"]),
    TemplateFault("a canary on what scaling leaves", "R0312", given: ["MinCapacity": "1"]),
    TemplateFault(
      "a wait of two hours", "R0313",
      replacing: [("WaitIntervalInSeconds: !Ref WaitSeconds", "WaitIntervalInSeconds: 7200")],
      given: ["TimeoutSeconds": "28800"]),
    TemplateFault("no wait", "R0313", replacing: [("              WaitIntervalInSeconds: !Ref WaitSeconds\n", "")]),
    TemplateFault(
      "a last wait of more than an hour", "R0313",
      replacing: [("TerminationWaitInSeconds: !Ref TerminationWaitSeconds", "TerminationWaitInSeconds: 4000")],
      given: ["TimeoutSeconds": "28800"]),
    TemplateFault(
      "five minutes for everything", "R0314",
      replacing: [("MaximumExecutionTimeoutInSeconds: !Ref TimeoutSeconds", "MaximumExecutionTimeoutInSeconds: 300")]),
    TemplateFault("less time than the waits take", "R0315", given: ["TimeoutSeconds": "1200"]),
    TemplateFault(
      "less time than all linear steps take", "R0315", given: ["Routing": "LINEAR", "TimeoutSeconds": "6000"]),
    TemplateFault(
      "two policies", "R0316",
      replacing: [("RollingUpdatePolicy: !If\n          - IsRolling", "RollingUpdatePolicy: !If\n          - IsCanary")]
    ),
    TemplateFault("Inf1", "R0317", given: ["InstanceType": "ml.inf1.xlarge"]),
    TemplateFault(
      "a serverless variant", "R0317",
      replacing: [
        (
          "          InstanceType: !Ref InstanceType\n",
          "          ServerlessConfig: {MaxConcurrency: 1, MemorySizeInMB: 1024}\n"
        )
      ]),
    TemplateFault(
      "two variants and a rolling update", "R0317",
      replacing: [
        (
          "      ProductionVariants:\n",
          "      ProductionVariants:\n        - {VariantName: Other, ModelName: !GetAtt Model.ModelName}\n"
        )
      ],
      given: ["Routing": "ROLLING", "TimeoutSeconds": "28800"]),
  ]

  static let rollback: [TemplateFault] = [
    TemplateFault(
      "an alarm that nobody creates", "R0318",
      replacing: [("AlarmName: !Ref ModelErrorsAlarm", "AlarmName: eye-catcher-errors")]),
    TemplateFault(
      "eleven alarms", "R0319",
      replacing: [
        (
          "              - AlarmName: !Ref AbortAlarm\n",
          String(repeating: "              - AlarmName: !Ref AbortAlarm\n", count: 7)
        )
      ]),
    TemplateFault(
      "no alarms", "R0320", "R0322",
      replacing: [
        ("          - Alarms:\n              - AlarmName: !Ref ModelErrorsAlarm\n", "          - Alarms: []\n")
      ]
        + ["NewModelErrorsAlarm", "CpuAlarm", "LatencyAlarm", "AbortAlarm"].map {
          ("              - AlarmName: !Ref \($0)\n", "")
        }),
    TemplateFault(
      "an alarm of autoscaling", "R0321",
      replacing: [
        (
          "              - AlarmName: !Ref AbortAlarm\n",
          "              - AlarmName: !Ref AbortAlarm\n              - AlarmName: TargetTracking-endpoint/fox-AlarmHigh-1\n"
        )
      ]),
    TemplateFault(
      "alarms that watch the way back", "R0348",
      replacing: [("          - !Ref AWS::NoValue\n\n", "          - Alarms: [{AlarmName: !Ref CpuAlarm}]\n\n")]),
    TemplateFault("no abort alarm", "R0322", replacing: [("              - AlarmName: !Ref AbortAlarm\n", "")]),
    TemplateFault(
      "an abort alarm that silence trips", "R0323",
      replacing: [("TreatMissingData: ignore", "TreatMissingData: breaching")]),
    TemplateFault(
      "an abort alarm that needs two", "R0323", replacing: [("      Threshold: 0\n", "      Threshold: 1\n")]),
    TemplateFault("counts that are reset", "R0324", replacing: [(retains, "")]),
    TemplateFault(
      "counts that are excluded", "R0324", replacing: [("Type: DesiredWeight", "Type: DesiredInstanceCount")]),
    TemplateFault(
      "a new endpoint that keeps counts", "R0325",
      replacing: [(retains, "      RetainAllVariantProperties: true\n")], given: ["FirstDeployment": "true"]),
  ]

  private static let retains = "      RetainAllVariantProperties: !If [IsFirstDeployment, !Ref AWS::NoValue, true]\n"

  static let fleet: [TemplateFault] = [
    TemplateFault("a size that does not exist", "R0326", given: ["InstanceType": "ml.m5.huge"]),
    TemplateFault("a type of EC2", "R0326", given: ["InstanceType": "m5.xlarge"]),
    TemplateFault(
      "a shadow", "R0327",
      replacing: [
        (
          "      ProductionVariants:\n",
          "      ShadowProductionVariants:\n        - {VariantName: Shadow, ModelName: !GetAtt Model.ModelName}\n      ProductionVariants:\n"
        )
      ]),
    TemplateFault(
      "an image beside a package", "R0329",
      replacing: [
        (
          "        ModelPackageName: !Ref ModelPackageArn\n",
          "        ModelPackageName: !Ref ModelPackageArn\n        Image: 123456789012.dkr.ecr.us-east-1.amazonaws.com/fox\n"
        )
      ]),
    TemplateFault(
      "nothing to run", "R0329", replacing: [("        ModelPackageName: !Ref ModelPackageArn\n", "")]),
    TemplateFault(
      "a named model", "R0330",
      replacing: [
        (
          "      ExecutionRoleArn: !Ref ExecutionRoleArn\n",
          "      ExecutionRoleArn: !Ref ExecutionRoleArn\n      ModelName: fox\n"
        )
      ]),
    TemplateFault(
      "a configuration with a fixed name", "R0330",
      replacing: [("      EndpointConfigName: !Ref EndpointConfigName\n", "      EndpointConfigName: fox\n")]),
    TemplateFault(
      "a configuration whose name CloudFormation makes up", "R0330",
      replacing: [("      EndpointConfigName: !Ref EndpointConfigName\n", "")]),
    TemplateFault(
      "a configuration that is not retained", "R0331",
      replacing: [
        (
          "AWS::SageMaker::EndpointConfig\n    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n",
          "AWS::SageMaker::EndpointConfig\n    DeletionPolicy: Retain\n"
        )
      ]),
    TemplateFault(
      "a model that is not retained", "R0331",
      replacing: [
        (
          "AWS::SageMaker::Model\n    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n",
          "AWS::SageMaker::Model\n"
        )
      ]),
    TemplateFault("an endpoint with '_' in its name", "R0332", given: ["EndpointName": "eye_catcher"]),
  ]

  static let alarms: [TemplateFault] = [
    TemplateFault(
      "a metric that does not exist", "R0333",
      replacing: [("MetricName: InvocationModelErrors", "MetricName: InvocationModelErorrs")]),
    TemplateFault(
      "a metric of inference components", "R0333",
      replacing: [("MetricName: CPUUtilization", "MetricName: CPUUtilizationNormalized")]),
    TemplateFault(
      "a metric in the wrong namespace", "R0334",
      replacing: [("Namespace: /aws/sagemaker/Endpoints", "Namespace: AWS/SageMaker")]),
    TemplateFault(
      "a misspelt dimension", "R0335", replacing: [("{Name: VariantName, Value", "{Name: VarientName, Value")]),
    TemplateFault(
      "a dimension too few", "R0335", replacing: [("        - {Name: VariantName, Value: AllTraffic}\n", "")]),
    TemplateFault(
      "another endpoint", "R0336",
      replacing: [
        ("{Name: EndpointName, Value: !Ref EndpointName}", "{Name: EndpointName, Value: eye-catcher-staging}")
      ]),
    TemplateFault(
      "another variant", "R0336",
      replacing: [("{Name: VariantName, Value: AllTraffic}", "{Name: VariantName, Value: Main}")]),
    TemplateFault(
      "cores divided by the wrong number", "R0337", replacing: [("cpu / ${VCPUs}", "cpu / 2")]),
    TemplateFault("cores that are not counted", "R0337", replacing: [(math, direct)]),
    TemplateFault(
      "a CPU alarm that nothing trips", "R0341",
      replacing: [(math, direct), ("Threshold: !Ref CpuThreshold", "Threshold: 400")]),
    TemplateFault("a period of 45 s", "R0338", replacing: [("Period: !Ref ModelErrorsPeriod", "Period: 45")]),
    TemplateFault(
      "periods of two days", "R0338", "R0339",
      replacing: [("EvaluationPeriods: !Ref ModelErrorsPeriods", "EvaluationPeriods: 576")]),
    TemplateFault("alarms that are slower than the canary", "R0339", "R0339", "R0339", given: ["WaitSeconds": "300"]),
    TemplateFault(
      "alarms that are slower than everything", "R0339", "R0339", "R0339",
      given: ["Routing": "ALL_AT_ONCE", "TerminationWaitSeconds": "300"]),
    TemplateFault("a latency in milliseconds", "R0340", given: ["LatencyThreshold": "800"]),
    TemplateFault(
      "more datapoints than periods", "R0341",
      replacing: [("DatapointsToAlarm: !Ref ModelErrorsDatapoints", "DatapointsToAlarm: 3")]),
    TemplateFault(
      "a comparison that does not exist", "R0341", replacing: [("GreaterThanThreshold", "GreaterThanTreshold")]),
    TemplateFault("a statistic that does not exist", "R0341", replacing: [("Statistic: Sum", "Statistic: Total")]),
    TemplateFault("a rate above one", "R0341", replacing: [("Statistic: Sum", "Statistic: Average")]),
    TemplateFault(
      "two lines of math that are compared", "R0341", replacing: [("ReturnData: false", "ReturnData: true")]),
  ]

  private static let math = """
          Metrics:
            - Id: cpu
              ReturnData: false
              MetricStat:
                Metric:
                  Namespace: /aws/sagemaker/Endpoints
                  MetricName: CPUUtilization
                  Dimensions:
                    - {Name: EndpointName, Value: !Ref EndpointName}
                    - {Name: VariantName, Value: AllTraffic}
                Stat: Average
                Period: !Ref CpuPeriod
            - Id: cpuPerCore
              Label: CPU per core
              Expression: !Sub "cpu / ${VCPUs}"
              ReturnData: true

    """
  private static let direct = """
          Namespace: /aws/sagemaker/Endpoints
          MetricName: CPUUtilization
          Dimensions:
            - {Name: EndpointName, Value: !Ref EndpointName}
            - {Name: VariantName, Value: AllTraffic}
          Statistic: Average
          Period: 300

    """

  static let scaling: [TemplateFault] = [
    TemplateFault("the fewest above the most", "R0342", given: ["MinCapacity": "8"]),
    TemplateFault("a start above the most", "R0343", given: ["InitialInstanceCount": "9"]),
    TemplateFault("a start below the fewest", "R0343", given: ["InitialInstanceCount": "3"]),
    TemplateFault("scaling of another variant", "R0344", replacing: [("/variant/AllTraffic", "/variant/Main")]),
    TemplateFault(
      "scaling of another endpoint", "R0344",
      replacing: [("endpoint/${Endpoint.EndpointName}/", "endpoint/eye-catcher-staging/")]),
    TemplateFault(
      "a resource with the wrong prefix", "R0345",
      replacing: [("endpoint/${Endpoint.EndpointName}/", "endpoints/${Endpoint.EndpointName}/")]),
    TemplateFault(
      "a dimension that does not exist", "R0345",
      replacing: [("sagemaker:variant:DesiredInstanceCount", "sagemaker:variant:DesiredCount")]),
    TemplateFault(
      "a scaling metric that does not exist", "R0345",
      replacing: [("SageMakerVariantInvocationsPerInstance", "SageMakerVariantInvocationPerInstance")]),
    TemplateFault(
      "a cooldown below zero", "R0346", replacing: [("ScaleInCooldown: !Ref ScaleInCooldown", "ScaleInCooldown: -600")]),
  ]

  static let form: [TemplateFault] = [
    TemplateFault(
      "a key of the endpoint", "R0320", "R0301", replacing: [("      DeploymentConfig:", "      DeploymentConfgi:")]),
    TemplateFault(
      "a key of a guardrail", "R0313", "R0301",
      replacing: [("WaitIntervalInSeconds: !Ref", "WaitIntervallInSeconds: !Ref")]),
    TemplateFault(
      "a key of a resource", "R0331", "R0301", replacing: [("    DeletionPolicy: Retain", "    DeletionPolcy: Retain")]),
    TemplateFault("a key of the template", "R0301", replacing: [("\nOutputs:", "\nOutput:")]),
    TemplateFault("a type", "R0301", replacing: [("AWS::CloudWatch::Alarm", "AWS::Cloudwatch::Alarm")]),
    TemplateFault("a reference to no alarm", "R0302", replacing: [("!Ref CpuAlarm", "!Ref CpuAlarn")]),
    TemplateFault("a reference to no condition", "R0302", replacing: [("!If [IsFullBuild,", "!If [IsFullBuilt,")]),
    TemplateFault("a reference within a text", "R0302", replacing: [("${EndpointName}-cpu", "${EndpointNam}-cpu")]),
    TemplateFault(
      "a reference to what is left out", "R0302",
      replacing: [("    Condition: IsScaled\n", "    Condition: IsRolling\n")]),
    TemplateFault(
      "a circle", "R0303",
      replacing: [
        ("{Name: EndpointName, Value: !Ref EndpointName}", "{Name: EndpointName, Value: !GetAtt Endpoint.EndpointName}")
      ]),
    TemplateFault("a parameter that is not there", "R0304", given: ["Bukket": "pictures"]),
    TemplateFault(
      "a parameter without a value", "R0305",
      replacing: [("    Default: 800000\n", "")]),
    TemplateFault("a parameter with a value that it does not allow", "R0306", given: ["FirstDeployment": "yes"]),
    TemplateFault("a parameter that is too small", "R0306", given: ["VCPUs": "0"]),
    TemplateFault(
      "an alias", "R0349",
      replacing: [
        ("DatapointsToAlarm: !Ref CpuDatapoints", "DatapointsToAlarm: &one 1"),
        ("EvaluationPeriods: !Ref CpuPeriods", "EvaluationPeriods: *one"),
      ]),
    TemplateFault(
      "a merge of keys", "R0015", replacing: [("    Condition: IsScaled\n", "    Condition: IsScaled\n    <<: {}\n")]),
    TemplateFault("a branch too few", "R0307", replacing: [("!Ref AWS::NoValue, true]", "true]")]),
    TemplateFault(
      "a word where a number must be", "R0347",
      replacing: [("TerminationWaitInSeconds: !Ref TerminationWaitSeconds", "TerminationWaitInSeconds: ten")]),
  ]
}

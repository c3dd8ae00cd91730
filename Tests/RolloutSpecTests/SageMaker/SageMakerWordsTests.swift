import RolloutCore
import RolloutDiagnostics
import RolloutSpec
import Testing

@Suite struct `An environment on SageMaker` {
  @Test func `becomes a target with its stack, its template and its guardrails`() throws {
    let files = try SpecFixture.onSageMaker([
      (
        SageMakerFiles.production, "provider: sagemaker",
        "provider: sagemaker\n  parameters: {LatencyThreshold: 900000}"
      )
    ])
    let specs = try #require(files.load().specs)
    let target = try #require(specs.environments[0].target.sageMaker)
    #expect(target.region == "us-east-1")
    #expect(target.role == "arn:aws:iam::123456789012:role/fox")
    #expect(target.stack == "fox-production")
    #expect(target.instanceType == "ml.m5.xlarge")
    #expect(target.parameters == ["LatencyThreshold": "900000"])
    #expect(target.template.name == "production.yaml")
    #expect(try target.template.text == SageMakerFiles.productTemplate)
    #expect(target.template.parameters.prefix(3) == ["EndpointName", "EndpointConfigName", "ModelPackageArn"])
    #expect(target.template.parameters.last == "LatencyPeriods")
    #expect(specs.pipeline.state == .s3(S3Place(region: "us-east-1", bucket: "fox-rollout", prefix: "fox/")))
  }

  @Test func `takes its region, its role and its bucket from variables`() throws {
    let files = try SpecFixture.onSageMaker([
      (SageMakerFiles.production, "us-east-1", "${REGION}"),
      (SageMakerFiles.production, "arn:aws:iam::123456789012:role/fox", "${ROLE}"),
      (
        SageMakerFiles.pipeline, "bucket: fox-rollout, prefix: fox, region: us-east-1",
        "bucket: \"${BUCKET}\", region: \"${REGION}\""
      ),
      (SageMakerFiles.pipeline, "region: us-east-1, group", "region: \"${REGION}\", group"),
    ])
    let role = "arn:aws:iam::210987654321:role/cub"
    let loaded = files.load(environment: ["REGION": "eu-west-1", "ROLE": role, "BUCKET": "cubs"])
    #expect(DiagnosticText().render(loaded.diagnostics) == "")
    let specs = try #require(loaded.specs)
    #expect(specs.environments[0].target.sageMaker?.region == "eu-west-1")
    #expect(specs.environments[0].target.sageMaker?.role == role)
    #expect(specs.pipeline.state == .s3(S3Place(region: "eu-west-1", bucket: "cubs", prefix: "")))
    #expect(specs.pipeline.registry == .sageMaker(region: "eu-west-1", group: "fox"))
    #expect(Set(files.codes()) == ["R0107"], "all of them are asked for")
  }

  @Test func `a parameter of a template takes no variable, because plans show it`() throws {
    let files = try SpecFixture.onSageMaker([
      (
        SageMakerFiles.production, "provider: sagemaker",
        "provider: sagemaker\n  parameters: {LatencyThreshold: \"${LIMIT}\"}"
      )
    ])
    #expect(files.codes(environment: ["LIMIT": "900000"]) == ["R0111"])
  }

  @Test(arguments: [
    ("canary: {steps: [{weight: 50%, bake: 10m}]}", "canary 50% for 10m, at most 40m"),
    (
      "canary: {steps: [{weight: 50%, bake: 10m}], bakeAfter: 1h}",
      "canary 50% for 10m, then 100% for 1h, at most 1h40m"
    ),
    ("linear: {step: 25%, bake: 10m}", "linear steps of 25%, 10m each, at most 1h10m"),
    ("rolling: {batch: 50%, bake: 10m}", "rolling batches of 50%, 10m each, at most 50m"),
    ("allAtOnce: {bakeAfter: 10m}", "all at once, then 100% for 10m, at most 40m"),
    (
      "canary: {steps: [{weight: 25%, bake: 10m}, {weight: 50%, bake: 10m}, {weight: 75%, bake: 10m}]}",
      "linear steps of 25%, 10m each, at most 1h10m"
    ),
  ])
  func `shifts traffic in the ways that SageMaker knows`(strategy: String, guardrails: String) throws {
    let canary = "canary:\n    steps: [{weight: 25%, bake: 10m}]\n    bakeAfter: 10m"
    let files = try SpecFixture.onSageMaker([(SageMakerFiles.production, canary, strategy)])
    let loaded = files.load()
    #expect(DiagnosticText().render(loaded.diagnostics) == "")
    let target = try #require(loaded.specs?.environments[0].target.sageMaker)
    #expect("\(target.guardrails)" == guardrails)
  }

  @Test(arguments: [
    "Parameters:\n  A: {Type: String, Default: !Sub x}\n  B:\n    Type: String\nResources:\n  C: {}\n",
    "{\"Resources\": {\"C\": [{}]}, \"Parameters\": {\"A\": {\"Type\": \"String\"}, \"B\": {}}}",
  ])
  func `is read with the parameters of its template, in YAML and in JSON`(template: String) throws {
    let files = try SpecFixture.onSageMaker([])
    try files.write(SageMakerFiles.template, Array(template.utf8))
    let diagnostics = files.load().diagnostics
    let lacking = try #require(diagnostics.first { $0.code == .templateLacksParameter })
    #expect(lacking.message.hasSuffix("'EndpointName', 'EndpointConfigName', 'ModelPackageArn'"))
    #expect(!diagnostics.contains { $0.code == .yamlSyntax || $0.code == .tagUnsupported })
  }

  @Test func `is not read further than a template that is not YAML`() throws {
    let files = try SpecFixture.onSageMaker([(SageMakerFiles.template, "  MinCapacity:\n", "  MinCapacity: {\n")])
    #expect(files.codes() == ["R0006"])
  }

  @Test func `leaves what its own words say out of what is said of the template`() throws {
    let files = try SpecFixture.onSageMaker([(SageMakerFiles.production, "weight: 25%", "weight: 75%")])
    #expect(files.codes().filter { $0.hasPrefix("R031") } == [], "R0351 says it where it is written")
  }

  @Test func `gives the template every value that its words decide`() throws {
    let files = try SpecFixture.onSageMaker([])
    let environment = try #require(files.load().specs?.environments[0])
    let target = try #require(environment.target.sageMaker)
    let values = target.parameterValues(
      endpoint: environment.endpoint, alarms: environment.alarms, scaling: environment.autoscaling)
    #expect(
      values == [
        "EndpointName": "fox-prod", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/fox",
        "InstanceType": "ml.m5.xlarge", "VCPUs": "4", "InitialInstanceCount": "4", "Routing": "CANARY",
        "TrafficPercent": "25",
        "WaitSeconds": "600", "TerminationWaitSeconds": "600", "TimeoutSeconds": "3000", "MinCapacity": "2",
        "MaxCapacity": "7", "InvocationsPerInstance": "70", "ScaleOutCooldown": "300", "ScaleInCooldown": "300",
        "ModelErrorsThreshold": "5", "ModelErrorsPeriod": "300", "ModelErrorsDatapoints": "1",
        "ModelErrorsPeriods": "1",
      ])
    let unscaled = target.parameterValues(endpoint: environment.endpoint, alarms: [], scaling: nil)
    #expect(unscaled["MinCapacity"] == "4")
    #expect(unscaled["MaxCapacity"] == "4", "as many as at the start")
    #expect(unscaled["InvocationsPerInstance"] == nil)
  }

  @Test func `has a stack of its own`() throws {
    let production = try #require(SageMakerFiles.working[SageMakerFiles.production])
    let files = try SpecFixture.onSageMaker([
      (SageMakerFiles.pipeline, "[production]", "[staging, production]"),
      (SageMakerFiles.production, "provider: sagemaker", "provider: sagemaker\n  stack: fox-staging"),
    ])
    let staging = production.replacing("environment: production", with: "environment: staging")
      .replacing("fox-prod", with: "fox-staging")
    try files.write("Environments/staging.yaml", Array(staging.utf8))
    #expect(
      files.text() == """
        error[R0371]: two environments have the stack 'fox-staging'
         --> Environments/production.yaml:4:10
          |
        4 |   stack: fox-staging
          |          ^^^^^^^^^^^ again here
         ::: Environments/staging.yaml:2:1
          |
        2 | target:
          | ------ first here
          = help: give each a stack of its own, or leave 'stack' out

        """)
  }

  @Test func `is watched by nine alarms of its own at most`() throws {
    let alarm = try #require(SageMakerFiles.working[SageMakerFiles.alarm])
    let names = (1...10).map { "errors\($0)" }
    let listed = names.map { "../Alarms/\($0).yaml" }.joined(separator: ", ")
    let parameters = names.flatMap { StackParameters.Alarm($0).all }.map { "  \($0): {Type: Number, Default: 60}\n" }
      .joined()
    let files = try SpecFixture.onSageMaker([
      (SageMakerFiles.production, "../Alarms/errors.yaml", listed),
      (SageMakerFiles.template, "  ModelErrorsThreshold:\n", parameters + "  ModelErrorsThreshold:\n"),
    ])
    for name in names {
      try files.write(
        "Alarms/\(name).yaml", Array(alarm.replacing("alarm: model-errors", with: "alarm: \(name)").utf8))
    }
    let found = files.load().diagnostics
    #expect(found.contains { $0.code == .watchedAlarmsTooMany })
    #expect(found.first { $0.code == .watchedAlarmsTooMany }?.primary.text == "this is rollback alarm 10 of 10")
  }
}

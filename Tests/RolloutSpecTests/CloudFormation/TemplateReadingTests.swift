import RolloutCore
import RolloutDiagnostics
import RolloutSpec
import Testing

/// What is found in a template, however it is written.
@Suite struct `A template as it is read` {
  @Test func `says how traffic moves`() throws {
    let template = try ProductTemplate("production")
    let expected: [(String, Guardrails.Routing)] = [
      ("CANARY", .canary(try #require(Percent(10)), wait: .minutes(10))),
      ("LINEAR", .linear(try #require(Percent(10)), wait: .minutes(10))),
      ("ROLLING", .rolling(try #require(Percent(10)), wait: .minutes(10))), ("ALL_AT_ONCE", .allAtOnce),
    ]
    for (routing, guardrails) in expected {
      let given = ProductTemplate.deployment.merging(["Routing": routing]) { $1 }
      #expect(template.reading(given: given)?.guardrails?.routing == guardrails)
    }
  }

  @Test func `holds what a deployment fills in`() throws {
    let stack = try #require(ProductTemplate("production").reading(given: ProductTemplate.deployment))
    #expect(stack.endpoint?.name.value == "eye-catcher-prod")
    #expect(stack.configuration?.name?.value == "eye-catcher-prod-12")
    #expect(stack.endpoint?.retainsProperties?.value == true)
    #expect(stack.guardrails?.bakeAfter == .minutes(10) && stack.guardrails?.timeout == .hours(1))
    let variant = try #require(stack.variants.first)
    #expect(variant.name?.value == "AllTraffic" && variant.initialCount?.value == 4)
    let model = try #require(stack.model(of: variant))
    #expect(model.containers.first?.package?.value == ProductTemplate.deployment["ModelPackageArn"])
    #expect(model.containers.first?.specification == nil)
    #expect(
      stack.rollbackAlarms.compactMap(\.name.value) == [
        "eye-catcher-prod-model-errors", "eye-catcher-prod-model-errors-new", "eye-catcher-prod-cpu",
        "eye-catcher-prod-latency", "eye-catcher-prod-abort",
      ])
    #expect(stack.scalableTargets.first?.variant?.value == "AllTraffic")
    #expect(stack.scalingPolicies.first?.targetValue?.value == 70)
    #expect(stack.scalingPolicies.first?.scaleInCooldown?.value == 600)
  }

  @Test func `leaves out what a condition does`() throws {
    let template = try ProductTemplate("production")
    let first = ProductTemplate.deployment.merging(["FirstDeployment": "true", "MinCapacity": "7"]) { $1 }
    let stack = try #require(template.reading(given: first))
    #expect(stack.endpoint?.retainsProperties == nil && stack.endpoint?.excluded.isEmpty == true)
    #expect(stack.scalableTargets.isEmpty && stack.scalingPolicies.isEmpty)
  }

  @Test func `guesses nothing that only AWS knows`() throws {
    let stack = try #require(ProductTemplate("production").reading())
    #expect(stack.endpoint?.name.content == .symbolic("EndpointName"))
    #expect(stack.models.first?.containers.first?.package?.content == .symbolic("ModelPackageArn"))
    #expect(stack.variants.first?.model?.content == .symbolic("Model.ModelName"))
    #expect(stack.alarms.first?.name.content == .symbolic("${EndpointName}-model-errors"))
    #expect(stack.scalableTargets.first?.endpoint?.isSame(as: try #require(stack.endpoint?.name)) == true)
  }

  @Test func `is found whatever it is called, through nested conditions and mappings`() throws {
    let stack = try #require(TemplateText(Self.disguised).reading(given: ["Stage": "prod"]))
    #expect(stack.endpoint?.resource.logicalID == "Fox")
    #expect(stack.endpoint?.name.value == "team-prod-fox")
    #expect(stack.guardrails?.routing == .canary(try #require(Percent(25)), wait: .minutes(5)))
    #expect(stack.variants.first?.instanceType?.value == "ml.c5.2xlarge")
    #expect(stack.rollbackAlarms.map(\.resource.logicalID) == ["Errors"])
    #expect(stack.models.map(\.resource.logicalID) == ["Brain"])

    let test = try #require(TemplateText(Self.disguised).reading(given: ["Stage": "test"]))
    #expect(test.endpoint?.name.value == "team-test-fox")
    #expect(test.endpoint?.deployment == nil)
    #expect(test.variants.first?.instanceType?.value == "ml.t2.medium")
  }

  private static let disguised = """
    Parameters:
      Stage: {Type: String, AllowedValues: [test, prod]}
      Share: {Type: Number, Default: 25}
    Mappings:
      Stages:
        test: {Type: ml.t2.medium}
        prod: {Type: ml.c5.2xlarge}
    Conditions:
      Production: !Equals [!Ref Stage, prod]
      Guarded: !And [!Condition Production, !Not [!Equals [!Ref Share, 0]]]
    Resources:
      Brain:
        Type: AWS::SageMaker::Model
        Properties:
          PrimaryContainer: {ModelPackageName: !Sub "arn:aws:sagemaker:${AWS::Region}:1:model-package/fox/1"}
      Plan:
        Type: AWS::SageMaker::EndpointConfig
        Properties:
          ProductionVariants:
            - {VariantName: Main, ModelName: !GetAtt Brain.ModelName, InstanceType: !FindInMap [Stages, !Ref Stage, Type]}
      Fox:
        Type: AWS::SageMaker::Endpoint
        Properties:
          EndpointName: !Join ["-", [team, !Select [1, !Split [":", !Sub "a:${Stage}:b"]], fox]]
          EndpointConfigName: {"Fn::GetAtt": [Plan, EndpointConfigName]}
          DeploymentConfig:
            Fn::If:
              - Production
              - BlueGreenUpdatePolicy: !If
                  - Guarded
                  - TrafficRoutingConfiguration:
                      Type: !If [Guarded, !If [Production, CANARY, LINEAR], ALL_AT_ONCE]
                      WaitIntervalInSeconds: 300
                      CanarySize: {Type: CAPACITY_PERCENT, Value: !Ref Share}
                  - !Ref AWS::NoValue
                AutoRollbackConfiguration: {Alarms: [{AlarmName: !Ref Errors}]}
              - !Ref AWS::NoValue
      Errors:
        Type: AWS::CloudWatch::Alarm
        Properties: {Namespace: AWS/SageMaker, MetricName: InvocationModelErrors, EvaluationPeriods: 1}
    """

  @Test func `has no faults because of what only AWS knows`() throws {
    var template = try ProductTemplate("production")
    for (old, new) in [
      (
        "      DeploymentConfig:\n",
        "      DeploymentConfig: !If [InEurope, !Ref AWS::NoValue, !Ref AWS::NoValue]\n      Tags:\n"
      ),
      (
        "    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n",
        "    DeletionPolicy: !If [InEurope, Retain, Delete]\n    UpdateReplacePolicy: !If [InEurope, Retain, Delete]\n"
      ),
      ("      PrimaryContainer:\n", "      PrimaryContainer: !If [InEurope, {}, {}]\n      Tags:\n"),
      ("Conditions:\n", "Conditions:\n  InEurope: !Equals [!Ref AWS::Region, eu-central-1]\n"),
    ] { template = try template.with(old, new) }
    // The keys below are now in the wrong place, which is another matter.
    let found = template.diagnostics(given: ProductTemplate.deployment).filter { $0.code != .templateKeyUnknown }
    #expect(found.map(\.message) == [])
    let stack = try #require(template.reading(given: ProductTemplate.deployment))
    #expect(stack.endpoint?.deployment == nil && stack.endpoint?.isDeploymentKnown == false)
  }

  @Test func `may name its alarms by their text, and is told what that means`() throws {
    let template = try ProductTemplate("production").with(
      "AlarmName: !Ref CpuAlarm", "AlarmName: !Sub \"${EndpointName}-cpu\"")
    let stack = try #require(template.reading(given: ProductTemplate.deployment))
    #expect(stack.rollbackAlarms.map(\.resource.logicalID).contains("CpuAlarm"))
    let found = template.diagnostics(given: ProductTemplate.deployment)
    #expect(found.map(\.message) == ["the endpoint may be deployed before its alarm 'CpuAlarm' is made"])
    let waiting = try template.with("  Endpoint:\n", "  Endpoint:\n    DependsOn: CpuAlarm\n")
    #expect(waiting.diagnostics(given: ProductTemplate.deployment) == [])
  }

  @Test func `may be JSON`() throws {
    let text = """
      {
      \t"Description": "a fox \\ud83e\\udd8a, and a slash \\/",
      \t"Resources": {
      \t\t"Fox": {"Type": "AWS::SageMaker::Endpoint", "Properties": {
      \t\t\t"EndpointName": {"Fn::Sub": ["${Name}-fox", {"Name": "red"}]},
      \t\t\t"EndpointConfigName": "plan"}}
      \t}
      }
      """
    #expect(try #require(TemplateText(text).reading()).endpoint?.name.value == "red-fox")
  }

  @Test func `keeps a secret out of everything that is shown`() throws {
    let text = """
      Parameters: {Key: {Type: String, NoEcho: true, Default: s3cr3t}}
      Conditions: {HasKey: !Equals [!Ref Key, s3cr3t]}
      Resources:
        Fox:
          Type: AWS::SageMaker::Endpoint
          Properties: {EndpointName: !Ref Key, EndpointConfigName: !If [HasKey, yes, no]}
      """
    let stack = try #require(TemplateText(text).reading())
    #expect(stack.endpoint?.name.content == .symbolic("Key"))
    #expect(stack.endpoint?.configuration?.value == "yes")
    #expect(!TemplateText(text).problems().contains { $0.message.contains("s3cr3t") })
  }

  @Test(arguments: [
    "Resources: {A: {Type: T, Properties: {B: !Foo c}}}", "Resources: {A: {Type: T, Properties: {B: !!binary c}}}",
  ])
  func `may have the tags of functions and no others`(_ text: String) {
    #expect(TemplateText(text).problems().map(\.code).contains(.tagUnsupported))
  }

  @Test(arguments: ["", "a", "[a]", "Resources: []", "Resources: {}", "environment: staging"])
  func `is refused when it is none`(_ text: String) {
    #expect(TemplateText(text).reading() == nil)
    #expect(TemplateText(text).problems().contains { $0.severity == .error })
  }

  @Test func `has one endpoint`() {
    let two = "Resources: {A: {Type: 'AWS::SageMaker::Endpoint'}, B: {Type: 'AWS::SageMaker::Endpoint'}}"
    #expect(TemplateText(two).problems().map(\.code).contains(.endpointNotOne))
    #expect(TemplateText("Resources: {A: {Type: 'AWS::S3::Bucket'}}").problems().map(\.code) == [.endpointNotOne])
  }

  @Test func `is refused when its names go round for ever`() {
    let conditions = "Conditions: {A: !Condition B, B: !Not [!Condition A]}\n"
    let text = conditions + "Resources: {E: {Type: 'AWS::SageMaker::Endpoint', Condition: A}}"
    #expect(TemplateText(text).problems().map(\.code).contains(.templateCycle))
    let own = "Resources: {E: {Type: 'AWS::SageMaker::Endpoint', Properties: {EndpointName: !GetAtt E.EndpointName}}}"
    #expect(TemplateText(own).problems().map(\.code).contains(.templateCycle))
  }
}

/// A template of a test's own.
struct TemplateText {
  var text: String

  init(_ text: String) { self.text = text }

  func reading(given parameters: [String: String] = [:]) -> StackReading? {
    var diagnostics = Diagnostics()
    return readTemplate(text, path: "fox.yaml", parameters: parameters, into: &diagnostics)
  }

  func problems(given parameters: [String: String] = [:]) -> [Diagnostic] {
    var diagnostics = Diagnostics()
    _ = readTemplate(text, path: "fox.yaml", parameters: parameters, into: &diagnostics)
    return diagnostics.sorted
  }
}

import LoopbackServer
import RolloutCore
import Testing

@testable import RolloutAWS

/// Endpoints and what they serve, in SageMaker's own words.
@Suite struct SageMakerServiceTests {
  private static let absent = LoopbackServer.Reply.json(
    #"{"__type":"ValidationException","message":"Could not find endpoint \"arn:aws:sagemaker:e\"."}"#, status: 400)

  private static let endpoint = #"""
    {"EndpointName":"eyes","EndpointArn":"arn:e","EndpointConfigName":"eyes-7","EndpointStatus":"Updating",
     "CreationTime":1764064800.5,"LastModifiedTime":1764068400,"NewMember":{"a":[1]},
     "ProductionVariants":[{"VariantName":"AllTraffic","CurrentWeight":1.0,"DesiredWeight":1.0,
       "CurrentInstanceCount":3,"DesiredInstanceCount":4,"VariantStatus":[{"Status":"Updating"}]}],
     "LastDeploymentConfig":{"BlueGreenUpdatePolicy":{"TrafficRoutingConfiguration":{"Type":"CANARY"}},
       "AutoRollbackConfiguration":{"Alarms":[{"AlarmName":"eyes-abort"},{"AlarmName":"eyes-latency"}]}},
     "PendingDeploymentSummary":{"EndpointConfigName":"eyes-9","StartTime":1764068400.0,
       "ProductionVariants":[{"VariantName":"AllTraffic","InstanceType":"ml.m5.xlarge","DesiredInstanceCount":4,
         "VariantStatus":[{"Status":"Baking","StatusMessage":"Baking for 600 seconds.","StartTime":1764068460}]}]}}
    """#

  @Test func `an endpoint is read with the deployment that is on its way`() async throws {
    let aws = try FakeAWS(.json(Self.endpoint))
    let endpoint = try #require(try await SageMakerService(try aws.client()).endpoint("eyes"))
    #expect(endpoint.arn == "arn:e" && endpoint.status == "Updating" && endpoint.configuration == "eyes-7")
    #expect(endpoint.failureReason == nil && endpoint.rollbackAlarms == ["eyes-abort", "eyes-latency"])
    #expect(endpoint.createdAt == Timestamp(milliseconds: 1_764_064_800_500))
    let variant = try #require(endpoint.variants.first)
    #expect(variant.current == 3 && variant.desired == 4 && variant.currentWeight == 1)
    #expect(variant.stages.map(\.status) == ["Updating"])
    let pending = try #require(endpoint.pending)
    #expect(pending.configuration == "eyes-9" && pending.startedAt == Timestamp(milliseconds: 1_764_068_400_000))
    #expect(pending.variants.first?.instanceType == "ml.m5.xlarge")
    #expect(
      pending.variants.first?.stages == [
        .init(
          status: "Baking", message: "Baking for 600 seconds.", startedAt: Timestamp(milliseconds: 1_764_068_460_000))
      ])
    #expect(aws.requests.first?.header("X-Amz-Target") == "SageMaker.DescribeEndpoint")
    #expect(aws.requests.first?.header("Content-Type") == "application/x-amz-json-1.1")
    #expect(aws.requests.first?.text == #"{"EndpointName":"eyes"}"#)
  }

  @Test func `an endpoint that says as little as it may is read too`() async throws {
    let aws = try FakeAWS(
      .json(#"{"EndpointName":"e","EndpointStatus":"NewWord","FailureReason":null,"CreationTime":"2026-11-25"}"#))
    let endpoint = try #require(try await SageMakerService(try aws.client()).endpoint("e"))
    #expect(endpoint.status == "NewWord" && endpoint.pending == nil && endpoint.variants.isEmpty)
    #expect(endpoint.createdAt == nil)
  }

  @Test func `what does not exist is told from what may not be read`() async throws {
    let denied = LoopbackServer.Reply.json(
      #"{"__type":"AccessDeniedException","Message":"no identity-based policy allows it"}"#, status: 400)
    let aws = try FakeAWS(Self.absent, Self.absent, Self.absent, denied, .json("{}"))
    let service = SageMakerService(try aws.client())
    #expect(try await service.endpoint("e") == nil)
    #expect(try await service.configuration("c") == nil)
    #expect(try await service.model("m") == nil)
    await #expect(throws: AWSError.self) { try await service.endpoint("e") }
    // An answer without a name or a status describes nothing.
    await #expect(throws: AWSError.self) { try await service.endpoint("e") }
  }

  @Test func `what is gone already is as good as deleted`() async throws {
    let aws = try FakeAWS(Self.absent, Self.absent, .answer(status: 200), .answer(status: 200))
    let service = SageMakerService(try aws.client())
    try await service.deleteConfiguration("c")
    try await service.deleteModel("m")
    try await service.deleteConfiguration("c")
    try await service.deleteModel("m")
    #expect(aws.requests.map(\.text).prefix(2) == [#"{"EndpointConfigName":"c"}"#, #"{"ModelName":"m"}"#])
  }

  @Test func `a configuration can be created again with all that it holds`() async throws {
    let described = #"""
      {"EndpointConfigName":"eyes-7","EndpointConfigArn":"arn:c","CreationTime":1764064800.5,"KmsKeyId":null,
       "ProductionVariants":[{"VariantName":"AllTraffic","ModelName":"m7","InitialInstanceCount":2,
         "InitialVariantWeight":0.1,"NotKnownYet":{"on":true,"list":[1,null]}}]}
      """#
    let tags = #"{"Tags":[{"Key":"team","Value":"vision"},{"Key":"aws:cloudformation:stack-name","Value":"s"}]}"#
    let aws = try FakeAWS(.json(described), .json(tags), .json(#"{"EndpointConfigArn":"arn:d"}"#))
    let service = SageMakerService(try aws.client())
    let configuration = try #require(try await service.configuration("eyes-7"))
    #expect(configuration.models == ["m7"] && configuration.tags["team"] == "vision")
    #expect(aws.requests[1].text == #"{"ResourceArn":"arn:c"}"#)
    #expect(try await service.create(configuration, named: "eyes-9", tags: configuration.tags))
    #expect(
      aws.requests[2].text
        == #"{"EndpointConfigName":"eyes-9","ProductionVariants":[{"InitialInstanceCount":2,"#
        + #""InitialVariantWeight":0.1,"ModelName":"m7","NotKnownYet":{"list":[1,null],"on":true},"#
        + #""VariantName":"AllTraffic"}],"Tags":[{"Key":"team","Value":"vision"}]}"#)
  }

  @Test func `a name that is taken is told, and no configuration is created twice`() async throws {
    let taken = LoopbackServer.Reply.json(
      #"{"__type":"ValidationException","message":"Cannot create already existing endpoint configuration \"arn:c\"."}"#,
      status: 400)
    let aws = try FakeAWS(taken, .reset())
    let service = SageMakerService(try aws.client())
    let configuration = EndpointConfiguration(name: "a", arn: "arn:a", content: [:])
    #expect(try await !service.create(configuration, named: "b", tags: [:]))
    let error = await #expect(throws: AWSError.self) {
      try await service.create(configuration, named: "b", tags: [:])
    }
    #expect(error?.failure.mayHaveHappened == true && aws.requests.count == 2)
  }

  @Test func `an update says what it keeps, and is sent once`() async throws {
    let aws = try FakeAWS(.json(#"{"EndpointArn":"arn:e"}"#), .json("{}"), .answer(status: 500))
    let service = SageMakerService(try aws.client())
    try await service.updateEndpoint(
      "eyes", to: "eyes-9",
      deployment: .object(["RollingUpdatePolicy": .object(["WaitIntervalInSeconds": .number(60)])]))
    try await service.updateEndpoint("eyes", to: "eyes-7", retainsVariants: false, retainsDeployment: true)
    #expect(
      aws.requests[0].text
        == #"{"DeploymentConfig":{"RollingUpdatePolicy":{"WaitIntervalInSeconds":60}},"EndpointConfigName":"eyes-9","#
        + #""EndpointName":"eyes","RetainAllVariantProperties":true}"#)
    #expect(
      aws.requests[1].text
        == #"{"EndpointConfigName":"eyes-7","EndpointName":"eyes","RetainAllVariantProperties":false,"#
        + #""RetainDeploymentConfig":true}"#)
    await #expect(throws: AWSError.self) { try await service.updateEndpoint("eyes", to: "eyes-9") }
    #expect(aws.requests.count == 3)
  }

  @Test func `a model tells the packages that it runs`() async throws {
    let one = #"{"ModelName":"m","PrimaryContainer":{"ModelPackageName":"arn:p/7","InferenceSpecificationName":"q"}}"#
    let several = #"{"ModelName":"m","Containers":[{"Image":"i"},{"ModelPackageName":"arn:p/8"}]}"#
    let aws = try FakeAWS(.json(one), .json(several))
    let service = SageMakerService(try aws.client())
    let first = try await service.model("m")
    #expect(first?.packages == ["arn:p/7"] && first?.inferenceSpecification == "q")
    let second = try await service.model("m")
    #expect(second?.packages == ["arn:p/8"] && second?.inferenceSpecification == nil)
  }
}

extension LoopbackServer.Request {
  var text: String { String(decoding: body, as: UTF8.self) }
}

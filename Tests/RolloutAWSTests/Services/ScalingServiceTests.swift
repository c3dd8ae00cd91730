import LoopbackServer
import RolloutCore
import Testing

@testable import RolloutAWS

/// Bounds and activities of scaling, and what an account may use.
@Suite struct ScalingServiceTests {
  private let resource = ScalingService.resource(endpoint: "eyes", variant: "AllTraffic")

  @Test func `the bounds of a variant are read`() async throws {
    let aws = try FakeAWS(
      .json(
        #"""
        {"ScalableTargets":[{"ServiceNamespace":"sagemaker","ResourceId":"endpoint/eyes/variant/AllTraffic",
         "ScalableDimension":"sagemaker:variant:DesiredInstanceCount","MinCapacity":1,"MaxCapacity":4,
         "SuspendedState":{"DynamicScalingInSuspended":true}}]}
        """#), .json("{}"))
    let service = ScalingService(try aws.client())
    #expect(
      try await service.targets(for: resource) == [
        ScalableTarget(
          resource: "endpoint/eyes/variant/AllTraffic", dimension: "sagemaker:variant:DesiredInstanceCount", min: 1,
          max: 4, suspended: .init(scalingIn: true))
      ])
    #expect(aws.requests.first?.header("X-Amz-Target") == "AnyScaleFrontendService.DescribeScalableTargets")
    #expect(
      aws.requests.first?.text
        == #"{"ResourceIds":["endpoint/eyes/variant/AllTraffic"],"ServiceNamespace":"sagemaker"}"#)
    #expect(try await service.targets(for: resource).isEmpty)
  }

  @Test func `what was not scaled says why`() async throws {
    let aws = try FakeAWS(
      .json(
        #"""
        {"ScalingActivities":[{"ActivityId":"1","StatusCode":"NotScaled","Cause":"c","Description":"d",
          "StartTime":1764064800,"NotScaledReasons":[{"Code":"AlreadyAtMaxCapacity","MaxCapacity":4,"CurrentCapacity":4}]},
         {"ActivityId":"2","StatusCode":"Successful","StatusMessage":"m","EndTime":1764064860}],"NextToken":"n"}
        """#))
    let activities = try await ScalingService(try aws.client()).activities(for: resource, limit: 1)
    #expect(
      activities == [
        ScalingActivity(
          id: "1", description: "d", cause: "c", status: "NotScaled",
          startedAt: Timestamp(milliseconds: 1_764_064_800_000),
          notScaledReasons: [.init(code: "AlreadyAtMaxCapacity", current: 4, max: 4)])
      ])
    #expect(
      aws.requests.first?.text
        == #"{"IncludeNotScaledActivities":true,"ResourceId":"endpoint/eyes/variant/AllTraffic","#
        + #""ServiceNamespace":"sagemaker"}"#)
  }

  @Test func `a list of activities that leads in a circle is not followed for ever`() async throws {
    let page = LoopbackServer.Reply.json(#"{"ScalingActivities":[{"ActivityId":"1"}],"NextToken":"same"}"#)
    let service = ScalingService(try FakeAWS(page, page).client())
    let error = await #expect(throws: AWSError.self) { try await service.activities(for: resource) }
    #expect(error?.description.contains("does not end") == true)
    #expect(error?.action == "application-autoscaling:DescribeScalingActivities")
  }

  @Test func `a quota is found by the name of its instance type, on the page that has it`() async throws {
    let aws = try FakeAWS(
      .json(#"{"Quotas":[{"QuotaName":"ml.m5.xlarge for training job usage","Value":9.0}],"NextToken":"n"}"#),
      .json(#"{"Quotas":[{"QuotaName":"ml.m5.xlarge for endpoint usage","Value":20.0}],"NextToken":"more"}"#))
    #expect(await ServiceQuotasService(try aws.client()).quota(for: "ml.m5.xlarge") == 20)
    #expect(aws.requests.first?.header("X-Amz-Target") == "ServiceQuotasV20190624.ListServiceQuotas")
    #expect(aws.requests.last?.text == #"{"MaxResults":100,"NextToken":"n","ServiceCode":"sagemaker"}"#)
  }

  @Test func `a quota that may not be read, or is not listed, is not known`() async throws {
    let aws = try FakeAWS(
      .json(#"{"__type":"AccessDeniedException"}"#, status: 400), .json("{}"),
      .answer(status: 400, body: Array("<html>".utf8)))
    let service = ServiceQuotasService(try aws.client())
    for _ in 0..<3 { #expect(await service.quota(for: "ml.m5.xlarge") == nil) }
    #expect(aws.left == 0)
  }
}

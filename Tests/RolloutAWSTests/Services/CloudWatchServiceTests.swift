import LoopbackServer
import RolloutCore
import Testing

@testable import RolloutAWS

/// Alarms and metrics, in CloudWatch's own words.
@Suite struct CloudWatchServiceTests {
  @Test func `alarms of both kinds are read`() async throws {
    let page = #"""
      {"MetricAlarms":[{"AlarmName":"a","AlarmArn":"arn:a","StateValue":"ALARM","StateReason":"2 > 1",
        "StateUpdatedTimestamp":1764064860.0,"StateTransitionedTimestamp":1764064800.0}],
       "CompositeAlarms":[{"AlarmName":"c","StateValue":"OK","StateUpdatedTimestamp":1764064860}]}
      """#
    let aws = try FakeAWS(.json(page))
    let alarms = try await CloudWatchService(try aws.client()).alarms(named: ["a", "c", "none"])
    #expect(
      alarms == [
        Alarm(
          name: "a", arn: "arn:a", state: "ALARM", reason: "2 > 1",
          stateSince: Timestamp(milliseconds: 1_764_064_800_000)),
        Alarm(name: "c", arn: "", state: "OK", reason: "", stateSince: Timestamp(milliseconds: 1_764_064_860_000)),
      ])
    let request = try #require(aws.requests.first)
    #expect(request.header("X-Amz-Target") == "GraniteServiceVersion20100801.DescribeAlarms")
    #expect(request.header("Content-Type") == "application/x-amz-json-1.0")
    #expect(request.header("x-amzn-query-mode") == "true")
    #expect(request.header("Authorization")?.contains("/monitoring/aws4_request") == true)
    #expect(request.text == #"{"AlarmNames":["a","c","none"],"AlarmTypes":["MetricAlarm","CompositeAlarm"]}"#)
  }

  @Test func `many names are asked for a hundred at a time, and none not at all`() async throws {
    let aws = try FakeAWS(.json("{}"), .json("{}"))
    let service = CloudWatchService(try aws.client())
    #expect(try await service.alarms(named: []).isEmpty && aws.requests.isEmpty)
    #expect(try await service.alarms(named: (0..<101).map { "a\($0)" }).isEmpty)
    #expect(aws.requests.last?.text == #"{"AlarmNames":["a100"],"AlarmTypes":["MetricAlarm","CompositeAlarm"]}"#)
  }

  @Test func `alarms of a prefix go on over their pages`() async throws {
    let aws = try FakeAWS(
      .json(#"{"MetricAlarms":[{"AlarmName":"eyes-a"}],"NextToken":"n"}"#),
      .json(#"{"MetricAlarms":[{"AlarmName":"eyes-b"}]}"#))
    #expect(
      try await CloudWatchService(try aws.client()).alarms(prefix: "eyes-").map(\.name) == ["eyes-a", "eyes-b"])
    #expect(
      aws.requests.last?.text
        == #"{"AlarmNamePrefix":"eyes-","AlarmTypes":["MetricAlarm","CompositeAlarm"],"NextToken":"n"}"#)
  }

  @Test func `a value is put at the time of the service`() async throws {
    let aws = try FakeAWS(.answer(status: 200))
    try await CloudWatchService(try aws.client()).put(
      metric: "Abort", namespace: "Rollout", dimensions: ["EndpointName": "eyes"], value: 1)
    #expect(
      aws.requests.first?.text
        == #"{"MetricData":[{"Dimensions":[{"Name":"EndpointName","Value":"eyes"}],"MetricName":"Abort","Value":1}],"#
        + #""Namespace":"Rollout"}"#)
  }

  @Test func `the parts of a series are put together in the order of time`() async throws {
    let aws = try FakeAWS(
      .json(
        #"""
        {"MetricDataResults":[{"Id":"e","Label":"errors","Timestamps":[1764064860,1764064800],"Values":[2,1],
         "StatusCode":"PartialData"}],"NextToken":"n"}
        """#),
      .json(
        #"""
        {"MetricDataResults":[{"Id":"e","Label":"errors","Timestamps":[1764064920],"Values":[3.5],"StatusCode":"Complete"},
         {"Id":"r","Timestamps":[],"Values":[]}]}
        """#))
    let metric = Metric(
      namespace: "AWS/SageMaker", name: "Invocations", dimensions: ["VariantName": "v", "EndpointName": "e"])
    let series = try await CloudWatchService(try aws.client()).values(
      [
        MetricQuery("i", .metric(metric, statistic: "Sum", period: .minutes(1)), returnsData: false),
        MetricQuery("e", .expression("100 * i")),
      ], from: Timestamp(milliseconds: 1_764_064_800_000), to: Timestamp(milliseconds: 1_764_064_980_500))
    #expect(series.map(\.id) == ["e", "r"] && series.first?.status == "Complete")
    #expect(series.first?.points.map(\.value) == [1, 2, 3.5])
    #expect(
      aws.requests.first?.text
        == #"{"EndTime":1764064980.5,"MetricDataQueries":[{"Id":"i","MetricStat":{"Metric":{"Dimensions":["#
        + #"{"Name":"EndpointName","Value":"e"},{"Name":"VariantName","Value":"v"}],"MetricName":"Invocations","#
        + #""Namespace":"AWS/SageMaker"},"Period":60,"Stat":"Sum"},"ReturnData":false},"#
        + #"{"Expression":"100 * i","Id":"e","ReturnData":true}],"ScanBy":"TimestampAscending","StartTime":1764064800}"#
    )
  }

  @Test func `a missing permission has the name that policies give it, not the one that is signed for`() async throws {
    let denied = LoopbackServer.Reply.answer(
      status: 400, headers: [("x-amzn-query-error", "AccessDenied;Sender")],
      body: Array(#"{"__type":"AccessDeniedException"}"#.utf8))
    let service = CloudWatchService(try FakeAWS(denied).client())
    let error = await #expect(throws: AWSError.self) { try await service.alarms(prefix: "a") }
    #expect(error?.help == "allow cloudwatch:DescribeAlarms in the policy of whoever runs this")
  }
}

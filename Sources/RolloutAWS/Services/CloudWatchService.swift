package import RolloutCore

/// Alarms and metrics of CloudWatch.
package struct CloudWatchService: Sendable {
  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// Those of these names that exist, metric alarms and composite ones, in no order.
  package func alarms(named names: [String]) async throws(AWSError) -> [Alarm] {
    var found: [Alarm] = []
    var rest = names[...]
    while !rest.isEmpty {
      found += try await alarms(["AlarmNames": .array(rest.prefix(Self.namesMax).map { .string($0) })])
      rest = rest.dropFirst(Self.namesMax)
    }
    return found
  }

  package func alarms(prefix: String) async throws(AWSError) -> [Alarm] {
    try await alarms(["AlarmNamePrefix": .string(prefix)])
  }

  /// Adds a value at this moment by CloudWatch's clock. Never sent again by itself: a value that arrives late is one about
  /// another moment.
  package func put(
    metric: String, namespace: String, dimensions: [String: String], value: Double
  ) async throws(AWSError) {
    let datum: [String: JSONValue] = [
      "MetricName": .string(metric), "Dimensions": Metric.list(dimensions), "Value": .number(value),
    ]
    let _: NoContent = try await ask(
      "PutMetricData", ["Namespace": .string(namespace), "MetricData": .array([.object(datum)])], isRepeatable: false)
  }

  /// What was measured in `from..<to`: one series for each query that returns data, ascending in time. At most 500.
  package func values(
    _ queries: [MetricQuery], from start: Timestamp, to end: Timestamp
  ) async throws(AWSError) -> [MetricSeries] {
    precondition(queries.count <= 500, "one request takes 500 queries")
    guard !queries.isEmpty else { return [] }
    let input: [String: JSONValue] = [
      "MetricDataQueries": .array(queries.map(\.json)), "StartTime": .seconds(start), "EndTime": .seconds(end),
      "ScanBy": .string("TimestampAscending"),
    ]
    let parts = try await client.pages(of: "cloudwatch:GetMetricData") { token throws(AWSError) in
      let page: DataPage = try await ask("GetMetricData", input.page(token))
      return (page.MetricDataResults ?? [], page.NextToken)
    }
    return MetricSeries.joined(parts)
  }

  private static let namesMax = 100

  private func alarms(_ which: [String: JSONValue]) async throws(AWSError) -> [Alarm] {
    var input = which
    input["AlarmTypes"] = .array([.string("MetricAlarm"), .string("CompositeAlarm")])
    let asked = input
    return try await client.pages(of: "cloudwatch:DescribeAlarms") { token throws(AWSError) in
      let page: AlarmPage = try await ask("DescribeAlarms", asked.page(token))
      return ((page.MetricAlarms ?? []) + (page.CompositeAlarms ?? []), page.NextToken)
    }
  }

  private func ask<Output: Decodable>(
    _ operation: String, _ input: [String: JSONValue], isRepeatable: Bool = true
  ) async throws(AWSError) -> Output {
    try await client.json(
      .cloudWatch, "GraniteServiceVersion20100801", operation, input, version: "1.0",
      headers: [AWSRequest.Field("x-amzn-query-mode", "true")], isRepeatable: isRepeatable)
  }

  private struct AlarmPage: Decodable {
    var MetricAlarms: [Alarm]?
    var CompositeAlarms: [Alarm]?
    var NextToken: String?
  }

  private struct DataPage: Decodable {
    var MetricDataResults: [MetricSeries]?
    var NextToken: String?
  }
}

/// An alarm as CloudWatch has it now.
package struct Alarm: Hashable, Sendable {
  package var name: String
  package var arn: String
  /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
  package var state: String
  package var reason: String
  package var stateSince: Timestamp?
  /// What it watches; `nil` where it is a formula, or other alarms.
  package var metric: String?
  package var namespace: String?
}

extension Alarm: Decodable {
  private enum Key: String, CodingKey {
    case AlarmName, AlarmArn, StateValue, StateReason, StateTransitionedTimestamp, StateUpdatedTimestamp,
      MetricName, Namespace
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      name: try container.decode(String.self, forKey: .AlarmName), arn: try container.text(.AlarmArn),
      state: try container.text(.StateValue), reason: try container.text(.StateReason),
      stateSince: try container.moment(.StateTransitionedTimestamp) ?? container.moment(.StateUpdatedTimestamp),
      metric: try container.decodeIfPresent(String.self, forKey: .MetricName),
      namespace: try container.decodeIfPresent(String.self, forKey: .Namespace))
  }
}

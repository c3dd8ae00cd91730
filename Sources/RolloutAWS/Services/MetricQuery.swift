package import RolloutCore

/// One series that is asked for: a metric, or a formula over others of the same request.
package struct MetricQuery: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    /// `statistic`: `Sum`, `Average`, `Maximum`, `p99`, …
    case metric(Metric, statistic: String, period: TimeSpan)
    /// `errors / requests`
    case expression(String)
  }

  /// Begins with a lower-case letter.
  package var id: String
  package var source: Source
  /// `false` for one that only formulas use.
  package var returnsData: Bool

  package init(_ id: String, _ source: Source, returnsData: Bool = true) {
    self.id = id
    self.source = source
    self.returnsData = returnsData
  }
}

package struct Metric: Hashable, Sendable {
  /// `AWS/SageMaker`
  package var namespace: String
  package var name: String
  package var dimensions: [String: String]

  package init(namespace: String, name: String, dimensions: [String: String]) {
    self.namespace = namespace
    self.name = name
    self.dimensions = dimensions
  }

  static func list(_ dimensions: [String: String]) -> JSONValue {
    .array(
      dimensions.sorted { $0.key < $1.key }.map { .object(["Name": .string($0.key), "Value": .string($0.value)]) })
  }
}

extension MetricQuery {
  var json: JSONValue {
    var members: [String: JSONValue] = ["Id": .string(id), "ReturnData": .bool(returnsData)]
    switch source {
    case .metric(let metric, let statistic, let period):
      members["MetricStat"] = .object([
        "Metric": .object([
          "Namespace": .string(metric.namespace), "MetricName": .string(metric.name),
          "Dimensions": Metric.list(metric.dimensions),
        ]), "Stat": .string(statistic), "Period": .number(Double(period.milliseconds / 1_000)),
      ])
    case .expression(let text): members["Expression"] = .string(text)
    }
    return .object(members)
  }
}

/// What was measured.
package struct MetricSeries: Hashable, Sendable {
  package struct Point: Hashable, Sendable {
    /// The start of its period.
    package var at: Timestamp
    package var value: Double
  }

  /// Of the query.
  package var id: String
  package var label: String
  /// Ascending in time.
  package var points: [Point]
  /// `Complete`, `PartialData`, `InternalError` or `Forbidden`.
  package var status: String
}

extension MetricSeries: Decodable {
  private enum Key: String, CodingKey { case Id, Label, Timestamps, Values, StatusCode }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let moments: [AWSMoment] = try container.list(.Timestamps)
    let values: [Double] = try container.list(.Values)
    self.init(
      id: try container.decode(String.self, forKey: .Id), label: try container.text(.Label),
      points: zip(moments, values).compactMap { moment, value in
        moment.timestamp.map { Point(at: $0, value: value) }
      }, status: try container.text(.StatusCode))
  }

  /// The parts of a series that came on several pages, put together; the last page's status counts.
  static func joined(_ parts: [MetricSeries]) -> [MetricSeries] {
    var all: [MetricSeries] = []
    for part in parts {
      if let place = all.firstIndex(where: { $0.id == part.id && $0.label == part.label }) {
        all[place].points += part.points
        all[place].status = part.status
      } else {
        all.append(part)
      }
    }
    return all.map { series in
      var series = series
      series.points.sort { $0.at < $1.at }
      return series
    }
  }
}

extension JSONValue {
  static func seconds(_ moment: Timestamp) -> JSONValue { .number(Double(moment.milliseconds) / 1_000) }
}

extension [String: JSONValue] {
  /// The same request for its next page.
  func page(_ token: String?) -> [String: JSONValue] {
    guard let token else { return self }
    return merging(["NextToken": .string(token)]) { _, next in next }
  }
}

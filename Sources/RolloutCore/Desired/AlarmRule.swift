/// A CloudWatch-shaped rule: ALARM when `datapointsToAlarm` of the last `evaluationPeriods` periods breach.
package struct AlarmRule: Hashable, Codable, Sendable {
  package var name: String
  package var metric: MetricName
  package var statistic: Statistic
  package var period: TimeSpan
  package var datapointsToAlarm: Int
  package var evaluationPeriods: Int
  /// Breaching means that this holds. Units: `MetricName.unit`.
  package var threshold: Comparison
  package var missingData: MissingData
  /// Takes the canary back when it trips.
  package var rollback: Bool

  package init(
    name: String, metric: MetricName, statistic: Statistic, period: TimeSpan, datapointsToAlarm: Int = 1,
    evaluationPeriods: Int = 1, threshold: Comparison, missingData: MissingData = .missing, rollback: Bool = true
  ) {
    self.name = name
    self.metric = metric
    self.statistic = statistic
    self.period = period
    self.datapointsToAlarm = datapointsToAlarm
    self.evaluationPeriods = evaluationPeriods
    self.threshold = threshold
    self.missingData = missingData
    self.rollback = rollback
  }

  package enum MissingData: String, Hashable, Codable, Sendable, CaseIterable {
    case missing, ignore, breaching, notBreaching
  }
}

/// CloudWatch's names for what an endpoint measures, per variant.
package enum MetricName: String, Hashable, Codable, Sendable, CaseIterable {
  case invocations = "Invocations"
  /// Requests per instance; 1/n is counted per request, so `Sum` over a minute is the target-tracking metric.
  case invocationsPerInstance = "InvocationsPerInstance"
  case modelErrors = "InvocationModelErrors"
  case clientErrors = "Invocation4XXErrors"
  case serverErrors = "Invocation5XXErrors"
  case modelLatency = "ModelLatency"
  case overheadLatency = "OverheadLatency"
  case cpu = "CPUUtilization"
  case memory = "MemoryUtilization"

  package enum Unit: String, Hashable, Codable, Sendable { case count, microseconds, percent }

  package var unit: Unit {
    switch self {
    case .invocations, .invocationsPerInstance, .modelErrors, .clientErrors, .serverErrors: .count
    case .modelLatency, .overheadLatency: .microseconds
    case .cpu, .memory: .percent
    }
  }

  /// One sample of 0 or 1 per request, so that `Average` is a rate between 0 and 1 (CloudWatch's definition).
  package var isIndicator: Bool { [.modelErrors, .clientErrors, .serverErrors].contains(self) }
}

package enum Statistic: Hashable, Sendable {
  case sum, average, minimum, maximum, sampleCount
  /// 0 < p < 100.
  case percentile(Double)
}

extension Statistic: Codable, CustomStringConvertible {
  package static let named: [(name: String, statistic: Statistic)] = [
    ("Sum", .sum), ("Average", .average), ("Minimum", .minimum), ("Maximum", .maximum), ("SampleCount", .sampleCount),
  ]

  /// CloudWatch's names: `Sum`, `Average`, `p99`, `p99.9`.
  package init?(_ text: String) {
    if let known = Self.named.first(where: { $0.name == text }) {
      self = known.statistic
    } else if text.hasPrefix("p"), let rank = Double(text.dropFirst()), rank > 0, rank < 100 {
      self = .percentile(rank)
    } else {
      return nil
    }
  }

  package var description: String {
    if case .percentile(let rank) = self { return "p" + shortNumber(rank) }
    return Self.named.first { $0.statistic == self }?.name ?? ""
  }

  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = Statistic(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not a statistic"))
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

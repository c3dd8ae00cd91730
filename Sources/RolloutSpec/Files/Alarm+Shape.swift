import RolloutCore
import RolloutDiagnostics

extension Shape where Value == AlarmRule {
  /// A file under `Alarms/`.
  static var alarm: Shape {
    Shape<AlarmParts>.object(
      "An alarm, by CloudWatch's rules: it trips when enough of the last datapoints keep the threshold's condition.",
      Field.required("alarm", .name, "The alarm's name, unique in an environment."),
      Field.required("metric", .choice, "What is measured, by CloudWatch's name."),
      Field.required("statistic", .statistic, "How the samples of a period become one number."),
      Field.required("period", .duration, "The length of one datapoint."),
      Field.optional(
        "datapoints", .datapoints, default: Datapoints(), written: "1 of 1",
        "How many of the last datapoints must breach, 'M of N'."),
      Field.required("threshold", .threshold, "The condition that is bad. Latencies without a unit are microseconds."),
      Field.optional(
        "missingData", .choice, default: AlarmRule.MissingData.missing, written: "missing",
        "What a period without samples counts as."),
      Field.optional(
        "rollback", .boolean, default: true, written: true, "Whether the alarm takes a new revision back when it trips."
      )
    ) { AlarmParts($0, $1, $2, $3, $4, $5, $6, $7) }
    .refined { parts, node, reading in
      guard let threshold = parts.comparison(at: node["threshold"] ?? node, &reading) else { return nil }
      return AlarmRule(
        name: parts.name, metric: parts.metric, statistic: parts.statistic, period: parts.period,
        datapointsToAlarm: parts.datapoints.needed, evaluationPeriods: parts.datapoints.last, threshold: threshold,
        missingData: parts.missingData, rollback: parts.rollback)
    }
  }
}

/// `M of N`.
struct Datapoints: Sendable {
  var needed = 1
  var last = 1
}

/// An alarm whose threshold is still as it was written: what a unit means depends on the metric.
private struct AlarmParts: Sendable {
  var name: String
  var metric: MetricName
  var statistic: Statistic
  var period: TimeSpan
  var datapoints: Datapoints
  var threshold: WrittenThreshold
  var missingData: AlarmRule.MissingData
  var rollback: Bool

  init(
    _ name: String, _ metric: MetricName, _ statistic: Statistic, _ period: TimeSpan, _ datapoints: Datapoints,
    _ threshold: WrittenThreshold, _ missingData: AlarmRule.MissingData, _ rollback: Bool
  ) {
    self.name = name
    self.metric = metric
    self.statistic = statistic
    self.period = period
    self.datapoints = datapoints
    self.threshold = threshold
    self.missingData = missingData
    self.rollback = rollback
  }

  /// The threshold in the metric's own unit.
  func comparison(at node: YAMLNode, _ reading: inout Reading) -> Comparison? {
    let relation = threshold.relation
    let isRate = metric.isIndicator && statistic != .sum && statistic != .sampleCount
    switch (threshold.unit, metric.unit) {
    case (nil, _): return Comparison(relation, threshold.number)
    case (.percent, .percent): return Comparison(relation, threshold.number)
    case (.percent, .count) where isRate: return Comparison(relation, threshold.number / 100)
    case (.time(let microseconds), .microseconds): return Comparison(relation, threshold.number * microseconds)
    case (.percent, _), (.time, _):
      let unit =
        switch metric.unit {
        case .count: "a plain number, such as '> 5'"
        case .microseconds: "a time, such as '> 800ms'"
        case .percent: "a percentage, such as '> 70%'"
        }
      reading.report(
        .malformedValue, "the \(statistic) of \(metric.rawValue) is not measured in this unit", at: node,
        help: "write \(unit)")
      return nil
    }
  }
}

/// `> 70%`, `> 800ms`, `> 5`.
struct WrittenThreshold: Sendable {
  enum Unit: Sendable {
    case percent
    case time(microseconds: Double)
  }

  var relation: Comparison.Relation
  var number: Double
  var unit: Unit?

  private static let units: [(name: String, unit: Unit)] = [
    ("%", .percent), ("us", .time(microseconds: 1)), ("µs", .time(microseconds: 1)),
    ("ms", .time(microseconds: 1_000)), ("s", .time(microseconds: 1_000_000)),
  ]

  init?(_ text: String) {
    let relations: [Comparison.Relation] = [.greaterOrEqual, .lessOrEqual, .equal, .greater, .less]
    guard let relation = relations.first(where: { text.hasPrefix($0.rawValue) }) else { return nil }
    let rest = text.dropFirst(relation.rawValue.count).drop { $0 == " " }
    let digits = rest.prefix { $0.isASCII && ($0.isNumber || "+-.".contains($0)) }
    let suffix = rest.dropFirst(digits.count).drop { $0 == " " }
    let unit = Self.units.first { $0.name == suffix }?.unit
    guard let number = Double(digits), suffix.isEmpty || unit != nil else { return nil }
    self.relation = relation
    self.number = number
    self.unit = unit
  }
}

extension Shape where Value == Statistic {
  static var statistic: Shape {
    let names = Statistic.named.map(\.name)
    return Shape<String>.text(
      "a statistic", example: "Average", pattern: "^(\(names.joined(separator: "|"))|p[0-9.]+)$"
    ) {
      !$0.isEmpty
    }
    .refined { text, node, reading in
      if let statistic = Statistic(text) { return statistic }
      reading.report(
        .unknownChoice, "'statistic' cannot be '\(text)'", at: node,
        help: text.nearest(in: names).map { "did you mean '\($0)'?" }
          ?? "choose one of \(names.joined(separator: ", ")), or a percentile such as p99")
      return nil
    }
  }
}

extension Shape where Value == Datapoints {
  static var datapoints: Shape {
    written("'M of N' datapoints", example: "2 of 3", schema: ["type": "string", "pattern": "^[0-9]+ of [0-9]+$"]) {
      _, text in
      let words = text.split(separator: " ")
      guard words.count == 3, words[1] == "of", let needed = Int(words[0]), let last = Int(words[2]),
        (0...1_000).contains(needed), (0...1_000).contains(last)
      else { return nil }
      return Datapoints(needed: needed, last: last)
    }
  }
}

extension Shape where Value == WrittenThreshold {
  static var threshold: Shape {
    bound(
      "a comparison with a number", example: "> 5",
      pattern: "^(>|>=|<|<=|==) *[-+]?[0-9]+(\\.[0-9]+)? *(%|us|µs|ms|s)?$"
    ) { WrittenThreshold($0) }
  }
}

extension Shape where Value == Comparison {
  /// `>= 0.60`.
  static var comparison: Shape {
    bound("a comparison with a number", example: ">= 0.60", pattern: "^(>|>=|<|<=|==) *[-+]?[0-9]+(\\.[0-9]+)?$") {
      WrittenThreshold($0).flatMap { $0.unit == nil ? Comparison($0.relation, $0.number) : nil }
    }
  }
}

extension Shape {
  /// A comparison: NaN and infinity get an answer of their own, because nothing compares with them.
  static func bound(
    _ expected: String, example: String, pattern: String, parse: @escaping @Sendable (String) -> Value?
  ) -> Shape {
    Shape(schema: ["type": "string", "pattern": .string(pattern)]) { node, reading in
      guard case .scalar(let scalar) = node.content else {
        reading.reportType(node, expected, help: "write it like '\(example)'")
        return nil
      }
      guard let filled = reading.filled(scalar, at: node) else { return nil }
      if let value = parse(filled.text) { return value }
      let word = filled.text.drop { "<>= +-.".contains($0) }.lowercased()
      if word == "nan" || word.hasPrefix("inf") {
        reading.report(
          .notANumber, "\(reading.subject) must compare with a number", at: node,
          help: "nothing is above or below '\(word)'; write it like '\(example)'")
      } else {
        reading.reportMalformed(node, expected, help: "write it like '\(example)'")
      }
      return nil
    }
  }
}

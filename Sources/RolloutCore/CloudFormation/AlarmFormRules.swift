/// An alarm does not contradict itself.
enum AlarmsAreConsistent: TemplateRule {
  private static let comparisons = [
    "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold",
  ]

  static func findings(in stack: StackReading) -> [TemplateFinding] {
    stack.alarms.flatMap { alarm in
      [datapoints(alarm), returned(alarm), rate(alarm)].compactMap(\.self)
        + [
          unknown(alarm.comparison, comparisons, "comparison"),
          unknown(
            alarm.missingData, AlarmRule.MissingData.allCases.map(\.rawValue), "way to treat missing data"),
        ].compactMap(\.self) + alarm.metrics.compactMap { statistic($0.statistic) }
    }
  }

  private static func datapoints(_ alarm: StackReading.Alarm) -> TemplateFinding? {
    guard let datapoints = alarm.datapoints, let count = datapoints.value, let periods = alarm.periods,
      let total = periods.value, count > total || count < 1
    else { return nil }
    return TemplateFinding(
      .alarmContradictory, "\(count) datapoints cannot breach in \(total) periods", at: datapoints, "",
      and: [LintFinding.Note(periods, "\(total) periods are looked at")],
      help: "write a number from 1 to \(max(total, 1))")
  }

  /// Metric math compares one line.
  private static func returned(_ alarm: StackReading.Alarm) -> TemplateFinding? {
    guard case .math(let queries) = alarm.measure, queries.allSatisfy({ $0.id?.value != nil }),
      queries.count(where: \.returnsData) != 1
    else { return nil }
    return TemplateFinding(
      .alarmContradictory, "one line of metric math is what the alarm compares",
      at: queries.first?.path ?? alarm.resource.path,
      "\(queries.count(where: \.returnsData)) lines return data", help: "write 'ReturnData: false' on every other line")
  }

  /// An average of zeros and ones.
  private static func rate(_ alarm: StackReading.Alarm) -> TemplateFinding? {
    guard case .metric(let metric) = alarm.measure, let name = metric.name?.value.flatMap(MetricName.init(rawValue:)),
      name.isIndicator, ["Average", "Minimum", "Maximum"].contains(metric.statistic?.value ?? ""),
      let threshold = alarm.threshold, let bound = threshold.value, let comparison = alarm.comparison?.value,
      comparison == "GreaterThanThreshold" ? bound >= 1 : comparison == "GreaterThanOrEqualToThreshold" && bound > 1
    else { return nil }
    return TemplateFinding(
      .alarmContradictory, "the alarm can never trip", at: threshold,
      "the \(metric.statistic?.text ?? "") of \(name.rawValue) lies between 0 and 1",
      help: "write a rate, such as 0.05, or use the statistic Sum")
  }

  private static func unknown(_ stated: Stated<String>?, _ known: [String], _ noun: String) -> TemplateFinding? {
    guard let stated, let written = stated.value, !known.contains(written) else { return nil }
    return TemplateFinding(
      .alarmContradictory, "there is no \(noun) '\(written)'", at: stated, "",
      help: "write one of \(known.joined(separator: ", "))", meant: known)
  }

  private static func statistic(_ stated: Stated<String>?) -> TemplateFinding? {
    guard let stated, let written = stated.value, Statistic(written) == nil,
      // Trimmed means and the like, `tm99`, `PR(100:2000)`.
      !["tm", "tc", "ts", "wm", "pr"].contains(String(written.lowercased().prefix(2))), written != "IQM"
    else { return nil }
    let known = Statistic.named.map(\.name) + ["p50", "p90", "p95", "p99"]
    return TemplateFinding(
      .alarmContradictory, "there is no statistic '\(written)'", at: stated, "",
      help: "write one of \(known.joined(separator: ", "))", meant: known)
  }
}

/// Numbers are numbers.
enum ValuesAreOfTheirKind: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    let integers = guardrailNumbers(stack) + alarmNumbers(stack) + scalingNumbers(stack)
    let numbers = stack.alarms.map(\.threshold) + stack.policies.map(\.targetValue) + stack.variants.map(\.weight)
    return integers.compactMap { malformed($0, "a whole number") } + numbers.compactMap { malformed($0, "a number") }
      + [malformed(stack.endpoint?.retainsProperties, "true or false")].compactMap(\.self)
  }

  private static func guardrailNumbers(_ stack: StackReading) -> [Stated<Int>?] {
    let deployment = stack.endpoint?.deployment
    let (policy, rolling) = (deployment?.blueGreen, deployment?.rolling)
    return [
      policy?.wait, policy?.terminationWait, policy?.timeout, policy?.canary?.value, policy?.step?.value, rolling?.wait,
      rolling?.timeout, rolling?.batch?.value, rolling?.rollbackBatch?.value,
    ]
  }

  private static func alarmNumbers(_ stack: StackReading) -> [Stated<Int>?] {
    stack.alarms.flatMap { [$0.datapoints, $0.periods] + $0.metrics.map(\.period) }
  }

  private static func scalingNumbers(_ stack: StackReading) -> [Stated<Int>?] {
    stack.variants.map(\.initialCount) + stack.scaling.flatMap { [$0.minimum, $0.maximum] }
      + stack.policies.flatMap { [$0.scaleOutCooldown, $0.scaleInCooldown] }
  }

  private static func malformed(_ stated: Stated<some Hashable & Sendable>?, _ kind: String) -> TemplateFinding? {
    guard let stated, case .malformed(let written) = stated.content else { return nil }
    return TemplateFinding(
      .templateValueMalformed, "\(kind) must stand here", at: stated, "this is '\(written)'", help: "write \(kind)")
  }
}

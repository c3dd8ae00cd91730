/// A threshold for CPU or GPU counts all cores.
enum ThresholdsCountCores: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let type = stack.variants.first?.instanceType else { return [] }
    return stack.alarms.compactMap { alarm in
      guard let threshold = alarm.threshold, let bound = threshold.value, alarm.comparesUpwards,
        let metric = alarm.metrics.first, alarm.metrics.count == 1, let name = metric.name?.value,
        metric.statistic?.value != "Sum", metric.statistic?.value != "SampleCount",
        let (cores, noun) = units(of: name, on: type.value)
      else { return nil }
      switch alarm.measure {
      case .metric: return direct(bound, threshold, cores, noun, name, type)
      case .math(let queries):
        guard let query = queries.first(where: { $0.expression != nil }), let expression = query.expression,
          let divisor = expression.value?.divisor(of: queries.first { $0.metric != nil }?.id?.value)
        else { return nil }
        return divided(by: divisor, expression, bound, threshold, cores, noun, type)
      }
    }
  }

  private static func units(of metric: String, on type: String?) -> (count: Int, noun: String)? {
    guard let type else { return nil }
    if EndpointMetrics.perCore.contains(metric) { return InstanceTypes.vCPUs(of: type).map { ($0, "cores") } }
    if EndpointMetrics.perAccelerator.contains(metric) {
      return InstanceTypes.accelerators(of: type).map { ($0, "GPUs") }
    }
    return nil
  }

  private static func direct(
    _ bound: Double, _ threshold: Stated<Double>, _ count: Int, _ noun: String, _ name: String, _ type: Stated<String>
  ) -> TemplateFinding? {
    if bound >= Double(count * 100) { return unreachable(threshold, "\(count) \(noun) reach \(count * 100)") }
    guard count > 1, bound <= 100 else { return nil }
    return TemplateFinding(
      .cpuThresholdIgnoresCores, "a threshold of \(threshold.text) is \(share(bound, of: count)) % of the instance",
      at: threshold, "\(name) adds up \(count) \(noun), up to \(count * 100)",
      and: [LintFinding.Note(type, "\(type.text) has \(count) \(noun)")],
      help: "divide by \(count) with metric math, or write \(shortNumber(bound * Double(count)))")
  }

  private static func divided(
    by divisor: Double, _ expression: Stated<String>, _ bound: Double, _ threshold: Stated<Double>, _ count: Int,
    _ noun: String, _ type: Stated<String>
  ) -> TemplateFinding? {
    if divisor == Double(count) {
      return bound >= 100 ? unreachable(threshold, "a share of the instance reaches 100") : nil
    }
    return TemplateFinding(
      .cpuThresholdIgnoresCores,
      "the expression divides by \(shortNumber(divisor)), and the instance has \(count) \(noun)",
      at: expression, "this is '\(expression.text)'",
      and: [LintFinding.Note(type, "\(type.text) has \(count) \(noun)")],
      help: "divide by \(count), or take it from the parameter VCPUs")
  }

  private static func unreachable(_ threshold: Stated<Double>, _ most: String) -> TemplateFinding {
    TemplateFinding(
      .alarmContradictory, "the alarm can never trip", at: threshold, most, help: "choose a threshold below that")
  }

  private static func share(_ bound: Double, of count: Int) -> String {
    shortNumber((bound / Double(count) * 10).rounded() / 10)
  }
}

extension String {
  /// What `id / 4` divides by; `nil` for any other expression.
  fileprivate func divisor(of id: String?) -> Double? {
    let parts = split(separator: "/", omittingEmptySubsequences: false).map { part in part.filter { $0 != " " } }
    guard let id, parts.count == 2, parts[0] == id, let divisor = Double(parts[1]), divisor > 0 else { return nil }
    return divisor
  }
}

/// Latency is in microseconds.
enum LatencyIsInMicroseconds: TemplateRule {
  private static let latencies = ["ModelLatency", "OverheadLatency", "FirstChunkLatency", "FirstChunkModelLatency"]

  static func findings(in stack: StackReading) -> [TemplateFinding] {
    stack.alarms.compactMap { alarm in
      guard case .metric(let metric) = alarm.measure, latencies.contains(metric.name?.value ?? ""),
        let threshold = alarm.threshold, let bound = threshold.value, bound > 0, bound < 10_000, alarm.comparesUpwards,
        metric.statistic?.value != "SampleCount"
      else { return nil }
      return TemplateFinding(
        .latencyThresholdTooSmall, "a latency of \(threshold.text) µs is \(shortNumber(bound / 1_000)) ms",
        at: threshold, "\(metric.name?.text ?? "") is in microseconds",
        help: "write \(shortNumber(bound * 1_000)) if \(threshold.text) ms are meant",
        severity: bound < 1_000 ? .error : .warning)
    }
  }
}

/// Periods are ones that CloudWatch takes.
enum PeriodsAreAllowed: TemplateRule {
  private static let dayMax = 86_400
  private static let weekMax = 604_800

  static func findings(in stack: StackReading) -> [TemplateFinding] {
    stack.alarms.flatMap { alarm -> [TemplateFinding] in
      let wrong = alarm.metrics.compactMap(\.period).compactMap { period -> TemplateFinding? in
        guard let seconds = period.value, !isAllowed(seconds) else { return nil }
        return TemplateFinding(
          .alarmPeriodInvalid, "a period is 10, 20, 30 or a multiple of 60 seconds", at: period, "this is \(seconds)",
          help: seconds > 60 ? "write \((seconds / 60 + 1) * 60)" : "write 60")
      }
      guard wrong.isEmpty, let period = alarm.period, let seconds = period.value, let window = alarm.windowSeconds
      else { return wrong }
      let most = seconds >= 3_600 ? weekMax : dayMax
      guard window > most else { return [] }
      return [
        TemplateFinding(
          .alarmPeriodInvalid, "an alarm looks back a day at most, or a week with periods of an hour", at: period,
          "all periods together are \(window) s", help: "use fewer or shorter periods")
      ]
    }
  }

  package static func isAllowed(_ seconds: Int) -> Bool {
    [10, 20, 30].contains(seconds) || (seconds > 0 && seconds % 60 == 0)
  }
}

/// A rollback alarm can trip while SageMaker waits.
enum AlarmsFitTheirWaits: TemplateRule {
  /// How late metrics arrive.
  package static let publicationSeconds = 120

  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let waits = stack.watched else { return [] }
    return stack.rollbackAlarms.compactMap { alarm in
      guard !alarm.isAbort, let window = alarm.windowSeconds, let place = alarm.period else { return nil }
      let needed = window + publicationSeconds
      let short = waits.filter { $0.seconds < needed }
      guard let first = short.first else { return nil }
      let isBlind = short.count == waits.count
      return TemplateFinding(
        .alarmSlowerThanBake,
        isBlind
          ? "the alarm '\(alarm.resource.logicalID)' cannot trip while SageMaker waits"
          : "the alarm '\(alarm.resource.logicalID)' cannot trip while \(first.noun)",
        at: place, "it needs \(window) s of data, which arrive \(publicationSeconds) s late",
        and: short.map { LintFinding.Note(LintPlace(.template, $0.path), "this is \($0.seconds) s") },
        help: "wait for \(needed) s at least, or shorten the alarm's period", severity: isBlind ? .error : .warning)
    }
  }
}

extension StackReading {
  /// The waits in which alarms are watched, that have a length at all.
  fileprivate var watched: [(noun: String, seconds: Int, path: [LintPlace.Step])]? {
    guard let deployment = endpoint?.deployment else { return nil }
    if let rolling = deployment.rolling {
      guard let wait = rolling.wait, let seconds = wait.value else { return nil }
      return [("a batch is watched", seconds, wait.path)]
    }
    guard let policy = deployment.blueGreen else { return nil }
    var waits: [(noun: String, seconds: Int, path: [LintPlace.Step])] = []
    if policy.type?.value != "ALL_AT_ONCE" {
      guard let wait = policy.wait, let seconds = wait.value, policy.type?.value != nil else { return nil }
      waits.append(("the new fleet has a part of the traffic", seconds, wait.path))
    }
    if let after = policy.terminationWait {
      guard let seconds = after.value else { return nil }
      if seconds > 0 || waits.isEmpty { waits.append(("the new fleet has all traffic", seconds, after.path)) }
    } else if waits.isEmpty {
      waits.append(("the new fleet has all traffic", 0, policy.path))
    }
    return waits
  }
}

extension StackReading.Alarm {
  var comparesUpwards: Bool { comparison?.value.map { $0.hasPrefix("GreaterThan") } ?? true }
}

/// People and plans know an alarm by its name.
enum AlarmNamesAreUnique: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    var first: [String: Int] = [:]
    return subject.alarms.enumerated().compactMap { index, alarm in
      guard let earlier = first[alarm.name] else {
        first[alarm.name] = index
        return nil
      }
      return LintFinding(
        .alarmRepeated, "the environment has two alarms called '\(alarm.name)'",
        at: .init(LintPlace(.alarmReference(index)), "again here"),
        and: [.init(LintPlace(.alarmReference(earlier)), "first here")], help: "list it once, or rename one of them")
    }
  }
}

/// M of N: at least one, and not more than there are.
enum DatapointsArePossible: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    subject.alarms.enumerated().compactMap { index, alarm in
      guard !alarm.hasPossibleDatapoints else { return nil }
      let (needed, last) = (alarm.datapointsToAlarm, alarm.evaluationPeriods)
      return LintFinding(
        .datapointsImpossible, "alarm '\(alarm.name)' asks for datapoints that there cannot be",
        at: .init(
          LintPlace(.alarm(index), "datapoints"),
          needed > last ? "of \(last) datapoints, \(needed) cannot breach" : "at least one must breach"),
        help: "write how many of the last datapoints must breach, such as '2 of 3'")
    }
  }
}

extension AlarmRule {
  var hasPossibleDatapoints: Bool { datapointsToAlarm >= 1 && datapointsToAlarm <= evaluationPeriods }
}

/// A datapoint covers some time.
enum PeriodsArePositive: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    var periods = subject.alarms.enumerated().map { (LintPlace(.alarm($0), "period"), $1.period) }
    if let scaling = subject.scaling {
      periods.append((LintPlace(.environment, "autoscaling", "period"), scaling.period))
    }
    return periods.filter { $0.1 <= .zero }.map { place, period in
      LintFinding(
        .periodNotPositive, "a period must be longer than no time",
        at: .init(place, period < .zero ? "\(period) is below zero" : ""),
        help: "write a duration such as '5m'")
    }
  }
}

/// A percentile ranks sizes. Counting metrics have one sample of 0 or 1 per request, which have no ranks worth knowing.
enum StatisticsFitTheirMetrics: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    subject.alarms.enumerated().compactMap { index, alarm in
      guard !alarm.hasMeaningfulStatistic else { return nil }
      return LintFinding(
        .percentileOfCounts, "a percentile of a count says nothing",
        at: .init(LintPlace(.alarm(index), "statistic"), "each sample is 0 or 1"),
        and: [.init(LintPlace(.alarm(index), "metric"), "this counts")],
        help: "use Sum for a number of requests, or Average for a rate")
    }
  }
}

extension AlarmRule {
  fileprivate var hasMeaningfulStatistic: Bool {
    if case .percentile = statistic { metric.unit != .count } else { true }
  }
}

/// A threshold must lie where the metric can pass it, and where it does not always.
enum ThresholdsCanBeCrossed: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    subject.alarms.enumerated().compactMap { index, alarm in
      guard alarm.hasMeaningfulStatistic else { return nil }
      let range = alarm.metric.values(of: alarm.statistic)
      let values = "the \(alarm.statistic) of \(alarm.metric.rawValue) \(range.text(of: alarm.metric))"
      let place = LintPlace(.alarm(index), "threshold")
      switch alarm.threshold.verdict(over: range) {
      case .sometimes: return nil
      case .never:
        return LintFinding(
          .thresholdUnreachable, "alarm '\(alarm.name)' can never trip",
          at: .init(place, values),
          help: "choose a bound inside that range, or another statistic")
      case .always:
        return LintFinding(
          .thresholdAlwaysMet, "alarm '\(alarm.name)' is tripped by any value",
          at: .init(place, values),
          help: "choose a bound inside that range; 'missingData' says what no data means")
      }
    }
  }
}

extension Comparison {
  fileprivate enum Verdict { case never, sometimes, always }

  fileprivate func verdict(over range: ClosedRange<Double>) -> Verdict {
    let (low, high) = (range.lowerBound, range.upperBound)
    let (never, always) =
      switch relation {
      case .greater: (bound >= high, bound < low)
      case .greaterOrEqual: (bound > high, bound <= low)
      case .less: (bound <= low, bound > high)
      case .lessOrEqual: (bound < low, bound >= high)
      case .equal: (!range.contains(bound), false)
      }
    return never ? .never : always ? .always : .sometimes
  }
}

extension MetricName {
  /// What a statistic of this metric can be. CPU and memory are shares of what the model declares.
  fileprivate func values(of statistic: Statistic) -> ClosedRange<Double> {
    switch (statistic, unit) {
    case (.sum, _), (.sampleCount, _): 0...Double.infinity
    case (_, .percent): 0...100
    case (_, .count) where isIndicator || self == .invocationsPerInstance: 0...1
    case (_, .count), (_, .microseconds): 0...Double.infinity
    }
  }
}

extension ClosedRange<Double> {
  fileprivate func text(of metric: MetricName) -> String {
    let unit = metric.unit == .percent ? "%" : ""
    return upperBound.isFinite
      ? "lies between \(shortNumber(lowerBound))\(unit) and \(shortNumber(upperBound))\(unit)" : "is 0 or more"
  }
}

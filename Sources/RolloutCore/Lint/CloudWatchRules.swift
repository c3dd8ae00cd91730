/// CloudWatch aggregates by 10 or 30 seconds, or by whole minutes.
enum PeriodsFitCloudWatch: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard subject.sageMaker != nil else { return [] }
    return subject.alarms.enumerated().compactMap { index, alarm in
      let period = alarm.period
      guard period > .zero, !fits(period) else { return nil }
      let minutes = max(1, (period.milliseconds + 30_000) / 60_000)
      return LintFinding(
        .alarmPeriodImpossible, "CloudWatch has no such period",
        at: .init(LintPlace(.alarm(index), "period"), "it takes 10s, 30s or whole minutes"),
        help: "write \(TimeSpan.minutes(minutes))")
    }
  }

  private static func fits(_ period: TimeSpan) -> Bool {
    period == .seconds(10) || period == .seconds(30) || period.milliseconds % 60_000 == 0
  }
}

/// CloudWatch looks back a day; a week, when the periods are hours.
enum WindowsFitCloudWatch: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard subject.sageMaker != nil else { return [] }
    return subject.alarms.enumerated().compactMap { index, alarm in
      let window = alarm.period * alarm.evaluationPeriods
      let longest = alarm.period < .hours(1) ? TimeSpan.hours(24) : .hours(24 * 7)
      guard window > longest else { return nil }
      return LintFinding(
        .alarmWindowTooLong, "CloudWatch does not look back that far",
        at: .init(
          LintPlace(.alarm(index), "period"), "\(alarm.evaluationPeriods) datapoints of \(alarm.period) are \(window)"),
        help: "it judges \(longest) at most: take fewer datapoints, or a shorter period")
    }
  }
}

/// Application Auto Scaling's datapoints are minutes.
enum ScalingPeriodsAreMinutes: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard subject.sageMaker != nil, let period = subject.scaling?.period, period > .zero, period != .minutes(1) else {
      return []
    }
    return [
      LintFinding(
        .scalingPeriodFixed, "AWS scales by datapoints of one minute",
        at: .init(LintPlace(.environment, "autoscaling", "period"), "this is \(period)"), help: "remove it")
    ]
  }
}

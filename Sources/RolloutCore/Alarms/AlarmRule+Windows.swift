extension AlarmRule {
  /// The newest datapoints, newest first, `nil` for missing ones. Windows slide: window k ends k periods before `now`.
  ///
  /// A window that reaches back before the fleet existed (`start`) is missing data, because an average or a percentile
  /// over the first second of a fleet's life says nothing about the five minutes a rule is about. Except when it
  /// breaches already and nothing that may yet come can undo that: a sum above its bound stays above it. So ten errors
  /// in the first twenty seconds trip "more than 5 in 5 minutes" at once, and a start-up CPU peak does not trip
  /// "average above 70 % over 5 minutes".
  package func datapoints(_ metrics: FleetMetrics, since start: Int64, at now: Int64) -> [Double?] {
    let length = max(1, (period.milliseconds + 999) / 1_000)
    return (0..<Int64(evaluationPeriods + AlarmEvaluation.extraPeriods)).map { index in
      let end = now + 1 - index * length
      let from = end - length
      guard end > start,
        let value = metrics.datapoint(metric: metric, statistic: statistic, from: max(from, start), to: end)
      else { return nil }
      return from >= start || (breachIsFinal && threshold.holds(for: value)) ? value : nil
    }
  }

  /// More samples can only carry the statistic further past the bound.
  private var breachIsFinal: Bool {
    switch (statistic, threshold.relation) {
    case (.sum, .greater), (.sum, .greaterOrEqual), (.sampleCount, .greater), (.sampleCount, .greaterOrEqual),
      (.maximum, .greater), (.maximum, .greaterOrEqual), (.minimum, .less), (.minimum, .lessOrEqual):
      true
    default: false
    }
  }
}

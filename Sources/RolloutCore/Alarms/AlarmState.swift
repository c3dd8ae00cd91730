/// One alarm of one fleet: its rule and what it says now. Starts as INSUFFICIENT_DATA, as CloudWatch's do.
package struct AlarmState: Hashable, Sendable {
  package let rule: AlarmRule
  package private(set) var reading: AlarmReading
  /// Why, for people: `InvocationModelErrors Sum over 5m was 14 (> 5)`.
  package private(set) var reason: String

  package init(_ rule: AlarmRule) {
    self.rule = rule
    reading = AlarmReading(name: rule.name, state: .insufficientData)
    reason = "\(rule.metric.rawValue) \(rule.statistic) over \(rule.period) has no data yet"
  }

  package var state: AlarmReading.State { reading.state }

  /// Evaluates the rule over the windows that end with second `now`, for a fleet that exists since `start`.
  @discardableResult
  package mutating func evaluate(_ metrics: FleetMetrics, since start: Int64, at now: Int64) -> AlarmReading {
    let points = rule.datapoints(metrics, since: start, at: now)
    let state = AlarmEvaluation.state(
      of: points.map { $0.map(rule.threshold.holds) }, datapointsToAlarm: rule.datapointsToAlarm,
      evaluationPeriods: rule.evaluationPeriods, missingData: rule.missingData, keeping: reading.state)
    reading = AlarmReading(name: rule.name, state: state, value: points.lazy.compactMap { $0 }.first)
    reason = rule.reason(for: state, value: reading.value)
    return reading
  }
}

extension AlarmRule {
  fileprivate func reason(for state: AlarmReading.State, value: Double?) -> String {
    let subject = "\(metric.rawValue) \(statistic) over \(period)"
    let votes = evaluationPeriods > 1 ? ", \(datapointsToAlarm) of \(evaluationPeriods) datapoints" : ""
    guard let value else { return "\(subject) has no data, which counts as \(missingData.rawValue)" }
    let rounded = text(of: (value * 100).rounded() / 100)
    return state == .alarm
      ? "\(subject) was \(rounded) (\(thresholdText)\(votes))"
      : "\(subject) is \(rounded) (alarm \(thresholdText)\(votes))"
  }
}

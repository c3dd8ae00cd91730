/// CloudWatch's decision over the newest datapoints, missing data included.
///
/// Source: "Configuring how CloudWatch alarms treat missing data", Amazon CloudWatch User Guide; its two tables are
/// tests. Where real points are fewer than the evaluation periods, missing ones are filled in as few as possible.
package enum AlarmEvaluation {
  /// CloudWatch looks further back than the evaluation periods, 5 points for 3, so that late data still counts.
  package static let extraPeriods = 2

  /// `points`: newest first; whether each breaches, `nil` where there is no data.
  package static func state(
    of points: [Bool?], datapointsToAlarm: Int, evaluationPeriods: Int, missingData: AlarmRule.MissingData,
    keeping current: AlarmReading.State
  ) -> AlarmReading.State {
    precondition(datapointsToAlarm > 0 && datapointsToAlarm <= evaluationPeriods, "M of N needs 1 <= M <= N")
    let real = points.compactMap { $0 }
    let breaching = real.prefix(evaluationPeriods).count { $0 }
    if breaching >= datapointsToAlarm { return .alarm }
    let missing = evaluationPeriods - real.count
    guard missing > 0 else { return .ok }
    switch missingData {
    case .notBreaching: return .ok
    case .breaching: return breaching + missing >= datapointsToAlarm ? .alarm : .ok
    case .ignore: return real.contains(false) ? .ok : current
    case .missing:
      guard let oldest = points.lastIndex(where: { $0 != nil }) else { return .insufficientData }
      // "Always go into ALARM when the oldest available breaching datapoint is at least as old as Datapoints to Alarm
      // and all more recent ones are breaching or missing."
      return !real.contains(false) && oldest + 1 >= datapointsToAlarm ? .alarm : .ok
    }
  }
}

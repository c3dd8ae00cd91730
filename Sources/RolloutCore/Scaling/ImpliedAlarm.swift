/// One of the two alarms that target tracking keeps by itself.
package struct ImpliedAlarm: Hashable, Codable, Sendable {
  /// `AlarmHigh` or `AlarmLow`, as AWS names them.
  package var name: String
  package var threshold: Comparison
  package var datapoints: Int
  package var within: TimeSpan

  /// `InvocationsPerInstance > 70 for 3 datapoints within 3 minutes`.
  package var condition: String {
    let minutes = within.milliseconds / 60_000
    let span = within == .minutes(minutes) ? "\(minutes) minutes" : "\(within)"
    return "\(MetricName.invocationsPerInstance.rawValue) \(threshold) for \(datapoints) datapoints within \(span)"
  }
}

extension ScalingPolicy {
  package static let highDatapoints = 3
  package static let lowDatapoints = 15

  /// Scale in below nine tenths of the target, where AWS puts it.
  package var lowThreshold: Double { invocationsPerInstance * 9 / 10 }

  package var impliedAlarms: [ImpliedAlarm] {
    [
      ImpliedAlarm(
        name: "AlarmHigh", threshold: Comparison(.greater, invocationsPerInstance), datapoints: Self.highDatapoints,
        within: period * Self.highDatapoints),
      ImpliedAlarm(
        name: "AlarmLow", threshold: Comparison(.less, lowThreshold), datapoints: Self.lowDatapoints,
        within: period * Self.lowDatapoints),
    ]
  }
}

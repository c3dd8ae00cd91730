/// Target tracking on invocations per instance per minute, by Application Auto Scaling's rules.
package struct ScalingPolicy: Hashable, Codable, Sendable {
  package var minimum: Int
  package var maximum: Int
  /// Target, per instance per minute.
  package var invocationsPerInstance: Double
  package var scaleOutCooldown: TimeSpan
  package var scaleInCooldown: TimeSpan
  /// Length of one datapoint. AWS's is a minute; shorter ones are for tests and demos. Counts are scaled to a minute.
  package var period: TimeSpan

  package init(
    minimum: Int, maximum: Int, invocationsPerInstance: Double, scaleOutCooldown: TimeSpan = .minutes(5),
    scaleInCooldown: TimeSpan = .minutes(5), period: TimeSpan = .minutes(1)
  ) {
    self.minimum = minimum
    self.maximum = maximum
    self.invocationsPerInstance = invocationsPerInstance
    self.scaleOutCooldown = scaleOutCooldown
    self.scaleInCooldown = scaleInCooldown
    self.period = period
  }
}

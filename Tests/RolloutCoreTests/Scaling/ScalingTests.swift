import RolloutCore
import Testing

@Suite struct ScalingTests {
  /// MISSION.md's EyeCatcher: target 70 per minute, out after 5 minutes, in after 10.
  private let eyeCatcher = ScalingPolicy(
    minimum: 1, maximum: 4, invocationsPerInstance: 70, scaleOutCooldown: .minutes(5), scaleInCooldown: .minutes(10))

  /// Metrics of a fleet of `instances` that gets `perMinute` requests a minute, at the start of each minute.
  private func traffic(
    _ perMinute: Int, instances: Int, minutes: Range<Int64>, after metrics: FleetMetrics = FleetMetrics()
  ) -> FleetMetrics {
    var metrics = metrics
    metrics.recordInstances(instances, at: minutes.lowerBound * 60)
    for minute in minutes { for _ in 0..<perMinute { metrics.record(request(), at: minute * 60) } }
    return metrics
  }

  private func capacity(_ decision: ScalingDecision) -> Int? {
    if case .scale(let count, _) = decision { count } else { nil }
  }

  @Test func `target tracking implies the alarms that AWS shows`() {
    #expect(eyeCatcher.impliedAlarms.map(\.name) == ["AlarmHigh", "AlarmLow"])
    #expect(
      eyeCatcher.impliedAlarms.map(\.condition) == [
        "InvocationsPerInstance > 70 for 3 datapoints within 3 minutes",
        "InvocationsPerInstance < 63 for 15 datapoints within 15 minutes",
      ])
  }

  @Test func `three minutes above the target scale out in proportion`() {
    var scaler = Autoscaler(eyeCatcher)
    let metrics = traffic(200, instances: 1, minutes: 0..<3)
    #expect(capacity(scaler.decide(metrics, current: 1, since: 0, at: 119, isDeploying: false)) == nil)
    let decision = scaler.decide(metrics, current: 1, since: 0, at: 179, isDeploying: false)
    #expect(
      decision
        == .scale(
          to: 3, reason: "AlarmHigh: InvocationsPerInstance > 70 for 3 datapoints within 3 minutes, now 200"))
  }

  @Test func `exactly the target is not above it`() {
    var scaler = Autoscaler(eyeCatcher)
    let metrics = traffic(140, instances: 2, minutes: 0..<3)
    #expect(scaler.decide(metrics, current: 2, since: 0, at: 179, isDeploying: false) == .keep(reason: "within bounds"))
  }

  @Test func `the maximum is never passed and the minimum always kept`() {
    var scaler = Autoscaler(eyeCatcher)
    let busy = traffic(5_000, instances: 2, minutes: 0..<3)
    #expect(capacity(scaler.decide(busy, current: 2, since: 0, at: 179, isDeploying: false)) == 4)
    #expect(
      scaler.decide(busy, current: 4, since: 0, at: 179, isDeploying: false)
        == .keep(reason: "already at the maximum"))
    #expect(capacity(scaler.decide(FleetMetrics(), current: 0, since: 0, at: 9, isDeploying: true)) == 1)
    #expect(capacity(scaler.decide(FleetMetrics(), current: 9, since: 0, at: 9, isDeploying: false)) == 4)
  }

  @Test func `a cooldown lets only a larger scale-out through`() {
    var scaler = Autoscaler(eyeCatcher)
    var metrics = traffic(100, instances: 1, minutes: 0..<3)
    #expect(capacity(scaler.decide(metrics, current: 1, since: 0, at: 179, isDeploying: false)) == 2)
    metrics = traffic(120, instances: 1, minutes: 3..<6, after: metrics)
    #expect(
      scaler.decide(metrics, current: 1, since: 0, at: 359, isDeploying: false)
        == .keep(reason: "cooling down after scaling out"))
    metrics = traffic(250, instances: 1, minutes: 6..<7, after: metrics)
    #expect(capacity(scaler.decide(metrics, current: 2, since: 0, at: 419, isDeploying: false)) == 4)
  }

  @Test func `fifteen quiet minutes scale in, never below what the load needs`() {
    var scaler = Autoscaler(eyeCatcher)
    let metrics = traffic(150, instances: 4, minutes: 0..<15)
    #expect(capacity(scaler.decide(metrics, current: 4, since: 0, at: 838, isDeploying: false)) == nil)
    #expect(capacity(scaler.decide(metrics, current: 4, since: 0, at: 899, isDeploying: false)) == 3)
  }

  @Test func `the busiest of the quiet minutes decides how far`() {
    var scaler = Autoscaler(eyeCatcher)
    var metrics = traffic(10, instances: 4, minutes: 0..<7)
    metrics = traffic(200, instances: 4, minutes: 7..<8, after: metrics)
    metrics = traffic(10, instances: 4, minutes: 8..<15, after: metrics)
    #expect(capacity(scaler.decide(metrics, current: 4, since: 0, at: 899, isDeploying: false)) == 3)
  }

  @Test func `a load just below the target keeps the fleet`() {
    var scaler = Autoscaler(eyeCatcher)
    let metrics = traffic(125, instances: 2, minutes: 0..<15)
    #expect(
      scaler.decide(metrics, current: 2, since: 0, at: 899, isDeploying: false)
        == .keep(reason: "fewer instances would be above the target"))
  }

  @Test func `scaling in waits out its cooldown, and scaling out ends it`() {
    var scaler = Autoscaler(eyeCatcher)
    var metrics = traffic(130, instances: 4, minutes: 0..<15)
    #expect(capacity(scaler.decide(metrics, current: 4, since: 0, at: 899, isDeploying: false)) == 2)
    metrics = traffic(10, instances: 4, minutes: 15..<20, after: metrics)
    #expect(
      scaler.decide(metrics, current: 3, since: 0, at: 1_199, isDeploying: false)
        == .keep(reason: "cooling down after scaling in"))
    metrics = traffic(500, instances: 2, minutes: 20..<23, after: metrics)
    #expect(capacity(scaler.decide(metrics, current: 2, since: 0, at: 1_379, isDeploying: false)) == 4)
    metrics = traffic(10, instances: 4, minutes: 23..<38, after: metrics)
    #expect(capacity(scaler.decide(metrics, current: 4, since: 0, at: 2_279, isDeploying: false)) == 1)
  }

  @Test func `missing data never scales`() {
    var scaler = Autoscaler(eyeCatcher)
    var metrics = traffic(10, instances: 4, minutes: 0..<14)
    #expect(scaler.decide(metrics, current: 4, since: 0, at: 899, isDeploying: false) == .keep(reason: "no data"))
    metrics = traffic(500, instances: 4, minutes: 15..<17, after: metrics)
    #expect(capacity(scaler.decide(metrics, current: 4, since: 0, at: 1_079, isDeploying: false)) == nil)
  }

  @Test func `a deployment holds back scaling in but not out`() {
    var scaler = Autoscaler(eyeCatcher)
    let quiet = traffic(10, instances: 3, minutes: 0..<15)
    #expect(
      scaler.decide(quiet, current: 3, since: 0, at: 899, isDeploying: true)
        == .keep(reason: "no scaling in during a deployment"))
    let busy = traffic(500, instances: 3, minutes: 15..<18, after: quiet)
    #expect(capacity(scaler.decide(busy, current: 3, since: 0, at: 1_079, isDeploying: true)) == 4)
  }

  @Test func `shorter periods scale counts to a minute`() {
    var policy = eyeCatcher
    policy.period = .seconds(2)
    var scaler = Autoscaler(policy)
    var metrics = FleetMetrics()
    // 3 requests in 2 s are 90 a minute.
    for second in [Int64(0), 2, 4] { for _ in 0..<3 { metrics.record(request(), at: second) } }
    #expect(capacity(scaler.decide(metrics, current: 1, since: 0, at: 5, isDeploying: false)) == 2)
    #expect(policy.impliedAlarms[0].condition == "InvocationsPerInstance > 70 for 3 datapoints within 6s")
  }
}

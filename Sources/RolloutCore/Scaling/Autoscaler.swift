/// What autoscaling wants of a fleet, and why.
package enum ScalingDecision: Hashable, Sendable {
  case keep(reason: String)
  case scale(to: Int, reason: String)
}

/// Target tracking on invocations per instance, by the rules of Application Auto Scaling: out in proportion when all of
/// three datapoints are above the target, in when all of fifteen are below nine tenths of it. Missing data never scales.
package struct Autoscaler: Hashable, Sendable {
  private struct Action: Hashable, Sendable {
    var at: Int64
    var capacity: Int
  }

  package let policy: ScalingPolicy
  private var scaledOut: Action?
  private var scaledIn: Action?

  package init(_ policy: ScalingPolicy) {
    precondition(policy.minimum >= 0 && policy.minimum <= policy.maximum, "a fleet's bounds are in order")
    self.policy = policy
  }

  /// `current`: the instances the fleet is meant to have now; `start`: the second since when it exists.
  package mutating func decide(
    _ metrics: FleetMetrics, current: Int, since start: Int64, at now: Int64, isDeploying: Bool
  ) -> ScalingDecision {
    if current < policy.minimum { return .scale(to: policy.minimum, reason: "the minimum is \(policy.minimum)") }
    if current > policy.maximum, !isDeploying {
      return .scale(to: policy.maximum, reason: "the maximum is \(policy.maximum)")
    }
    let points = Datapoints(metrics, policy: policy, since: start, at: now)
    if points.areHigh { return scaleOut(points, current: current, at: now) }
    if points.areLow { return scaleIn(points, current: current, at: now, isDeploying: isDeploying) }
    return .keep(reason: points.perInstance.first.flatMap { $0 } == nil ? "no data" : "within bounds")
  }

  private mutating func scaleOut(_ points: Datapoints, current: Int, at now: Int64) -> ScalingDecision {
    let wanted = min(policy.maximum, points.capacity(points.invocations[0]))
    guard wanted > current else {
      return .keep(reason: current >= policy.maximum ? "already at the maximum" : "capacity is on its way")
    }
    // A cooldown does not hold back a scale-out that is larger than the one that started it.
    if let last = scaledOut, now - last.at < policy.scaleOutCooldown.wholeSeconds, wanted <= last.capacity {
      return .keep(reason: "cooling down after scaling out")
    }
    scaledOut = Action(at: now, capacity: wanted)
    scaledIn = nil
    return .scale(to: wanted, reason: reason(points, policy.impliedAlarms[0]))
  }

  private mutating func scaleIn(
    _ points: Datapoints, current: Int, at now: Int64, isDeploying: Bool
  ) -> ScalingDecision {
    // The busiest of the datapoints decides, rounded up, so that scaling in cannot by itself cause scaling out.
    let busiest = points.invocations.reduce(0) { max($0, $1 ?? 0) }
    let wanted = max(policy.minimum, points.capacity(busiest))
    guard wanted < current else { return .keep(reason: "fewer instances would be above the target") }
    if isDeploying { return .keep(reason: "no scaling in during a deployment") }
    if let last = scaledIn, now - last.at < policy.scaleInCooldown.wholeSeconds {
      return .keep(reason: "cooling down after scaling in")
    }
    scaledIn = Action(at: now, capacity: wanted)
    return .scale(to: wanted, reason: reason(points, policy.impliedAlarms[1]))
  }

  private func reason(_ points: Datapoints, _ alarm: ImpliedAlarm) -> String {
    let newest = ((points.perInstance[0] ?? 0) * 10).rounded() / 10
    return "\(alarm.name): \(alarm.condition), now \(shortNumber(newest))"
  }
}

/// The newest datapoints, newest first, scaled to a minute.
private struct Datapoints {
  let policy: ScalingPolicy
  var perInstance: [Double?] = []
  var invocations: [Double?] = []

  init(_ metrics: FleetMetrics, policy: ScalingPolicy, since start: Int64, at now: Int64) {
    self.policy = policy
    let length = max(1, policy.period.wholeSeconds)
    let toMinute = 60 / Double(length)
    for index in 0..<Int64(ScalingPolicy.lowDatapoints) {
      let end = now + 1 - index * length
      let isCovered = end - length >= start
      func sum(_ metric: MetricName) -> Double? {
        guard isCovered else { return nil }
        return metrics.datapoint(metric: metric, statistic: .sum, from: end - length, to: end).map { $0 * toMinute }
      }
      perInstance.append(sum(.invocationsPerInstance))
      invocations.append(sum(.invocations))
    }
  }

  var areHigh: Bool {
    perInstance.prefix(ScalingPolicy.highDatapoints).allSatisfy { $0 ?? 0 > policy.invocationsPerInstance }
  }

  var areLow: Bool { perInstance.allSatisfy { $0 ?? .infinity < policy.lowThreshold } }

  /// ceil(current × metric ÷ target). Current × metric is the invocations themselves, counted directly so that an
  /// instance that started within the window does not skew the product.
  func capacity(_ invocations: Double?) -> Int {
    let exact = (invocations ?? 0) / policy.invocationsPerInstance
    // A sum of 1/n is not exact in binary; 2.0000000001 instances are 2.
    return max(1, Int((exact - 1e-9).rounded(.up)))
  }
}

extension TimeSpan {
  fileprivate var wholeSeconds: Int64 { (milliseconds + 999) / 1_000 }
}

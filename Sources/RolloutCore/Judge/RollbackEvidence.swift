/// What took the canary back.
package enum RollbackCause: Hashable, Codable, Sendable {
  /// It errs more often than stable, and more often than is tolerated.
  case errors
  /// It is slower than stable.
  case latency
  /// It errs more often than stable did before it had all requests. A shared incident can cause this too: nothing was
  /// left to compare with.
  case aboveBaseline
  /// It answers with other labels, where the policy rolls back for that.
  case labels
  /// An alarm that the user set, by its name; the judge's guarantee does not cover it.
  case alarm(String)
}

/// Everything that can take the canary back by itself: errors, latency and, at 100 %, stable's past.
///
///     total = 0.6·errors + 0.3·latency + 0.1·frozen
///
/// A weighted mean of e-processes is one under any dependence, so the probability that the total ever reaches 1/α is at
/// most α while the canary is no worse than stable. Parts that are not monitored stay at 1.
package struct RollbackEvidence: Hashable, Codable, Sendable {
  private let threshold: Double
  private let badCanaryRequestsMin: Int
  private let dispersion: Double
  /// Whether the canary errs more often than stable.
  package private(set) var relative: RelativeEvidence
  /// Whether it errs more often than users tolerate.
  package private(set) var absolute: RateEvidence
  package private(set) var latency: LatencyEvidence
  /// Whether it errs more often than stable did: nothing until a canary has all requests.
  package private(set) var frozen = RateEvidence.nothing
  package private(set) var baseline: StableBaseline
  package private(set) var badCanaryRequests = 0
  /// Once rolled back, always rolled back.
  package private(set) var cause: RollbackCause?

  /// What the absolute evidence must reach before relative evidence counts.
  package static let gate = 10.0

  package init(_ policy: JudgePolicy) {
    threshold = 1 / policy.falseRollback
    badCanaryRequestsMin = policy.badCanaryRequestsMin
    dispersion = policy.dispersion
    baseline = policy.baseline
    relative = RelativeEvidence(
      nullRatio: policy.nullRatio, dispersion: policy.dispersion, schedule: policy.schedule)
    absolute = RateEvidence(
      ceiling: policy.tolerance, grid: .tolerance, dispersion: policy.dispersion, schedule: policy.schedule)
    latency = LatencyEvidence(baseline: policy.latency, schedule: policy.schedule)
  }

  /// Whether the canary errs more often than is tolerated, so that being worse than stable matters.
  package var isGateOpen: Bool { absolute.value >= Self.gate }

  package var epoch: Int { relative.epoch }

  package var total: Double { terms.errors + terms.latency + terms.frozen }

  private var terms: (errors: Double, latency: Double, frozen: Double) {
    (isGateOpen ? 0.6 * relative.value : 0, 0.3 * latency.value, 0.1 * frozen.value)
  }

  /// A request was judged. Its weight was possible: above 0 for a canary's, below 1 for stable's.
  @inline(__always)
  package mutating func observe(_ arm: Arm, isBad: Bool, seconds: Double? = nil, canaryProbability: Double) {
    let isContest = canaryProbability > 0 && canaryProbability < 1
    if isContest, let seconds {
      latency.observe(arm, seconds: seconds, canaryProbability: canaryProbability)
    }
    guard isBad else {
      observeGood(arm, count: 1, canaryProbability: canaryProbability)
      if arm == .canary, isContest, latency.isWatched { decide() }
      return
    }
    if isContest { relative.observe(errorOf: arm, canaryProbability: canaryProbability) }
    guard arm == .canary else { return baseline.count(bad: 1, good: 0) }
    badCanaryRequests += 1
    absolute.observeHit()
    if canaryProbability == 1 {
      freezeBaseline()
      frozen.observeHit()
    }
    decide()
  }

  /// Good requests of which nothing else is known.
  @inline(__always)
  package mutating func observeGood(_ arm: Arm, count: Int, canaryProbability: Double) {
    guard arm == .canary else { return baseline.count(bad: 0, good: count) }
    absolute.observeMisses(count)
    if canaryProbability == 1 {
      freezeBaseline()
      frozen.observeMisses(count)
    }
  }

  package mutating func advance(to epoch: Int) {
    relative.advance(to: epoch)
    absolute.advance(to: epoch)
    latency.advance(to: epoch)
  }

  mutating func rollBack(because cause: RollbackCause) { self.cause = self.cause ?? cause }

  /// Against the canary something new can only come from its own requests.
  private mutating func decide() {
    guard cause == nil else { return }
    let other = 0.3 * latency.value + 0.1 * frozen.value
    // What the gate lets through takes longer to work out.
    guard 0.6 * relative.value + other >= threshold else { return }
    let (errors, latency, frozen) = terms
    let counted = badCanaryRequests >= badCanaryRequestsMin ? errors + latency + frozen : latency
    guard counted >= threshold else { return }
    cause = latency >= max(errors, frozen) ? .latency : errors >= frozen ? .errors : .aboveBaseline
  }

  private mutating func freezeBaseline() {
    guard frozen.isNothing else { return }
    let rate = baseline.upperRate()
    guard rate < RateEvidence.Grid.baseline.rateMax else { return }
    frozen = RateEvidence(ceiling: rate, grid: .baseline, dispersion: dispersion, schedule: .once)
  }
}

/// Stable's latency before the rollout, in seconds. It does not move while the rollout runs.
package struct LatencyBaseline: Hashable, Codable, Sendable {
  package let p50: Double
  package let p90: Double
  package let p99: Double

  package init(p50: Double, p90: Double, p99: Double) {
    self.p50 = p50
    self.p90 = p90
    self.p99 = p99
  }

  /// `nil` for fewer than 2,000 requests, whose 99th percentile says little.
  package init?(_ latencies: Distribution) {
    guard latencies.count >= 2_000, let p50 = latencies.percentile(50), let p90 = latencies.percentile(90),
      let p99 = latencies.percentile(99)
    else { return nil }
    self.init(p50: p50, p90: p90, p99: p99)
  }
}

/// Evidence that the canary is slower than stable at stable's median, 90th or 99th percentile; 1 where latency is not
/// watched.
package struct LatencyEvidence: Hashable, Codable, Sendable {
  package let isWatched: Bool
  private let baseline: LatencyBaseline
  package private(set) var p50: ExcessEvidence
  package private(set) var p90: ExcessEvidence
  package private(set) var p99: ExcessEvidence

  package init(baseline: LatencyBaseline?, schedule: EvidenceMixture.Schedule) {
    isWatched = baseline != nil
    self.baseline = baseline ?? LatencyBaseline(p50: 0, p90: 0, p99: 0)
    p50 = ExcessEvidence(share: 0.5, schedule: schedule)
    p90 = ExcessEvidence(share: 0.1, schedule: schedule)
    p99 = ExcessEvidence(share: 0.01, schedule: schedule)
  }

  /// The mean of the three, itself an e-process.
  package var value: Double { !isWatched ? 1 : (p50.value + p90.value + p99.value) / 3 }

  /// - Parameter seconds: how long the request took, or has taken at the age at which it is judged.
  package mutating func observe(_ arm: Arm, seconds: Double, canaryProbability: Double) {
    guard isWatched else { return }
    p50.observe(arm, isAbove: seconds > baseline.p50, canaryProbability: canaryProbability)
    p90.observe(arm, isAbove: seconds > baseline.p90, canaryProbability: canaryProbability)
    p99.observe(arm, isAbove: seconds > baseline.p99, canaryProbability: canaryProbability)
  }

  package mutating func advance(to epoch: Int) {
    p50.advance(to: epoch)
    p90.advance(to: epoch)
    p99.advance(to: epoch)
  }
}

/// Why the weight stays as it is.
package enum HoldCause: String, Hashable, Codable, Sendable, CaseIterable {
  /// Stable errs more often than before: what happens, happens to both versions.
  case sharedIncident
  /// The versions' shares of requests are not those of the coin: the router is broken, and with it every comparison.
  case sampleRatio
  /// The canary answers with other labels.
  case labels
}

/// What keeps the canary's weight as it is, and never rolls back:
///
///     total = 0.4·incident + 0.3·sample ratio + 0.3·labels
///
/// with a risk of its own. It is looked at when stable errs, after every 256th request, and when an epoch begins.
package struct HoldEvidence: Hashable, Codable, Sendable {
  private let threshold: Double
  private let schedule: EvidenceMixture.Schedule
  private let dispersion: Double
  /// Whether stable errs more often than 1.5 times the most that history allows; without a history nothing is known.
  package private(set) var incident = RateEvidence.nothing
  /// Whether the canary gets more requests than its share, and whether stable does.
  private var canaryExcess: RelativeEvidence
  private var stableExcess: RelativeEvidence
  package private(set) var labels: LabelEvidence?
  package private(set) var cause: HoldCause?
  /// Requests at the present weight that the sample ratio has still to count.
  private var waitingCanary = 0
  private var waitingStable = 0
  private var waitingProbability = 0.5

  private static let waitingMax = 256

  init(_ policy: JudgePolicy) {
    threshold = 1 / policy.falseHold
    schedule = policy.schedule
    dispersion = policy.dispersion
    let ceiling = 1.5 * policy.baseline.upperRate()
    if ceiling < RateEvidence.Grid.baseline.rateMax {
      incident = RateEvidence(ceiling: ceiling, grid: .baseline, dispersion: policy.dispersion, schedule: schedule)
    }
    canaryExcess = RelativeEvidence(schedule: schedule)
    stableExcess = canaryExcess
    labels = policy.labelClasses.map { LabelEvidence(classes: $0) }
  }

  package var sampleRatio: Double {
    guard waitingCanary + waitingStable > 0 else { return (canaryExcess.value + stableExcess.value) / 2 }
    var (canary, stable) = (canaryExcess, stableExcess)
    canary.observe(canary: waitingCanary, stable: waitingStable, canaryProbability: waitingProbability)
    stable.observe(canary: waitingStable, stable: waitingCanary, canaryProbability: 1 - waitingProbability)
    return (canary.value + stable.value) / 2
  }

  /// Whether labels alone would hold the weight.
  var labelsSuffice: Bool { 0.3 * (labels?.value ?? 1) >= threshold }

  package var total: Double { terms.incident + terms.sampleRatio + terms.labels }

  private var terms: (incident: Double, sampleRatio: Double, labels: Double) {
    (0.4 * incident.value, 0.3 * sampleRatio, 0.3 * (labels?.value ?? 1))
  }

  @inline(__always)
  mutating func observe(_ arm: Arm, isBad: Bool, label: Int?, canaryProbability: Double) {
    if canaryProbability > 0, canaryProbability < 1 {
      let isCanary = arm == .canary
      count(canary: isCanary ? 1 : 0, stable: isCanary ? 0 : 1, canaryProbability: canaryProbability)
      if let label { labels?.observe(arm, label: label, canaryProbability: canaryProbability) }
    }
    guard arm == .stable else { return }
    if isBad {
      incident.observeHit()
      // Short of half of what is needed, it can wait for the next look.
      if 0.4 * incident.value >= 0.5 * threshold { decide() }
    } else {
      incident.observeMisses()
    }
  }

  mutating func observeGood(canary: Int, stable: Int, canaryProbability: Double) {
    if canaryProbability > 0, canaryProbability < 1 {
      count(canary: canary, stable: stable, canaryProbability: canaryProbability)
    }
    incident.observeMisses(stable)
  }

  mutating func advance(to epoch: Int) {
    guard epoch > canaryExcess.epoch else { return }
    settle()
    decide()
    incident.advance(to: epoch)
    canaryExcess.advance(to: epoch)
    stableExcess.advance(to: epoch)
  }

  @inline(__always)
  private mutating func count(canary: Int, stable: Int, canaryProbability: Double) {
    if canaryProbability != waitingProbability {
      settle()
      waitingProbability = canaryProbability
    }
    waitingCanary += canary
    waitingStable += stable
    if waitingCanary + waitingStable >= Self.waitingMax {
      settle()
      decide()
    }
  }

  private mutating func settle() {
    guard waitingCanary + waitingStable > 0 else { return }
    canaryExcess.observe(
      canary: waitingCanary, stable: waitingStable, canaryProbability: waitingProbability)
    stableExcess.observe(
      canary: waitingStable, stable: waitingCanary, canaryProbability: 1 - waitingProbability)
    waitingCanary = 0
    waitingStable = 0
  }

  private mutating func decide() {
    guard cause == nil else { return }
    let (incident, ratio, labels) = terms
    guard incident + ratio + labels >= threshold else { return }
    cause = incident >= max(ratio, labels) ? .sharedIncident : ratio >= labels ? .sampleRatio : .labels
  }
}

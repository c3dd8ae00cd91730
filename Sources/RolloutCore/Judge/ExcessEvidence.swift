/// Evidence that more of the canary's requests than of stable's exceed a threshold that stable exceeded with a known
/// share before the rollout.
///
/// Unlike errors, both outcomes are common, so both are bet on. With q₀ the share of stable, an alternative is an odds
/// ratio r: q₁ = r·o/(1 + r·o) with o = q₀/(1 − q₀), and q̄ = w·q₁ + (1 − w)·q₀. The factors are q₁/q̄ and q₀/q̄ for a
/// request above the threshold (canary, stable), (1 − q₁)/(1 − q̄) and (1 − q₀)/(1 − q̄) for one below. A wrong threshold
/// or q₀ costs power, never the guarantee.
package struct ExcessEvidence: Hashable, Codable, Sendable {
  package static let oddsRatios: SIMD8<Double> = [1.25, 1.5, 2, 3, 5, 10, 30, 100]

  private var mixture: EvidenceMixture
  private var factors: ExcessFactors

  /// - Parameter share: q₀, between 0 and 1: 0.01 for a threshold at stable's 99th percentile.
  package init(share: Double, schedule: EvidenceMixture.Schedule) {
    precondition(share > 0 && share < 1, "a threshold separates requests")
    mixture = EvidenceMixture(alternatives: 8, schedule: schedule)
    factors = ExcessFactors(canaryProbability: 0.5, share: share)
  }

  package var value: Double { mixture.value }
  package var logarithm: Double { mixture.logarithm }

  /// A request that was sent to the canary with this probability, between 0 and 1, was above the threshold or not.
  @inline(__always)
  package mutating func observe(_ arm: Arm, isAbove: Bool, canaryProbability: Double) {
    factors.set(canaryProbability)
    mixture.multiplyOften(by: factors[arm, isAbove])
  }

  package mutating func observe(_ arm: Arm, above: Int, below: Int, canaryProbability: Double) {
    factors.set(canaryProbability)
    mixture.multiply(by: factors[arm, true], times: above)
    mixture.multiply(by: factors[arm, false], times: below)
  }

  package mutating func advance(to epoch: Int) { mixture.advance(to: epoch) }
}

/// What one request multiplies the stakes by: worked out once per weight.
struct ExcessFactors: Hashable, Sendable {
  private var canaryProbability: Double
  private let share: Double
  private var canaryAbove = SIMD8<Double>.zero
  private var canaryBelow = SIMD8<Double>.zero
  private var stableAbove = SIMD8<Double>.zero
  private var stableBelow = SIMD8<Double>.zero

  init(canaryProbability: Double, share: Double) {
    self.canaryProbability = canaryProbability
    self.share = share
    work()
  }

  @inline(__always)
  mutating func set(_ canaryProbability: Double) {
    guard canaryProbability != self.canaryProbability else { return }
    self.canaryProbability = canaryProbability
    work()
  }

  @inline(__always)
  subscript(arm: Arm, isAbove: Bool) -> SIMD8<Double> {
    switch (arm, isAbove) {
    case (.canary, true): canaryAbove
    case (.canary, false): canaryBelow
    case (.stable, true): stableAbove
    case (.stable, false): stableBelow
    }
  }

  private mutating func work() {
    let odds = ExcessEvidence.oddsRatios * (share / (1 - share))
    let alternative = odds / (1 + odds)
    let mean = canaryProbability * alternative + (1 - canaryProbability) * share
    canaryAbove = alternative / mean
    canaryBelow = (1 - alternative) / (1 - mean)
    stableAbove = share / mean
    stableBelow = (1 - share) / (1 - mean)
  }
}

/// Factors are not stored with the evidence; they follow from what is.
extension ExcessFactors: Codable {
  private enum Key: CodingKey { case canaryProbability, share }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    self.init(
      canaryProbability: try values.decode(Double.self, forKey: .canaryProbability),
      share: try values.decode(Double.self, forKey: .share))
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(canaryProbability, forKey: .canaryProbability)
    try values.encode(share, forKey: .share)
  }
}

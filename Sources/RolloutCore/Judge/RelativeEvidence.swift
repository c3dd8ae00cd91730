/// Which version answered a request that the router's coin decided.
package enum Arm: UInt8, Hashable, Codable, Sendable, CaseIterable {
  case stable, canary

  package var other: Arm { self == .stable ? .canary : .stable }
}

/// Evidence that the canary errs more often than stable, at whatever rate both do.
///
/// Given that a request erred, and had been sent to the canary with probability *w*, under "at most ρ₀ times as often
/// as stable" it was the canary's with probability at most wρ₀/(1 − w + wρ₀), whatever the rate of errors is doing. Each
/// error bets on that coin; successes need no work at all. For an alternative ρ the factors are
///
///     stable  (1 − w + wρ₀) / (1 − w + wρ₀ρ)      canary  ρ · stable
///
/// (Lindon and Malek, *Anytime-Valid Inference for Multinomial Count Data*, 2022: the same coin.)
package struct RelativeEvidence: Hashable, Codable, Sendable {
  /// How many times as often the canary errs, by alternative. The smallest is the edge of the zone of indifference.
  package static let ratios: SIMD8<Double> = [1.5, 2, 3, 5, 10, 30, 100, 1000]

  private var mixture: EvidenceMixture
  private var factors: CoinFactors

  /// - Parameters:
  ///   - nullRatio: ρ₀, how many times as often as stable the canary may err.
  ///   - dispersion: φ, variance over mean of errors per instance and second; factors are taken to the power 1/φ.
  package init(nullRatio: Double = 1, dispersion: Double = 1, schedule: EvidenceMixture.Schedule) {
    mixture = EvidenceMixture(alternatives: 8, schedule: schedule)
    factors = CoinFactors(canaryProbability: 0.5, nullRatio: nullRatio, dispersion: dispersion)
  }

  package var value: Double { mixture.value }
  package var epoch: Int { mixture.epoch }
  package var logarithm: Double { mixture.logarithm }

  /// A request that was sent to the canary with this probability, between 0 and 1, erred.
  package mutating func observe(errorOf arm: Arm, canaryProbability: Double) {
    factors.set(canaryProbability)
    mixture.multiply(by: arm == .canary ? factors.canary : factors.stable)
  }

  package mutating func observe(canary: Int, stable: Int, canaryProbability: Double) {
    factors.set(canaryProbability)
    mixture.multiply(by: factors.canary, times: canary)
    mixture.multiply(by: factors.stable, times: stable)
  }

  package mutating func advance(to epoch: Int) { mixture.advance(to: epoch) }
}

/// What one error multiplies the stakes by: worked out once per weight.
struct CoinFactors: Hashable, Sendable {
  private(set) var canaryProbability: Double
  private let nullRatio: Double
  private let dispersion: Double
  private(set) var canary = SIMD8<Double>.zero
  private(set) var stable = SIMD8<Double>.zero

  init(canaryProbability: Double, nullRatio: Double, dispersion: Double) {
    self.canaryProbability = canaryProbability
    self.nullRatio = nullRatio
    self.dispersion = dispersion
    work()
  }

  @inline(__always)
  mutating func set(_ canaryProbability: Double) {
    guard canaryProbability != self.canaryProbability else { return }
    self.canaryProbability = canaryProbability
    work()
  }

  private mutating func work() {
    let others = 1 - canaryProbability
    let null = canaryProbability * nullRatio
    stable = (others + null) / (others + null * RelativeEvidence.ratios)
    canary = RelativeEvidence.ratios * stable
    stable.temper(dispersion)
    canary.temper(dispersion)
  }
}

/// Factors are not stored with the evidence; they follow from what is.
extension CoinFactors: Codable {
  private enum Key: CodingKey { case canaryProbability, nullRatio, dispersion }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    self.init(
      canaryProbability: try values.decode(Double.self, forKey: .canaryProbability),
      nullRatio: try values.decode(Double.self, forKey: .nullRatio),
      dispersion: try values.decode(Double.self, forKey: .dispersion))
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(canaryProbability, forKey: .canaryProbability)
    try values.encode(nullRatio, forKey: .nullRatio)
    try values.encode(dispersion, forKey: .dispersion)
  }
}

extension SIMD8<Double> {
  /// Errors that come in bursts of φ are worth one: the φ-th root of a factor still has an expectation of at most 1
  /// (Jensen), and a burst multiplies stakes by about one factor.
  mutating func temper(_ dispersion: Double) {
    guard dispersion > 1 else { return }
    for index in indices { self[index] = Natural.power(self[index], 1 / dispersion) }
  }
}

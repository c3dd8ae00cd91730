/// How many times as often as stable the canary errs: an interval that holds at every moment at once.
///
/// Of N errors at weight w, the canary's number has the log likelihood ℓ(ρ) = N_c·ln ρ − Σ N·ln(1 − w + wρ). The
/// sequence is {ρ: ℓ(ρ) ≥ ln meanⱼ e^ℓ(ρⱼ) − ln(1/β)} with ρⱼ = 2^(j/2), j = −12…20 (the method of mixtures); ℓ is concave
/// in ln ρ, so two bisections find it.
package struct RatioConfidence: Hashable, Codable, Sendable {
  private struct Stage: Hashable, Codable, Sendable {
    let canaryProbability: Double
    var errors: Int
  }

  /// Errors at more weights than this are left out, which widens the interval.
  package static let stagesMax = 64

  private var canaryErrors = 0
  private var stages: [Stage] = []

  package init() {}

  /// Requests that were sent to the canary with this probability, between 0 and 1, erred.
  package mutating func observe(errorsOf arm: Arm, count: Int = 1, canaryProbability: Double) {
    // The stage under way is the last one, except while old requests come to an end.
    if let index = stages.lastIndex(where: { $0.canaryProbability == canaryProbability }) {
      stages[index].errors += count
    } else {
      guard stages.count < Self.stagesMax else { return }
      stages.append(Stage(canaryProbability: canaryProbability, errors: count))
    }
    if arm == .canary { canaryErrors += count }
  }

  /// From 0 when the canary never erred, to infinity when stable never did.
  ///
  /// - Parameter risk: β, with what probability the true ratio is ever outside.
  package func interval(risk: Double) -> ClosedRange<Double> {
    let errors = stages.reduce(0) { $0 + $1.errors }
    guard errors > 0 else { return 0...Double.infinity }
    let level = mixture + Natural.log(risk)
    let peak =
      canaryErrors == 0 ? -Self.unbounded : canaryErrors == errors ? Self.unbounded : root(in: Self.range, slope)
    let isInside = { (x: Double) in likelihood(x) - level }
    let lower = canaryErrors == 0 ? 0 : Natural.exp(root(in: -Self.unbounded...peak) { -isInside($0) })
    let upper = canaryErrors == errors ? .infinity : Natural.exp(root(in: peak...Self.unbounded, isInside))
    return lower...max(lower, upper)
  }

  // Logarithms of ratios beyond e^±200 mean nothing to anybody.
  private static let unbounded = 200.0
  private static let range = -unbounded...unbounded

  /// ℓ at ρ = eˣ.
  private func likelihood(_ x: Double) -> Double {
    let ratio = Natural.exp(x)
    return stages.reduce(Double(canaryErrors) * x) { sum, stage in
      sum - Double(stage.errors) * Natural.log1p(stage.canaryProbability * (ratio - 1))
    }
  }

  private func slope(_ x: Double) -> Double {
    let ratio = Natural.exp(x)
    return stages.reduce(Double(canaryErrors)) { sum, stage in
      let canary = stage.canaryProbability * ratio
      return sum - Double(stage.errors) * canary / (1 - stage.canaryProbability + canary)
    }
  }

  private var mixture: Double {
    let likelihoods = (-12...20).map { likelihood(Double($0) / 2 * Natural.log(2)) }
    let largest = likelihoods.max() ?? 0
    let sum = likelihoods.reduce(0) { $0 + Natural.exp($1 - largest) }
    return largest + Natural.log(sum / Double(likelihoods.count))
  }

  /// Where a function that falls from above 0 to below it crosses.
  private func root(in range: ClosedRange<Double>, _ falling: (Double) -> Double) -> Double {
    var low = range.lowerBound
    var high = range.upperBound
    for _ in 0..<200 {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { break }
      if falling(middle) > 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

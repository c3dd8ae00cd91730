/// What a regression costs before relative evidence finds it, worked out exactly for one weight and one start.
///
/// Errors are a walk on (errors of the canary, errors of stable): each is the canary's with probability
/// θ = w·p₁/(w·p₁ + (1 − w)·p₀). The evidence depends on the two numbers only, so a pass over all pairs gives the
/// distribution of where the walk stops; time and memory grow with the square and with the first power of `errorsMax`.
package struct DetectionForecast: Hashable, Sendable {
  /// The probability that it is found within `errorsMax` errors of both versions.
  package private(set) var probability = 0.0
  /// Given that it is found: errors of the canary, errors of both, and requests of the canary, each at its mean.
  package private(set) var canaryErrors = 0.0
  package private(set) var errors = 0.0
  package private(set) var canaryRequests = 0.0

  /// - Parameters:
  ///   - risk: what is left of α for evidence that is staked from the start: 0.36·α in the judge, whose share of the
  ///     fortune for errors is 0.6, and of that what is staked at once is 0.6 again.
  ///   - errorsMax: after how many errors of both versions to give up.
  package init(_ regression: InformationBound, risk: Double, errorsMax: Int) {
    let weight = regression.canaryProbability
    let canaryShare =
      weight * regression.canaryRate / (weight * regression.canaryRate + (1 - weight) * regression.stableRate)
    let factors = CoinFactors(canaryProbability: weight, nullRatio: 1, dispersion: 1)
    /// By errors of the canary: how likely it is to come there without having stopped, and the stakes there.
    var walks = [Walk(probability: 1, stakes: SIMD8(repeating: 1.0 / 8))]
    for number in 1...errorsMax {
      var next = walks.map { Walk(probability: $0.probability * (1 - canaryShare), stakes: $0.stakes * factors.stable) }
      next.append(Walk(probability: 0, stakes: .zero))
      for (canary, walk) in walks.enumerated() where walk.probability > 0 {
        next[canary + 1].probability += walk.probability * canaryShare
        next[canary + 1].stakes = walk.stakes * factors.canary
      }
      for canary in next.indices where next[canary].stakes.sum() >= 1 / risk {
        let stopped = next[canary].probability
        probability += stopped
        canaryErrors += stopped * Double(canary)
        errors += stopped * Double(number)
        next[canary].probability = 0
      }
      walks = next
    }
    guard probability > 0 else { return }
    canaryErrors /= probability
    errors /= probability
    canaryRequests = canaryErrors / regression.canaryRate
  }

  private struct Walk {
    var probability: Double
    var stakes: SIMD8<Double>
  }
}

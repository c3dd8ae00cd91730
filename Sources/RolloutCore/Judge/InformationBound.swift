/// What is possible: the least that any judge with a given rate of false rollbacks must see.
///
/// A test that a shared incident cannot fool has nothing but what the routing coin and the outcome know of each other:
/// I = KL(p₁‖p̄) + (1 − w)/w · KL(p₀‖p̄) nats per canary request, p̄ = w·p₁ + (1 − w)·p₀, and needs ln(1/α)/I of them
/// (Wald).
package struct InformationBound: Hashable, Sendable {
  /// Share of requests that stable and canary fail, and probability of the canary.
  package let stableRate: Double
  package let canaryRate: Double
  package let canaryProbability: Double

  package init(stableRate: Double, canaryRate: Double, canaryProbability: Double) {
    self.stableRate = stableRate
    self.canaryRate = canaryRate
    self.canaryProbability = canaryProbability
  }

  /// Nats per canary request for a judge that is told stable's rate.
  package var oracle: Double { divergence(canaryRate, stableRate) }

  /// Nats per canary request for a judge with a concurrent control.
  package var concurrent: Double {
    let mean = canaryProbability * canaryRate + (1 - canaryProbability) * stableRate
    return divergence(canaryRate, mean)
      + (1 - canaryProbability) / canaryProbability * divergence(stableRate, mean)
  }

  /// Nats per canary request for a judge that looks at errors only: the kernel's share of what is possible.
  package var errorsOnly: Double {
    let errors = canaryRate + stableRate * (1 - canaryProbability) / canaryProbability
    return errors * divergence(canaryRate / errors, canaryProbability)
  }

  package func canaryRequests(falseRollback alpha: Double) -> Double { -Natural.log(alpha) / concurrent }
}

/// KL(p‖q) of two coins, in nats.
package func divergence(_ p: Double, _ q: Double) -> Double {
  let heads = p == 0 ? 0 : p * Natural.log(p / q)
  let tails = p == 1 ? 0 : (1 - p) * (Natural.log1p(-p) - Natural.log1p(-q))
  return heads + tails
}

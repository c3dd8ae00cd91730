/// Where one request goes, and how likely that was.
package struct Routed: Hashable, Sendable {
  package let variant: VariantRoute
  /// With what probability the coin chose this variant; 1 when the client named it.
  package let probability: Double
  /// The client named the variant, so nobody else may answer.
  package let isNamed: Bool

  package init(variant: VariantRoute, probability: Double, isNamed: Bool) {
    self.variant = variant
    self.probability = probability
    self.isNamed = isNamed
  }

  package var role: VariantRole { variant.role }
  package var fleet: String { variant.fleet }
}

/// Why a request has nowhere to go.
package enum RoutingRefusal: Error, Hashable, Sendable {
  case unknownVariant(String)
  case noInstance
}

extension EndpointRoute {
  /// Chooses a variant: the one the client named, else by an independent coin per request. A canary without an
  /// instance, or whose share has ended, gives it to stable; an endpoint without stable gives everything to a canary that has a share.
  package func pick(
    target: String? = nil, at now: TimeSpan, using random: inout some RandomNumberGenerator
  ) throws(RoutingRefusal) -> Routed {
    if let target {
      guard let role = VariantRole(rawValue: target), let named = variant(role) else { throw .unknownVariant(target) }
      guard !named.backends.isEmpty else { throw .noInstance }
      return Routed(variant: named, probability: 1, isNamed: true)
    }
    let canary = variant(.canary).flatMap { $0.share(at: now) > .none && !$0.backends.isEmpty ? $0 : nil }
    let stable = variant(.stable)
    switch (stable, canary) {
    case (let stable?, let canary?):
      let coin = Int.random(in: 0..<Percent.all.basisPoints, using: &random)
      if coin < canary.share.basisPoints {
        return Routed(variant: canary, probability: canary.share.fraction, isNamed: false)
      }
      guard !stable.backends.isEmpty else { throw .noInstance }
      return Routed(variant: stable, probability: 1 - canary.share.fraction, isNamed: false)
    case (let only?, nil), (nil, let only?):
      guard !only.backends.isEmpty else { throw .noInstance }
      return Routed(variant: only, probability: 1, isNamed: false)
    case (nil, nil): throw .noInstance
    }
  }
}

extension Collection<Backend> {
  /// The backend with the fewest requests under way among those with room for one more; ties are broken by chance, so
  /// that idle backends share evenly. `nil` when all are full.
  package func leastOutstanding(
    _ outstanding: (Backend.ID) -> Int, using random: inout some RandomNumberGenerator
  ) -> Backend? {
    var best: Backend?
    var fewest = Int.max
    var ties = 0
    for backend in self {
      let count = outstanding(backend.id)
      guard count < backend.concurrencyMax, count <= fewest else { continue }
      ties = count < fewest ? 1 : ties + 1
      fewest = count
      // Reservoir sampling: the n-th tie replaces the choice with probability 1/n.
      if ties == 1 || Int.random(in: 0..<ties, using: &random) == 0 { best = backend }
    }
    return best
  }
}

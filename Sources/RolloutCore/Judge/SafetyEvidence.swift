/// Evidence that the canary errs less often than a stage allows: what lets a stage pass.
///
/// Against "at least *c*", the alternatives are θ = c·{0.01, 0.1, 0.25, 0.5}, a quarter of the fortune on each; nothing is
/// staked later. The counts say everything, so a stage counts and works its evidence out when asked.
package struct SafetyEvidence: Hashable, Codable, Sendable {
  package static let multiples = [0.01, 0.1, 0.25, 0.5]

  /// *c*, between 0 and 1. Fixed before the stage begins.
  package let ceiling: Double
  private let dispersion: Double
  package private(set) var bad = 0
  package private(set) var good = 0

  package init(ceiling: Double, dispersion: Double = 1) {
    precondition(ceiling > 0 && ceiling < 1, "a stage that allows every rate needs no evidence")
    self.ceiling = ceiling
    self.dispersion = dispersion
  }

  @inline(__always)
  package mutating func observe(bad: Int = 0, good: Int = 0) {
    self.bad += bad
    self.good += good
  }

  package var logarithm: Double { logarithm(further: 0) }

  /// How many further requests would let the stage pass if none of them erred; 0 once it has, `nil` beyond a billion.
  package func goodRequests(toReach evidence: Double) -> Int? {
    let goal = Natural.log(evidence)
    if logarithm >= goal { return 0 }
    var high = 1
    while logarithm(further: high) < goal {
      high *= 2
      if high > 1_000_000_000 { return nil }
    }
    var low = high / 2
    while high - low > 1 {
      let middle = (low + high) / 2
      if logarithm(further: middle) < goal { low = middle } else { high = middle }
    }
    return high
  }

  private func logarithm(further: Int) -> Double {
    let logarithms = Self.multiples.map { multiple in
      let misses = Natural.log1p(-ceiling * multiple) - Natural.log1p(-ceiling)
      return (Double(good + further) * misses + Double(bad) * Natural.log(multiple)) / dispersion
    }
    let largest = logarithms.max() ?? 0
    let sum = logarithms.reduce(0) { $0 + Natural.exp($1 - largest) }
    return largest + Natural.log(sum / Double(logarithms.count))
  }
}

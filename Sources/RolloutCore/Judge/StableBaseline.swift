/// How often stable erred, before the rollout and in it.
package struct StableBaseline: Hashable, Codable, Sendable {
  package private(set) var bad: Int
  package private(set) var requests: Int

  package init(bad: Int = 0, requests: Int = 0) {
    precondition(bad >= 0 && bad <= requests, "a part of the requests erred")
    self.bad = bad
    self.requests = requests
  }

  package mutating func count(bad: Int, good: Int) {
    self.bad += bad
    requests += bad + good
  }

  /// The rate that stable's own exceeds with probability at most `risk`: u in n·KL(k/n‖u) = ln(1/`risk`), above k/n
  /// (Chernoff). 1 when nothing is known.
  package func upperRate(risk: Double = 1e-4) -> Double {
    guard requests > 0 else { return 1 }
    let rate = Double(bad) / Double(requests)
    let allowed = -Natural.log(risk) / Double(requests)
    var low = rate
    var high = 1.0
    // Two numbers next to each other, or 200 halvings.
    for _ in 0..<200 {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { break }
      if divergence(rate, middle) < allowed { low = middle } else { high = middle }
    }
    return high
  }
}

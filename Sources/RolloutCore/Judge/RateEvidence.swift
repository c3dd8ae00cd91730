/// Evidence that something happens to more than a given share of requests, without a control to compare with.
///
/// Against "at most *c*", the alternative θ multiplies its stake by θ/c for a request it happened to and by
/// (1 − θ)/(1 − c) for one it did not: expectation at most 1 for every rate up to *c*.
package struct RateEvidence: Hashable, Sendable {
  /// The alternatives θ, as multiples of *c*, and the largest θ there is.
  package enum Grid: String, Hashable, Codable, Sendable {
    /// Whether a canary errs more than users tolerate.
    case tolerance
    /// Whether a version errs more than stable did before.
    case baseline
    /// No alternative at all: the evidence stays at 1.
    case nothing

    package var multiples: [Double] {
      switch self {
      case .tolerance: [2, 5, 10, 50, 200, 900]
      case .baseline: [1.5, 2, 3, 5, 10, 30, 100, 1000]
      case .nothing: [1]
      }
    }

    package var rateMax: Double { self == .tolerance ? 0.95 : 0.97 }
  }

  /// *c*, the share that is not held against it.
  package let ceiling: Double
  private let grid: Grid
  private let dispersion: Double
  private let hit: SIMD8<Double>
  private let miss: SIMD8<Double>
  private var mixture: EvidenceMixture
  /// Requests that nothing happened to since the mixture was last brought up to date.
  private var misses = 0

  package init(ceiling: Double, grid: Grid, dispersion: Double = 1, schedule: EvidenceMixture.Schedule) {
    self.init(
      ceiling: ceiling, grid: grid, dispersion: dispersion,
      mixture: EvidenceMixture(alternatives: grid.multiples.count, schedule: schedule))
  }

  /// Evidence of nothing, where a rate is not watched.
  package static let nothing = RateEvidence(ceiling: 0.5, grid: .nothing, schedule: .once)

  package var isNothing: Bool { grid == .nothing }

  private init(ceiling: Double, grid: Grid, dispersion: Double, mixture: EvidenceMixture) {
    precondition(ceiling > 0 && ceiling < 1, "a share to exceed lies between none and all")
    self.ceiling = ceiling
    self.grid = grid
    self.dispersion = dispersion
    self.mixture = mixture
    var hit = SIMD8<Double>(repeating: 1)
    var miss = hit
    for (index, multiple) in grid.multiples.enumerated() {
      // An alternative below the ceiling would favour rates below it.
      let rate = max(min(ceiling * multiple, grid.rateMax), ceiling)
      hit[index] = rate / ceiling
      miss[index] = (1 - rate) / (1 - ceiling)
    }
    hit.temper(dispersion)
    miss.temper(dispersion)
    self.hit = hit
    self.miss = miss
  }

  package var value: Double {
    guard misses > 0 else { return mixture.value }
    var upToDate = mixture
    upToDate.multiply(by: miss, times: misses)
    return upToDate.value
  }

  package var logarithm: Double { Natural.log(value) }

  /// It happened to a request.
  package mutating func observeHit() {
    settle()
    mixture.multiply(by: hit)
  }

  /// It did not happen to so many requests. Only counted: the evidence is brought up to date when it may grow.
  @inline(__always)
  package mutating func observeMisses(_ count: Int = 1) { misses += count }

  package mutating func advance(to epoch: Int) {
    guard epoch > mixture.epoch else { return }
    settle()
    mixture.advance(to: epoch)
  }

  private mutating func settle() {
    guard misses > 0 else { return }
    mixture.multiply(by: miss, times: misses)
    misses = 0
  }
}

/// Factors are not stored with the evidence; they follow from what is.
extension RateEvidence: Codable {
  private enum Key: CodingKey { case ceiling, grid, dispersion, mixture, misses }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let ceiling = try values.decode(Double.self, forKey: .ceiling)
    guard ceiling > 0, ceiling < 1 else {
      throw DecodingError.dataCorruptedError(forKey: .ceiling, in: values, debugDescription: "\(ceiling) is no share")
    }
    self.init(
      ceiling: ceiling, grid: try values.decode(Grid.self, forKey: .grid),
      dispersion: try values.decode(Double.self, forKey: .dispersion),
      mixture: try values.decode(EvidenceMixture.self, forKey: .mixture))
    misses = try values.decode(Int.self, forKey: .misses)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(ceiling, forKey: .ceiling)
    try values.encode(grid, forKey: .grid)
    try values.encode(dispersion, forKey: .dispersion)
    try values.encode(mixture, forKey: .mixture)
    try values.encode(misses, forKey: .misses)
  }
}

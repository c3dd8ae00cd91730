/// A fortune bet on up to eight alternatives at once, part of it held back for regressions that begin later.
///
/// Every alternative multiplies its stake by a factor whose expectation is at most 1 while the hypothesis holds, so the
/// whole fortune is an e-process: whatever anybody looks at and whenever, it reaches 1/α with probability at most α
/// (Ville's inequality). `value` is the fortune, 1 at the start.
///
/// Restarts are Shiryaev's recursion with a proper prior over when the regression begins: 0.6 of the fortune is staked
/// at once, 0.3 evenly over the planned epochs, 0.1 in ever smaller parts after them. The prior controls the
/// probability of a false alarm per rollout, not their rate.
package struct EvidenceMixture: Hashable, Codable, Sendable {
  package enum Schedule: Hashable, Codable, Sendable {
    /// Everything is staked at once.
    case once
    /// Stakes are renewed every epoch; so many of them are planned.
    case restarting(plannedEpochs: Int)
  }

  /// Stake of each alternative.
  private(set) var stakes: SIMD8<Double>
  /// What is held back.
  private(set) var reserve: Double
  /// How many epochs have begun since the start.
  package private(set) var epoch = 0
  private let schedule: Schedule
  /// How a stake is divided: 1/n for each of n alternatives, 0 for the places that are not used.
  private let division: SIMD8<Double>

  /// Counts on; the last six bits say how long ago the stakes were brought into range.
  private var unbounded: UInt8 = 0

  package init(alternatives: Int, schedule: Schedule) {
    precondition((1...8).contains(alternatives), "a mixture has one to eight alternatives")
    self.schedule = schedule
    reserve = Self.reserve(schedule, after: 0)
    var division = SIMD8<Double>.zero
    for index in 0..<alternatives { division[index] = 1 / Double(alternatives) }
    self.division = division
    stakes = division * (1 - reserve)
  }

  package var value: Double {
    let four = stakes.lowHalf + stakes.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y + reserve
  }

  package var logarithm: Double { Natural.log(value) }

  /// Something happened that multiplies each stake by its factor.
  @inline(__always)
  mutating func multiply(by factors: SIMD8<Double>) {
    stakes *= factors
    stakes.bound()
  }

  /// The same for what happens at every request: stakes are brought into range after every 64th. The factors must lie
  /// between 10⁻² and 10⁴, so that none leaves the range of numbers in between.
  @inline(__always)
  mutating func multiplyOften(by factors: SIMD8<Double>) {
    stakes *= factors
    unbounded &+= 1
    if unbounded & 63 == 0 { stakes.bound() }
  }

  /// `count` times the same thing happened; takes a time that grows with the logarithm of `count`.
  mutating func multiply(by factors: SIMD8<Double>, times count: Int) {
    guard count > 1 else { return count == 1 ? multiply(by: factors) : () }
    var power = SIMD8<Double>(repeating: 1)
    var square = factors
    var left = count
    while left > 0 {
      if left & 1 == 1 { power *= square }
      left >>= 1
      square *= square
      // Infinity times nothing would be no number.
      square.bound()
      power.bound()
    }
    multiply(by: power)
  }

  /// Moves on to an epoch, and over those between; never back, so a clock that jumps does no harm. The dates of
  /// restarts must not depend on outcomes.
  mutating func advance(to epoch: Int) {
    guard epoch > self.epoch else { return }
    self.epoch = epoch
    let left = Self.reserve(schedule, after: epoch)
    stakes += division * (reserve - left)
    reserve = left
  }

  /// What is still held back after `epoch` restarts. The shares after the plan, 0.1/(m(m+1)), add up to 0.1 − 0.1/(m+1).
  private static func reserve(_ schedule: Schedule, after epoch: Int) -> Double {
    guard case .restarting(let planned) = schedule else { return 0 }
    precondition(planned > 0, "a plan has an epoch")
    return epoch < planned
      ? 0.1 + 0.3 * Double(planned - epoch) / Double(planned) : 0.1 / (Double(epoch) - Double(planned) + 1)
  }
}

extension SIMD8<Double> {
  /// Below 10⁻¹⁵⁰ nothing is left and above 10⁵⁰ nobody needs more certainty. Rounding down keeps the guarantee; it keeps
  /// every sum finite, and the numbers below 10⁻³⁰⁸ away, which are slow.
  @inline(__always)
  fileprivate mutating func bound() {
    replace(with: 1e50, where: self .> 1e50)
    replace(with: 0, where: self .< 1e-150)
  }
}

import RolloutCore

/// What traffic is made of: exponential times between requests, and how many come in a time.
struct JudgeRandom {
  private var bits: SplitMix

  init(seed: UInt64) { bits = SplitMix(seed: seed) }

  /// Above 0, at most 1.
  mutating func uniform() -> Double { Double(bits.next() >> 11 + 1) * 0x1p-53 }

  /// Exponential with mean 1.
  mutating func exponential() -> Double { -Natural.log(uniform()) }

  /// Normal with mean 0 and variance 1 (Marsaglia's polar method, without keeping the second number).
  mutating func normal() -> Double {
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      if square > 0, square < 1 { return x * (-2 * Natural.log(square) / square).squareRoot() }
    }
  }

  /// Poisson: counted for small means, by transformed rejection for others (Hörmann's PTRS, 1993).
  mutating func poisson(_ mean: Double) -> Int {
    if mean < 10 {
      var time = exponential()
      var count = 0
      while time < mean {
        time += exponential()
        count += 1
      }
      return count
    }
    let b = 0.931 + 2.53 * mean.squareRoot()
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let quick = 0.9277 - 3.6224 / (b - 2)
    while true {
      let u = uniform() - 0.5
      let v = uniform()
      let distance = 0.5 - abs(u)
      let count = ((2 * a / distance + b) * u + mean + 0.43).rounded(.down)
      if distance >= 0.07, v <= quick { return Int(count) }
      if count < 0 || (distance < 0.013 && v > distance) { continue }
      let left = Natural.log(v * inverseAlpha / (a / (distance * distance) + b))
      if left <= count * Natural.log(mean) - mean - Self.logFactorial(count) { return Int(count) }
    }
  }

  /// Stirling's series, within 10⁻⁹ from 10 on; counted out below.
  private static func logFactorial(_ n: Double) -> Double {
    if n < 10 { return (0...Int(n)).reduce(0) { $1 < 2 ? $0 : $0 + Natural.log(Double($1)) } }
    let inverse = 1 / n
    return (n + 0.5) * Natural.log(n) - n + 0.918_938_533_204_672_74
      + inverse * (1 / 12 - inverse * inverse * (1 / 360 - inverse * inverse / 1_260))
  }
}

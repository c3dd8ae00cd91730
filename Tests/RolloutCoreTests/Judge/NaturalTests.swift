import Foundation
import RolloutCore
import Testing

/// Seeded, so that a failure comes again.
private func samples(_ count: Int, _ body: (Double) -> Void) {
  var random = SplitMix(seed: 3)
  for _ in 0..<count { body(Double.random(in: 0..<1, using: &random)) }
}

/// Units in the last place between two numbers.
private func distance(_ value: Double, _ reference: Double) -> Double {
  value == reference ? 0 : abs(value - reference) / reference.ulp
}

@Suite struct NaturalTests {
  @Test func `logarithms are those of the platform within 1 ulp`() {
    var worst = 0.0
    samples(100_000) { x in
      // Near 1, ordinary numbers, and all there are.
      for value in [1 + (x - 0.5) / 8, x, 1 / x, 1e-6 * x, Double(bitPattern: UInt64(x * 9.218e18))] {
        worst = max(worst, distance(Natural.log(value), log(value)))
      }
    }
    #expect(worst <= 1)
    #expect(distance(Natural.log(.leastNonzeroMagnitude), log(.leastNonzeroMagnitude)) <= 1)
  }

  @Test func `powers of e are those of the platform within 1 ulp`() {
    var worst = 0.0
    samples(100_000) { x in
      for value in [x - 0.5, 100 * (x - 0.5), 1_417 * x - 708, 1e-6 * (x - 0.5)] {
        worst = max(worst, distance(Natural.exp(value), exp(value)))
      }
    }
    #expect(worst <= 1)
  }

  @Test func `logarithms close to 1 keep their digits`() {
    var worst = 0.0
    samples(100_000) { x in
      for value in [x - 0.5, 1e-3 * (x - 0.5), 1e-9 * (x - 0.5), 1e-17 * x, 100 * x, x - 1] {
        worst = max(worst, distance(Natural.log1p(value), log1p(value)))
      }
    }
    #expect(worst <= 2.5)
  }

  @Test func `arguments at the edge have the values of the platform`() {
    #expect(Natural.log(1) == 0 && Natural.log(0) == -.infinity && Natural.log(.infinity) == .infinity)
    #expect(Natural.log(-1).isNaN && Natural.log(.nan).isNaN && Natural.log(-.infinity).isNaN)
    #expect(Natural.exp(0) == 1 && Natural.exp(-.infinity) == 0 && Natural.exp(.infinity) == .infinity)
    #expect(Natural.exp(.nan).isNaN && Natural.exp(710) == .infinity && Natural.exp(-746) == 0)
    #expect(Natural.log1p(0) == 0 && Natural.log1p(-1) == -.infinity)
    #expect(Natural.exp(-745) == exp(-745))
  }
}

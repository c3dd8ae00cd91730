import RolloutCore
import Testing

@Suite struct DistributionTests {
  @Test func `every value is remembered within one percent`() throws {
    var value = 0.001
    while value < 1e9 {
      var distribution = Distribution()
      distribution.record(value / 3)
      distribution.record(value)
      distribution.record(value * 3)
      let median = try #require(distribution.percentile(50))
      #expect(abs(median - value) / value <= 0.01)
      value *= 1.0173
    }
  }

  @Test func `sum, count and extremes are exact`() {
    var distribution = Distribution()
    for value in 1...1_000 { distribution.record(Double(value)) }
    #expect(distribution.count == 1_000)
    #expect(distribution.sum == 500_500)
    #expect(distribution.average == 500.5)
    #expect(distribution.minimum == 1 && distribution.maximum == 1_000)
  }

  @Test(arguments: [(1.0, 10.0), (50.0, 500.0), (90.0, 900.0), (99.0, 990.0), (99.9, 999.0)])
  func `a percentile is the nearest rank`(_ rank: Double, _ expected: Double) throws {
    var distribution = Distribution()
    for value in (1...1_000).reversed() { distribution.record(Double(value)) }
    let value = try #require(distribution.percentile(rank))
    #expect(abs(value - expected) / expected <= 0.01)
  }

  @Test func `merging is recording in one place`() {
    var random = SplitMix(seed: 11)
    var all = Distribution()
    var parts = [Distribution(), Distribution(), Distribution()]
    for index in 0..<3_000 {
      let value = Double(Int.random(in: 0...100_000, using: &random))
      all.record(value)
      parts[index % 3].record(value)
    }
    var merged = Distribution()
    for part in parts { merged.merge(part) }
    #expect(merged == all)
  }

  @Test func `nothing recorded means no value, and nonsense counts as zero`() {
    var distribution = Distribution()
    #expect(distribution.percentile(50) == nil && distribution.average == nil)
    distribution.record(.nan)
    distribution.record(-5)
    #expect(distribution.maximum == 0 && distribution.percentile(99) == 0)
  }
}

import RolloutSimulation
import Testing

@Suite struct EndpointComparisonTests {
  @Test func `the stand-in and the product's endpoint answer alike, and give users the same`() async {
    let comparison = await elsewhere {
      var comparison = EndpointComparison()
      comparison.run(seeds: 0..<1_500)
      return comparison
    }
    #expect(comparison.differences.prefix(5) == [])
    #expect(Set(comparison.kinds.keys) == ["accepted", "duplicate", "fenced", "refused", "throttled", "sealed"])
    #expect(comparison.kinds.values.allSatisfy { $0 > 500 }, "\(comparison.kinds)")
  }

  @Test(
    arguments: [.noFencing, .duplicateApplied, .promotesLapsedCanary, .canaryOutlivesDriver, .sealIgnored] as [Mutant])
  func `a stand-in that breaks the contract is told apart`(mutant: Mutant) async {
    let comparison = await elsewhere {
      var comparison = EndpointComparison(mutant: mutant)
      comparison.run(seeds: 0..<100)
      return comparison
    }
    #expect(comparison.differences.count > 3)
  }
}

import RolloutSimulation
import Testing

/// `make simulate` runs a million; these are the ones that every change runs.
@Suite(.serialized) struct SimulationTests {
  @Test(arguments: 0..<4) func `whatever goes wrong, nobody is hurt and it ends`(block: UInt64) async {
    let campaign = await elsewhere {
      var campaign = Campaign(on: .contract)
      campaign.run(seeds: block * 4_000..<(block + 1) * 4_000)
      return campaign
    }
    #expect(campaign.violations.map { "seed \($0.seed): \($0.violation)" } == [])
    #expect(campaign.missing == [], "what never happens is not tried")
  }

  @Test func `a seed tells the same story every time`() {
    var first = Campaign()
    var second = Campaign()
    first.run(seeds: 0..<500)
    second.run(seeds: 0..<500)
    #expect(first.fingerprint == second.fingerprint)
    var other = Campaign()
    other.run(seeds: 500..<1_000)
    #expect(other.fingerprint != first.fingerprint)
  }

  @Test func `a run that has been used before behaves like a new one`() {
    var used = Simulation(seed: 1)
    used.run()
    used.restart(seed: 77)
    used.run()
    var new = Simulation(seed: 77)
    new.run()
    #expect(used.fingerprint == new.fingerprint)
  }

  @Test func `zeros are a rollout that nothing happens to`() {
    let simulation = Shrinking.replay([])
    #expect(simulation.violation == nil)
    #expect(simulation.coverage[.promoted] == 1)
    let mishaps: [Sight] = [.crash, .pause, .conflict, .lostMessage, .emptyPromise, .abortInBake, .alarm, .lapse]
    #expect(mishaps.allSatisfy { simulation.coverage[$0] == 0 })
  }

  /// The bugs of the field, one by one: a simulator that misses one of them is broken.
  @Test(arguments: Mutant.allCases) func `a bug that somebody shipped is found`(mutant: Mutant) async {
    #expect(await elsewhere { Search(mutant: mutant).run(from: 0, atMost: 40_000) } != nil)
  }

  @Test(arguments: Mutant.allCases) func `it is found by the harm it does`(mutant: Mutant) async {
    #expect(await elsewhere { Search(mutant: mutant, ignoringStructure: true).run(from: 0, atMost: 40_000) } != nil)
  }

  @Test func `a failing run shrinks to the mishaps that matter`() throws {
    let finding = try #require(Search(mutant: .noFencing).run(from: 0, atMost: 1_000))
    var shrinking = try #require(Shrinking(seed: finding.seed, mutant: .noFencing))
    let before = shrinking.mishaps
    shrinking.run()
    #expect(shrinking.violation.invariant == finding.violation.invariant)
    #expect(shrinking.mishaps <= 10)
    #expect(shrinking.mishaps < before)
    #expect(Shrinking.replay(shrinking.script, .noFencing).violation == shrinking.violation)
  }

  @Test(arguments: [nil, 3, 12, 30, 45, 60] as [Int64?], [0, 1, 2] as [UInt32])
  func `a crash at any await point hurts nobody`(abortAfter: Int64?, scenario: UInt32) async {
    let search = await elsewhere {
      var search = Systematic(scenario: scenario)
      search.run(pairs: false, abortAfter: abortAfter.map { $0 * 1_000 })
      return search
    }
    #expect(search.runs > 10)
    #expect(search.violations.map(\.description) == [])
  }

  @Test func `crashes at any two await points hurt nobody`() async {
    let search = await elsewhere {
      var search = Systematic()
      search.run(pairs: true)
      return search
    }
    #expect(search.runs > 4_000)
    #expect(search.violations.map(\.description) == [])
  }
}

import RolloutSimulation
import Testing

/// The product's own endpoint in the simulated world.
@Suite(.serialized) struct MachineSimulationTests {
  @Test(arguments: 0..<2) func `whatever happens to a runtime and its servers, nobody is hurt`(block: UInt64) async {
    let campaign = await elsewhere {
      var campaign = Campaign(on: .machine)
      campaign.run(seeds: block * 2_000..<(block + 1) * 2_000)
      return campaign
    }
    #expect(campaign.violations.map { "seed \($0.seed): \($0.violation)" } == [])
    #expect(campaign.missing.filter { !$0.isRare } == [], "what never happens is not tried")
  }

  @Test func `each seed has its endpoint, and a fourth of them the product's`() {
    #expect(
      (0..<8).map { EndpointKind.of(seed: $0) == .machine } == [
        false, false, false, true, false, false, false, true,
      ])
    var campaign = Campaign()
    campaign.run(seeds: 0..<200)
    var again = Campaign()
    again.run(seeds: 0..<200)
    #expect(campaign.fingerprint == again.fingerprint)
    #expect(campaign.coverage[.runtimeCrash] > 0)
  }

  @Test func `a run on it that has been used before behaves like a new one`() {
    var used = Simulation(seed: 1, on: .machine)
    used.run()
    used.restart(seed: 77)
    used.run()
    var new = Simulation(seed: 77, on: .machine)
    new.run()
    #expect(used.fingerprint == new.fingerprint)
  }

  @Test func `zeros are a rollout that nothing happens to on it, too`() {
    let simulation = Shrinking.replay([], on: .machine)
    #expect(simulation.violation == nil)
    #expect(simulation.coverage[.promoted] == 1)
    let mishaps: [Sight] = [.crash, .runtimeCrash, .serverCrash, .launchFailed, .alarm, .lapse, .unreachable]
    #expect(mishaps.allSatisfy { simulation.coverage[$0] == 0 })
  }

  /// Drivers' bugs are found on the stand-in; these are those that a watch over the endpoint itself has to find.
  static let mutants =
    Mutant.allCases.filter { $0.endpoint == .machine } + [
      .noFencing, .canaryOutlivesDriver, .duplicateApplied, .sealIgnored,
    ]

  @Test(arguments: mutants) func `what a runtime might do wrong is found`(mutant: Mutant) async {
    #expect(await elsewhere { Search(mutant: mutant, on: .machine).run(from: 0, atMost: 5_000) } != nil)
  }

  @Test(arguments: mutants) func `it is found by what users get`(mutant: Mutant) async {
    let finding = await elsewhere {
      Search(mutant: mutant, on: .machine, ignoringStructure: true).run(from: 0, atMost: 10_000)
    }
    #expect(finding != nil)
  }

  @Test func `a failing run on it shrinks, too`() throws {
    let finding = try #require(Search(mutant: .restartForgetsSeal).run(from: 0, atMost: 5_000))
    var shrinking = try #require(Shrinking(seed: finding.seed, mutant: .restartForgetsSeal))
    let before = shrinking.mishaps
    shrinking.run()
    #expect(shrinking.violation.invariant == finding.violation.invariant)
    #expect(shrinking.mishaps < before)
    #expect(shrinking.story.contains("servers"))
  }

  @Test(arguments: [nil, 12, 30, 60] as [Int64?], [0, 1, 2] as [UInt32])
  func `a runtime's death of any message hurts nobody`(abortAfter: Int64?, scenario: UInt32) async {
    let search = await elsewhere {
      var search = Systematic(scenario: scenario, on: .machine)
      search.run(pairs: false, abortAfter: abortAfter.map { $0 * 1_000 })
      search.runRuntimes(pairs: false, abortAfter: abortAfter.map { $0 * 1_000 })
      return search
    }
    #expect(search.runs > 20)
    #expect(search.violations.map(\.description) == [])
  }
}

import RolloutCore
import Testing

/// Several drivers at once in a world that loses answers, delivers late, freezes and kills, drawn anew for every seed.
/// Phase one checks that nothing unsafe ever happens; phase two heals the world and demands an end.
@Suite struct SwarmTests {
  @Test(arguments: 0..<8) func `whatever goes wrong, users are safe and it ends`(block: Int) {
    for seed in block * 60..<(block + 1) * 60 {
      var swarm = Swarm(seed: UInt64(seed))
      swarm.rage()
      swarm.heal()
      let state = swarm.world.state
      let production = swarm.world.endpoints["eye-prod"] ?? World.Endpoint()
      #expect(production.canary == nil, "seed \(seed): a canary is left over")
      switch state.past.last?.outcome {
      case .promoted: #expect(production.stable == Fixture.revision(2).digest, "seed \(seed)")
      case .rolledBack, .failed, .rejected:
        #expect(production.stable == Fixture.revision(1).digest, "seed \(seed)")
      case nil: Issue.record("seed \(seed) never ended")
      }
      #expect(swarm.violations.isEmpty, "seed \(seed): \(swarm.violations)")
    }
  }

  @Test func `every kind of mishap happens in some seed`() {
    var seen: Set<Swarm.Mishap> = []
    var outcomes: Set<String> = []
    for seed in 0..<200 {
      var swarm = Swarm(seed: UInt64(seed))
      swarm.rage()
      swarm.heal()
      seen.formUnion(swarm.happened)
      if let outcome = swarm.world.state.past.last?.outcome { outcomes.insert(outcome.word) }
    }
    #expect(seen == Set(Swarm.Mishap.allCases))
    #expect(outcomes.isSuperset(of: ["promoted", "rolled back"]))
  }
}

private struct Swarm {
  enum Mishap: CaseIterable { case lostAnswer, lostRequest, lateOrder, death, freeze, alarm, abort, lapse, takeover }

  struct Runner {
    var driver: Driver
    var request: Driver.Request
    var frozenUntil = Timestamp(milliseconds: 0)
  }

  var world = Fixture.world()
  var random: SplitMix
  var runners: [Runner] = []
  var late: [(Driver.Request, Driver)] = []
  var happened: Set<Mishap> = []
  var violations: [String] = []
  let faults: Set<Mishap>
  var born = 0

  init(seed: UInt64) {
    var random = SplitMix(seed: seed)
    // Swarm testing: each kind of fault is on or off for a whole seed, so that rare mixes come up.
    faults = Set(Mishap.allCases.filter { _ in random.next() % 2 == 0 })
    self.random = random
  }

  mutating func chance(_ mishap: Mishap, oneIn count: UInt64) -> Bool {
    guard faults.contains(mishap), random.next() % count == 0 else { return false }
    happened.insert(mishap)
    return true
  }

  mutating func bear(_ role: Driver.Role) {
    born += 1
    var driver = Driver(actor: Fixture.actor("driver-\(born)"), role: role, state: world.state)
    let request = driver.resume(.begin, at: world.now)
    runners.append(Runner(driver: driver, request: request))
  }

  mutating func rage() {
    bear(.drive(waitsAtGates: true))
    for _ in 0..<2_500 {
      if world.state.liveRollout == nil { return }
      if runners.count < 3, random.next() % 40 == 0 { bear(.drive(waitsAtGates: true)) }
      disturb()
      guard let index = runners.indices.randomElement(using: &random) else { continue }
      step(index)
      check()
    }
  }

  /// No more faults: the dead stay dead, the late messages land, and one driver alone must finish.
  mutating func heal() {
    for runner in runners { if let epoch = runner.driver.epochForTests { world.deadEpochs.insert(epoch) } }
    runners = []
    deliver(all: true)
    if world.state.liveRollout != nil {
      approve()
      var driver = Driver(actor: Fixture.actor("healer"), role: .drive(waitsAtGates: true))
      world.approveWhenAsked(by: "maria")
      _ = world.run(&driver)
    }
    deliver(all: true)
    check()
  }

  private mutating func step(_ index: Int) {
    guard runners[index].frozenUntil <= world.now else {
      world.now = world.now + .milliseconds(100)
      return
    }
    let (request, driver) = (runners[index].request, runners[index].driver)
    if case .finish = request {
      runners.remove(at: index)
      return
    }
    if chance(.death, oneIn: 90) {
      if let epoch = driver.epochForTests { world.deadEpochs.insert(epoch) }
      runners.remove(at: index)
      return
    }
    if chance(.freeze, oneIn: 120) {
      // A frozen holder looks dead to everybody else; it does not know.
      if let epoch = driver.epochForTests { world.deadEpochs.insert(epoch) }
      runners[index].frozenUntil = world.now + .seconds(Int64(random.next() % 120))
      happened.insert(.takeover)
      return
    }
    runners[index].request = runners[index].driver.resume(answer(request, driver), at: world.now)
  }

  private mutating func answer(_ request: Driver.Request, _ driver: Driver) -> Driver.Response {
    switch request {
    case .perform, .renewCanary, .observe:
      if chance(.lostRequest, oneIn: 15) { return .targetFailed(.ambiguous, "no answer") }
      if chance(.lateOrder, oneIn: 15) {
        late.append((request, driver))
        return .targetFailed(.ambiguous, "no answer")
      }
      let response = world.carryOut(request, for: driver)
      return chance(.lostAnswer, oneIn: 15) ? .targetFailed(.ambiguous, "no answer") : response
    default:
      return world.carryOut(request, for: driver)
    }
  }

  private mutating func disturb() {
    deliver(all: false)
    if random.next() % 20 == 0 { approve() }
    let share = world.endpoints["eye-prod"]?.share ?? .none
    if share > .none, chance(.alarm, oneIn: 150) {
      world.endpoints["eye-prod"]?.trip = GuardTrip(alarm: "model-errors", reason: "9 > 5", at: world.now)
      world.endpoints["eye-prod"]?.share = .none
    }
    if chance(.lapse, oneIn: 150) { world.now = world.now + .seconds(40) }
    for name in world.endpoints.keys.sorted() { world.lapse(name) }
    if let live = world.state.liveRollout, live.mode == .forward, chance(.abort, oneIn: 300) {
      world.write(.abortRequested(rollout: live.id, reason: "pager", isRollback: true), by: "oncall")
      bear(.turn)
    }
  }

  private mutating func deliver(all: Bool) {
    while !late.isEmpty, all || random.next() % 30 == 0 {
      let (request, driver) = late.removeFirst()
      _ = world.carryOut(request, for: driver)
    }
  }

  private mutating func approve() {
    guard let approval = world.pendingApproval(by: "maria"), world.state.liveRollout?.gate?.approvals.isEmpty == true
    else { return }
    world.write(.approvalGranted(approval), by: "maria")
  }

  /// What must hold at every moment, by the journal and by what users get.
  private mutating func check() {
    let state = world.state
    let production = world.endpoints["eye-prod"] ?? World.Endpoint()
    let approved = state.rollout?.gate.map { !$0.approvals.isEmpty && $0.denial == nil } ?? false
    if production.share > .none, !approved { violations.append("traffic without an approval") }
    if production.share > .none, !production.leaseIsLive { violations.append("traffic without a lease") }
    if production.share > .none, production.trip != nil { violations.append("traffic after a trip") }
    if production.stable == nil { violations.append("nothing serves production") }
    if let rollout = state.rollout, rollout.isDone, rollout.mode != .done(.promoted), production.share > .none {
      violations.append("traffic for a canary that was taken back")
    }
  }
}

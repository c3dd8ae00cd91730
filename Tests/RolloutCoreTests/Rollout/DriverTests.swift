import Testing

@testable import RolloutCore

@Suite struct DriverTests {
  @Test func `a good version goes to staging, waits, and takes production step by step`() {
    var world = Fixture.world()
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: false))
    #expect(world.run(&driver) == .waitingForApproval(environment: "production"))
    #expect(world.endpoints["eye-staging"]?.stable == Fixture.revision(2).digest)
    #expect(world.endpoints["eye-prod"]?.stable == Fixture.revision(1).digest)
    #expect(world.state.lease == nil, "whoever stops at a gate gives the lease back")

    world.approveWhenAsked(by: "maria")
    world.afterRequest(&world, .wait(.zero))
    world.afterRequest = { _, _ in }
    var second = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: false))
    #expect(world.run(&second) == .done(.promoted))
    #expect(world.endpoints["eye-prod"]?.shares.map(\.value) == [10, 50, 100])
    #expect(world.state.environments["production"]?.live?.number == 2)
    #expect(world.now.milliseconds - 1_000_000 >= 60_000, "three bakes of twenty seconds")
  }

  @Test(arguments: 1...3) func `an alarm in any bake takes production back without a person`(bake: Int) {
    var world = Fixture.world()
    world.approveWhenAsked(by: "maria")
    let approve = world.afterRequest
    world.afterRequest = { world, request in
      approve(&world, request)
      guard world.endpoints["eye-prod"]?.shares.count == bake, world.endpoints["eye-prod"]?.share != Percent.none else {
        return
      }
      world.endpoints["eye-prod"]?.trip = GuardTrip(alarm: "model-errors", reason: "14 > 5", at: world.now)
      world.endpoints["eye-prod"]?.share = .none
    }
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    let cause = Cause.guardTripped(alarm: "model-errors", reason: "14 > 5")
    #expect(world.run(&driver) == .done(.rolledBack(cause)))
    #expect(world.endpoints["eye-prod"]?.stable == Fixture.revision(1).digest)
    #expect(world.endpoints["eye-prod"]?.canary == nil)
    #expect(world.state.environments["production"]?.live?.number == 1)
    #expect(world.state.environments["production"]?.takenBack.map(\.digest) == [Fixture.revision(2).digest])
  }

  @Test func `a failing smoke test never reaches production`() {
    var world = Fixture.world()
    world.passes = { proof in
      if case .smoke = proof.kind { false } else { true }
    }
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    #expect(world.run(&driver) == .done(.failed(.proofFailed(summary: "as told"))))
    #expect(world.endpoints["eye-staging"]?.stable == Fixture.revision(1).digest)
    #expect(world.endpoints["eye-prod"]?.shares == [])
  }

  @Test func `a rejected approval ends the rollout and leaves production alone`() throws {
    var world = Fixture.world()
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: false))
    _ = world.run(&driver)
    let decision = try #require(world.pendingApproval(by: "omar"))
    #expect(world.write(.approvalDenied(decision), by: "omar") == nil)
    var second = Driver(actor: Fixture.actor("omar"), role: .turn)
    #expect(world.run(&second) == .done(.rejected(.denied(by: "omar", comment: nil))))
    #expect(world.endpoints["eye-prod"]?.shares == [])
  }

  @Test func `an approval that nobody gives in time expires`() {
    var world = Fixture.world()
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: false))
    _ = world.run(&driver)
    world.now = world.now + .hours(73)
    var second = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: false))
    #expect(world.run(&second) == .done(.rejected(.gateExpired)))
  }

  @Test func `on-call takes a running rollout from its driver without waiting for its lease`() throws {
    var world = Fixture.world()
    world.approveWhenAsked(by: "maria")
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    let approve = world.afterRequest
    var turned = false
    world.afterRequest = { world, request in
      approve(&world, request)
      guard !turned, world.endpoints["eye-prod"]?.shares.count == 2 else { return }
      turned = true
      let refusal = world.write(.abortRequested(rollout: "r2", reason: "pager", isRollback: true), by: "oncall")
      precondition(refusal == nil)
      var onCall = Driver(actor: Fixture.actor("oncall"), role: .turn)
      let after = world.afterRequest
      world.afterRequest = { _, _ in }
      let before = world.now
      _ = world.run(&onCall)
      precondition(world.now == before, "turning round waits for nothing")
      world.afterRequest = after
    }
    let cause = Cause.requested(by: "oncall", reason: "pager", isRollback: true)
    #expect(world.run(&driver) == .done(.rolledBack(cause)))
    #expect(world.endpoints["eye-prod"]?.stable == Fixture.revision(1).digest)
    #expect(world.state.past.last?.outcome == .rolledBack(cause))
  }

  @Test func `two drivers at once: one leads and the other says who`() {
    var world = Fixture.world()
    var first = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    _ = world.run(&first, dyingAfter: 12)
    world.deadEpochs = []
    var second = Driver(actor: Fixture.actor("other"), role: .drive(waitsAtGates: true))
    guard case .someoneElseLeads(let leader, _)? = world.run(&second) else {
      Issue.record("the second driver must not lead")
      return
    }
    #expect(leader.name == "ci")
  }

  @Test func `a canary that lapsed restarts its ladder twice and is then taken back`() {
    var world = Fixture.world()
    world.approveWhenAsked(by: "maria")
    let approve = world.afterRequest
    world.afterRequest = { world, request in
      approve(&world, request)
      // The machine sleeps through every lease at 50 %.
      if world.endpoints["eye-prod"]?.share == Percent(50) { world.now = world.now + .minutes(2) }
    }
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    #expect(world.run(&driver) == .done(.failed(.canaryLapsed)))
    #expect(world.endpoints["eye-prod"]?.shares.map(\.value) == [10, 50, 10, 50, 10, 50])
    #expect(world.endpoints["eye-prod"]?.stable == Fixture.revision(1).digest)
  }

  @Test func `a new version that starts again because its runtime did gets its share once it is there`() {
    var world = Fixture.world()
    world.approveWhenAsked(by: "maria")
    let approve = world.afterRequest
    var waits = 0
    world.afterRequest = { world, request in
      approve(&world, request)
      guard world.endpoints["eye-prod"]?.shares.map(\.value) == [10] else { return }
      if waits == 0 {
        world.endpoints["eye-prod"]?.isReady = false
        world.endpoints["eye-prod"]?.leaseIsLive = false
        world.endpoints["eye-prod"]?.share = Percent.none
      }
      if case .wait = request { waits += 1 }
      if waits == 40 { world.endpoints["eye-prod"]?.isReady = true }
    }
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    #expect(world.run(&driver) == .done(.promoted))
    #expect(world.endpoints["eye-prod"]?.shares.map(\.value) == [10, 10, 50, 100])
  }

  @Test func `rollback of an idle service goes back to the revision before and remembers why`() throws {
    var world = Fixture.world()
    world.approveWhenAsked(by: "maria")
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    #expect(world.run(&driver) == .done(.promoted))
    let previous = try #require(world.state.environments["production"]?.previous)
    world.write(
      .rollbackStarted(
        id: "r3", environment: "production", endpoint: "eye-prod", to: previous, reason: "complaints"), by: "oncall")
    var onCall = Driver(actor: Fixture.actor("oncall"), role: .turn)
    guard case .done(.rolledBack)? = world.run(&onCall) else {
      Issue.record("the rollback must end as one")
      return
    }
    #expect(world.endpoints["eye-prod"]?.stable == Fixture.revision(1).digest)
    #expect(world.state.environments["production"]?.live?.number == 1)
    #expect(world.state.environments["production"]?.takenBack.map(\.digest) == [Fixture.revision(2).digest])
  }

  @Test func `a pause keeps the share and stops the ladder; a skipped bake ends early`() {
    var world = Fixture.world()
    world.approveWhenAsked(by: "maria")
    let approve = world.afterRequest
    var heldSince: Timestamp?
    world.afterRequest = { world, request in
      approve(&world, request)
      guard let rollout = world.state.liveRollout, case .bake = rollout.program[rollout.position] else { return }
      if heldSince == nil {
        world.write(.holdSet(rollout: "r2", reason: "lunch"), by: "maria")
        heldSince = world.now
      } else if let since = heldSince, rollout.hold != nil, world.now - since > .minutes(5) {
        precondition(world.endpoints["eye-prod"]?.share == Percent(10), "the share is kept")
        world.write(.holdCleared(rollout: "r2"), by: "maria")
        world.write(.bakeSkipped(rollout: "r2", at: rollout.position), by: "maria")
      }
    }
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    #expect(world.run(&driver) == .done(.promoted))
  }

  @Test func `a target that obeyed another journal is not fought with for ever`() {
    var world = Fixture.world()
    world.endpoints["eye-staging", default: .init()].fence = 1_000_000
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    guard case .quarantined(let reason)? = world.run(&driver) else {
      Issue.record("a person has to look at this")
      return
    }
    #expect(reason.contains("newer orders than this journal knows"))
  }

  @Test func `a fleet that never becomes ready fails the rollout and says why`() {
    var world = Fixture.world()
    world.afterRequest = { world, _ in
      guard world.endpoints["eye-staging"]?.canary != nil else { return }
      world.endpoints["eye-staging"]?.failure = "exited with code 1: no such file"
      world.endpoints["eye-staging"]?.trip = GuardTrip(alarm: "model-server", reason: "gone", at: world.now)
    }
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    let cause = Cause.stepFailed(step: "start the new version", error: "exited with code 1: no such file")
    #expect(world.run(&driver) == .done(.failed(cause)))
    #expect(world.endpoints["eye-staging"]?.stable == Fixture.revision(1).digest)
    #expect(world.state.environments["staging"]?.takenBack.isEmpty == true)
  }

  @Test func `an approval does not outlive its gate`() throws {
    var world = Fixture.world()
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: false))
    _ = world.run(&driver)
    let approval = try #require(world.pendingApproval(by: "maria"))
    #expect(world.write(.approvalGranted(approval), by: "maria") == nil)
    world.now = world.now + .hours(24 * 30)
    var late = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: false))
    #expect(world.run(&late) == .done(.rejected(.gateExpired)))
    #expect(world.endpoints["eye-prod"]?.shares == [])
  }

  @Test func `two people who turn it round at once do not take it from each other for ever`() {
    var world = Fixture.world()
    world.approveWhenAsked(by: "maria")
    var first = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    _ = world.run(&first, dyingAfter: 90)
    world.deadEpochs = []
    world.write(.abortRequested(rollout: "r2", reason: "", isRollback: true), by: "omar")
    var drivers = ["omar", "maria"].map { Driver(actor: Fixture.actor($0), role: .turn, state: world.state) }
    var requests = drivers.indices.map { drivers[$0].resume(.begin, at: world.now) }
    for _ in 0..<40 {
      for index in drivers.indices {
        if case .finish = requests[index] { continue }
        requests[index] = drivers[index].resume(world.carryOut(requests[index], for: drivers[index]), at: world.now)
      }
    }
    let preemptions = world.entries.filter { if case .leaseAcquired(_, .preempt) = $0.event { true } else { false } }
    #expect(preemptions.count <= 1)
    #expect(world.state.liveRollout == nil)
  }

  @Test func `whoever asks for the turn again leads it, although the one who asked first only sleeps`() {
    var world = Fixture.world()
    world.approveWhenAsked(by: "maria")
    var first = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    _ = world.run(&first, dyingAfter: 90)
    world.deadEpochs = []
    world.write(.abortRequested(rollout: "r2", reason: "slow", isRollback: true), by: "omar")
    var sleeper = Driver(actor: Fixture.actor("omar"), role: .turn, state: world.state)
    var request = sleeper.resume(.begin, at: world.now)
    while world.state.lease?.holder.name != "omar" {
      request = sleeper.resume(world.carryOut(request, for: sleeper), at: world.now)
    }
    let asleepSince = world.now
    world.write(.abortRequested(rollout: "r2", reason: "now", isRollback: true), by: "maria")
    var second = Driver(actor: Fixture.actor("maria"), role: .turn, state: world.state)
    _ = world.run(&second)
    #expect(world.state.liveRollout == nil)
    #expect(world.now - asleepSince < .seconds(5), "no lease was waited for")
    let outcome = world.state.rollout(named: "r2")?.outcome
    #expect(outcome?.cause == .requested(by: "omar", reason: "slow", isRollback: true), "the first cause stays")
  }

  @Test func `a driver that slept through its rollout ends with that one's outcome`() {
    var world = Fixture.world()
    var sleeper = Driver(actor: Fixture.actor("sleeper"), role: .drive(waitsAtGates: false), state: world.state)
    world.approveWhenAsked(by: "maria")
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    #expect(world.run(&driver) == .done(.promoted))
    world.afterRequest = { _, _ in }
    world.write(.rolloutStarted(id: "r3", plan: Fixture.plan, program: Fixture.program(1, over: 2)), by: "ci")
    #expect(world.run(&sleeper) == .done(.promoted))
    #expect(world.state.liveRollout?.id == "r3", "the next rollout is none of its business")
  }

  @Test func `a target that answers rubbish is given up when the step's time is over`() {
    var world = Fixture.world()
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    var request = driver.resume(.begin, at: world.now)
    for _ in 0..<20_000 {
      if case .finish = request { break }
      let isAboutTarget =
        switch request {
        case .perform, .observe, .renewCanary: true
        default: false
        }
      let response = isAboutTarget ? .targetFailed(.ambiguous, "HTML") : world.carryOut(request, for: driver)
      request = driver.resume(response, at: world.now)
    }
    guard case .finish(.quarantined) = request else {
      Issue.record("it ended as \(request)")
      return
    }
  }

  @Test func `what nobody could undo gives way to a rollback that a person asks for`() throws {
    var world = Fixture.world()
    world.write(.abortRequested(rollout: "r2", reason: "", isRollback: false), by: "omar")
    world.write(.leaseAcquired(ttl: .seconds(30), why: .free), by: "omar")
    world.write(.quarantined(reason: "the package is damaged"), by: "omar", epoch: world.state.lease?.epoch)
    let record = try #require(world.state.environments["production"]?.revisions.first)
    let refusal = world.write(
      .rollbackStarted(id: "r3", environment: "production", endpoint: "eye-prod", to: record, reason: "enough"),
      by: "omar")
    #expect(refusal == nil)
    #expect(world.state.past.last?.id == "r2")
    #expect(world.state.liveRollout?.id == "r3")
  }

  @Test func `deploying again what a target lost adds nothing to go back to`() throws {
    var state = EnvironmentState()
    let one = RevisionRecord(number: 1, revision: Fixture.revision(1))
    let two = RevisionRecord(number: 2, revision: Fixture.revision(2))
    let since = EnvironmentState.LiveSince(rollout: "r1", at: Timestamp(milliseconds: 0))
    for record in [one, two, two] { state.promote(record, since: since) }
    #expect(state.previous == one)
  }
}

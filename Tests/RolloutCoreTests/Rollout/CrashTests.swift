import RolloutCore
import Testing

/// A driver dies after every single request, and another one goes on: users must never notice the difference.
@Suite struct CrashTests {
  private static func requests(_ run: (inout World, inout Driver) -> Void) -> Int {
    var world = Fixture.world()
    var count = 0
    world.approveWhenAsked(by: "maria")
    let approve = world.afterRequest
    world.afterRequest = { world, request in
      approve(&world, request)
      count += 1
    }
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    run(&world, &driver)
    return count
  }

  @Test func `a crash after any request loses nothing and the next driver promotes`() {
    let total = Self.requests { world, driver in _ = world.run(&driver) }
    #expect(total > 100)
    for point in 0..<total {
      var world = Fixture.world()
      world.approveWhenAsked(by: "maria")
      var first = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
      _ = world.run(&first, dyingAfter: point)
      var second = Driver(actor: Fixture.actor("ci-again"), role: .drive(waitsAtGates: true))
      let ending = world.run(&second)
      #expect(ending == .done(.promoted), "crash after request \(point)")
      #expect(world.endpoints["eye-prod"]?.stable == Fixture.revision(2).digest)
      #expect(world.endpoints["eye-prod"]?.shares.suffix(1) == [.all])
      #expect(world.state.rollout?.failures == 0, "a takeover is not a failure")
    }
  }

  @Test func `a crash at any point of an unwinding leaves users on the old version`() {
    for point in 0..<200 {
      var world = Fixture.world()
      world.approveWhenAsked(by: "maria")
      let approve = world.afterRequest
      world.afterRequest = { world, request in
        approve(&world, request)
        guard world.endpoints["eye-prod"]?.share == Percent(10) else { return }
        world.endpoints["eye-prod"]?.trip = GuardTrip(alarm: "cpu", reason: "99 > 70", at: world.now)
        world.endpoints["eye-prod"]?.share = .none
      }
      var first = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
      _ = world.run(&first, dyingAfter: point)
      var second = Driver(actor: Fixture.actor("ci-again"), role: .drive(waitsAtGates: true))
      _ = world.run(&second)
      #expect(world.endpoints["eye-prod"]?.stable == Fixture.revision(1).digest, "crash after request \(point)")
      #expect(world.endpoints["eye-prod"]?.canary == nil)
      #expect(world.state.past.last?.outcome == .rolledBack(.guardTripped(alarm: "cpu", reason: "99 > 70")))
    }
  }

  @Test func `a driver that wakes up after another one took over does no harm`() {
    for point in 5..<120 {
      var world = Fixture.world()
      world.approveWhenAsked(by: "maria")
      var zombie = Driver(actor: Fixture.actor("zombie"), role: .drive(waitsAtGates: true))
      var request = zombie.resume(.begin, at: world.now)
      for _ in 0..<point {
        let response = world.carryOut(request, for: zombie)
        world.afterRequest(&world, request)
        request = zombie.resume(response, at: world.now)
      }
      if let epoch = zombie.epochForTests { world.deadEpochs.insert(epoch) }
      world.now = world.now + .minutes(5)
      var second = Driver(actor: Fixture.actor("ci-again"), role: .drive(waitsAtGates: true))
      _ = world.run(&second, dyingAfter: 40)
      let leader = world.state.lease
      world.deadEpochs.subtract([leader?.epoch ?? 0])
      // The zombie's pending request lands now, long after it was decided.
      let before = world.entries.count
      let late = world.carryOut(request, for: zombie)
      if case .appended = late { Issue.record("a zombie wrote to the journal at \(point)") }
      if case .performed = late { Issue.record("a zombie's order was accepted at \(point)") }
      #expect(world.entries.count == before)
      world.deadEpochs.insert(leader?.epoch ?? 0)
      var third = Driver(actor: Fixture.actor("third"), role: .drive(waitsAtGates: true))
      #expect(world.run(&third) == .done(.promoted), "woke up at \(point)")
    }
  }
}

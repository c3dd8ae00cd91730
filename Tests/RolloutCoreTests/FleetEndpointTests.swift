import RolloutCore
import Testing

struct FleetEndpointTests {
  private let tenPercent = Percent(10) ?? .none
  private let trip = GuardTrip(alarm: "errors", reason: "too many", at: Timestamp(milliseconds: 0))

  @Test func `a canary gets as many instances as stable has, and no traffic before it is shifted`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1, instances: 3))
    try world.perform(.prepare(.sample(2, instances: 1)), fence: 10)

    let canary = try #require(world.observation.canary)
    #expect(canary.fleet.desired == 3)
    #expect(canary.fleet.ready == 3)
    #expect(canary.share == .none)
    #expect(!canary.leaseIsLive)
    #expect(world.machine.route?.variant(.stable)?.share == .all)
  }

  @Test func `a shift splits the traffic, and the shares total 100 percent`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2), at: tenPercent, fence: 10)

    #expect(world.machine.route?.variant(.canary)?.share == tenPercent)
    #expect(world.machine.route?.variant(.stable)?.share == Percent(90))
  }

  @Test func `a shift has to wait while too few canary instances are ready, and is applied once they are`() throws {
    var world = FleetTestWorld()
    world.unhealthyVersions = [2]
    try world.perform(.prepare(.sample(2)), fence: 1)

    for _ in 1...2 {
      #expect(throws: OrderRefusal.notReady("10% needs 1 ready canary instances, and 0 are ready")) {
        try world.perform(.shift(tenPercent), fence: 2)
      }
    }
    #expect(world.machine.fence == 2, "it still shuts out what is older")
    #expect(world.machine.applied == 1)

    let instance = try #require(world.machine.canary?.fleet.instances.first)
    world.receive(.healthPassed(pid: try #require(instance.process?.pid)), for: instance.id)
    try world.perform(.shift(tenPercent), fence: 2)
    #expect(world.observation.canary?.share == tenPercent)
  }

  @Test func `a shift waits for a canary that comes back after its runtime was killed`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2), at: tenPercent, fence: 10)
    let record = world.machine.record(at: world.now, wall: world.wall)
    world.machine = EndpointMachine(record, policy: SupervisionPolicy(), at: world.now, wall: world.wall)

    #expect(throws: OrderRefusal.notReady("10% needs 1 ready canary instances, and 0 are ready")) {
      try world.perform(.shift(tenPercent), fence: 12)
    }
    world.settle()
    try world.perform(.shift(tenPercent), fence: 12)
    #expect(world.observation.canary?.share == tenPercent)
  }

  @Test func `a canary grows with stable before it gets more of the traffic`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2), at: tenPercent, fence: 10)
    world.machine.scale(try #require(world.machine.stable?.id), to: 4)
    world.settle()

    #expect(throws: OrderRefusal.notReady("100% needs 4 ready canary instances, and 1 are ready")) {
      try world.perform(.shift(.all), fence: 12)
    }
    #expect(world.observation.canary?.share == tenPercent, "what it has, it keeps")
    world.settle()
    #expect(world.observation.canary?.fleet.ready == 4)
    try world.perform(.shift(.all), fence: 12)
    #expect(world.observation.canary?.share == .all)
  }

  @Test func `a shift without a canary is refused for good`() throws {
    var world = FleetTestWorld()
    #expect(throws: OrderRefusal.refused("there is no canary to give 10% to")) {
      try world.perform(.shift(tenPercent), fence: 3)
    }
    #expect(throws: OrderRefusal.fenced(seen: 3)) { try world.perform(.prepare(.sample(1)), fence: 2) }
  }

  @Test func `a share lapses by itself, and renewing does not revive it`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2, lease: .seconds(5)), at: tenPercent, fence: 10)
    world.pass(.seconds(5))

    #expect(world.observation.canary?.share == Percent.none)
    #expect(world.machine.route?.variant(.stable)?.share == .all)
    #expect(try world.machine.renew(fence: 11, at: world.now) == false)
    #expect(world.observation.canary?.share == Percent.none)

    try world.perform(.shift(tenPercent), fence: 12)
    #expect(world.observation.canary?.share == tenPercent)
  }

  @Test func `a renewed share stays, and its bake goes on`() throws {
    var world = FleetTestWorld()
    try world.bake(.sample(2, lease: .seconds(5)), at: tenPercent, fence: 1)
    for _ in 1...4 {
      world.pass(.seconds(3))
      #expect(try world.machine.renew(fence: 2, at: world.now))
    }
    #expect(world.observation.canary?.baked == .seconds(12))
    try world.perform(.shift(.all), fence: 3)
    #expect(world.observation.canary?.baked == .zero)
  }

  @Test func `without stable a lapsed canary has no share either`() throws {
    var world = FleetTestWorld()
    try world.bake(.sample(1, lease: .seconds(5)), at: .all, fence: 1)
    world.pass(.seconds(6))
    #expect(world.machine.route?.variant(.canary)?.share == Percent.none)
    #expect(world.machine.route?.variant(.stable) == nil)
  }

  @Test func `an older fence is refused, the same one is a duplicate`() throws {
    var world = FleetTestWorld()
    try world.bake(.sample(1), at: tenPercent, fence: 5)
    world.pass(.seconds(4))
    try world.perform(.shift(tenPercent), fence: 6)
    #expect(world.observation.canary?.baked == .seconds(4), "a duplicate must not restart the bake")
    #expect(throws: OrderRefusal.fenced(seen: 6)) { try world.perform(.restore(nil), fence: 5) }
    #expect(throws: OrderRefusal.fenced(seen: 6)) { _ = try world.machine.renew(fence: 5, at: world.now) }
  }

  @Test func `an observation with a fence shuts older orders out`() throws {
    var world = FleetTestWorld()
    try world.perform(.prepare(.sample(1)), fence: 1)
    try world.machine.observe(fence: 9)
    #expect(throws: OrderRefusal.fenced(seen: 9)) { try world.perform(.shift(.all), fence: 8) }
    #expect(throws: OrderRefusal.fenced(seen: 9)) { try world.machine.observe(fence: 8) }
    try world.perform(.shift(.all), fence: 9)
    #expect(world.observation.canary?.share == .all)
  }

  @Test func `a tripped guard takes the share away until the canary is replaced`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2), at: tenPercent, fence: 10)
    world.machine.trip(trip)

    #expect(world.observation.canary?.share == Percent.none)
    #expect(world.observation.canary?.trip == trip)
    let refusal = OrderRefusal.refused("the canary was taken back by errors: too many")
    #expect(throws: refusal) { try world.perform(.shift(tenPercent), fence: 12) }
    #expect(throws: refusal) { try world.perform(.promote(Revision.sample(2).digest, keepWarm: .zero), fence: 13) }

    try world.perform(.prepare(.sample(2)), fence: 14)
    #expect(world.observation.canary?.trip == nil)
  }

  @Test func `an alarm before the first shift trips nothing`() throws {
    var world = FleetTestWorld()
    try world.perform(.prepare(.sample(2)), fence: 1)
    world.machine.trip(trip)
    #expect(world.observation.canary?.trip == nil)
  }

  @Test func `an alarm before the first shift trips nothing after a restart of the runtime either`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.perform(.prepare(.sample(2)), fence: 10)
    var record = world.machine.record(at: world.now, wall: world.wall)
    world.machine = EndpointMachine(record, policy: SupervisionPolicy(), at: world.now, wall: world.wall)
    world.machine.trip(trip)
    #expect(world.observation.canary?.trip == nil)

    world.settle()
    try world.perform(.shift(tenPercent), fence: 11)
    record = world.machine.record(at: world.now, wall: world.wall)
    world.machine = EndpointMachine(record, policy: SupervisionPolicy(), at: world.now, wall: world.wall)
    world.machine.trip(trip)
    #expect(world.observation.canary?.trip == trip, "it had users, and its guards count")
  }

  @Test func `a canary whose servers never become healthy fails with what they printed`() throws {
    var world = FleetTestWorld()
    world.unhealthyVersions = [2]
    try world.serve(.sample(1))
    try world.perform(.prepare(.sample(2, startupTimeout: .seconds(10))), fence: 10)
    world.pass(.seconds(10))

    let text = "the model server did not answer GET /ping with 200 within 10s; it last printed:\nbye"
    #expect(world.observation.canary?.fleet.failure == text)
    #expect(world.observation.canary?.trip == nil, "it never had traffic to lose")
    #expect(world.observation.stable?.ready == 1)

    try world.perform(.prepare(.sample(2)), fence: 11)
    #expect(world.observation.canary?.fleet.failure == nil, "prepared again, it starts afresh")
  }

  @Test func `a canary that crashes again and again under traffic is taken back`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2), at: tenPercent, fence: 10)
    let id = try #require(world.machine.canary?.fleet.instances.first?.id)
    for crash in 1...4 {
      #expect(world.observation.canary?.trip == nil)
      world.receive(.exited(status: "exited with code 1", lastLines: "boom"), for: id)
      if crash < 4 { world.pass(.seconds(4)) }
    }
    let reason = "the model server exited with code 1, 4 crashes in a row; it last printed:\nboom"
    #expect(world.observation.canary?.trip == GuardTrip(alarm: "model-server", reason: reason, at: world.wall))
    #expect(world.observation.canary?.share == Percent.none)
  }

  @Test func `only the live canary is promoted, and the old stable stays warm for a while`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2, lease: .seconds(5)), at: .all, fence: 10)
    #expect(throws: OrderRefusal.self) {
      try world.perform(.promote(Revision.sample(3).digest, keepWarm: .zero), fence: 12)
    }
    try world.perform(.promote(Revision.sample(2).digest, keepWarm: .minutes(1)), fence: 13)

    #expect(world.observation.stable?.model.version == 2)
    #expect(world.observation.canary == nil)
    #expect(world.observation.standby?.model.version == 1)
    world.pass(.minutes(1))
    #expect(world.observation.standby == nil)
    #expect(world.machine.fleets.count == 1, "the old servers are stopped")
  }

  @Test func `a promotion waits for a canary whose servers died a moment ago, and stable serves meanwhile`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2), at: .all, fence: 10)
    let id = try #require(world.machine.canary?.fleet.instances.first?.id)
    world.receive(.exited(status: "exited with code 1", lastLines: "boom"), for: id)

    let promote = TargetOrder.promote(Revision.sample(2).digest, keepWarm: .zero)
    #expect(throws: OrderRefusal.notReady("a promotion needs 1 ready canary instances, and 0 are ready")) {
      try world.perform(promote, fence: 12)
    }
    #expect(world.machine.route?.variant(.stable)?.backends.count == 1)
    #expect(world.observation.stable?.model.version == 1)
    world.pass(.seconds(1))
    try world.perform(promote, fence: 12)
    #expect(world.observation.stable?.model.version == 2)
    #expect(world.observation.stable?.ready == 1)
  }

  @Test func `a lapsed canary is not promoted`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2, lease: .seconds(5)), at: .all, fence: 10)
    world.pass(.seconds(5))
    #expect(throws: OrderRefusal.refused("the canary's lease has lapsed; it must bake again")) {
      try world.perform(.promote(Revision.sample(2).digest, keepWarm: .zero), fence: 12)
    }
    #expect(world.observation.stable?.model.version == 1)
  }

  @Test func `restoring stable drops the canary and touches nothing else`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2), at: tenPercent, fence: 10)
    try world.perform(.restore(.sample(1)), fence: 12)
    #expect(world.observation.canary == nil)
    #expect(world.observation.stable?.model.version == 1)
    #expect(world.machine.fleets.map(\.revision.content.model.version) == [1])
  }

  @Test func `restoring the warm revision swaps at once`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.serve(.sample(2), fence: 10, keepWarm: .minutes(5))
    try world.machine.perform(.restore(.sample(1)), fence: 20, at: world.now)
    #expect(world.machine.route?.variant(.stable)?.revision == Revision.sample(1).digest)
    #expect(world.machine.route?.variant(.stable)?.backends.count == 1)
  }

  @Test func `restoring a cold revision starts it while stable serves`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.serve(.sample(2), fence: 10)
    try world.machine.perform(.restore(.sample(1)), fence: 20, at: world.now)
    _ = world.machine.advance(to: world.now, wall: world.wall)
    #expect(world.observation.stable?.model.version == 2)
    #expect(world.observation.standby?.model.version == 1, "the one that is starting is shown")
    let id = InstanceID(fleet: 3, number: 1)
    world.receive(.started(ServerProcess(pid: 7, port: 1)), for: id)
    #expect(world.observation.stable?.model.version == 2)
    world.receive(.healthPassed(pid: 7), for: id)
    #expect(world.observation.stable?.model.version == 1)
    #expect(world.machine.fleets.count == 1)
  }

  @Test func `what never served all users is no way back, whatever an order says`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2), at: .all, fence: 10)
    for never in [Revision.sample(2), .sample(3)] {
      #expect(throws: OrderRefusal.self) { try world.perform(.restore(never), fence: 20) }
      #expect(world.observation.stable?.model.version == 1)
    }
    #expect(world.machine.canary != nil && world.machine.incoming == nil, "a refused order starts nothing")
    #expect(world.machine.fence == 20, "and still says who leads")
  }

  @Test func `a restarted runtime remembers what served, also one that is gone`() throws {
    var world = FleetTestWorld()
    for version in 1...3 { try world.serve(.sample(version), fence: UInt64(version * 10)) }
    let record = world.machine.record(at: world.now, wall: world.wall)
    var revived = EndpointMachine(record, policy: SupervisionPolicy(), at: .zero, wall: world.wall)
    try revived.perform(.restore(.sample(1)), fence: 40, at: .zero)
    #expect(revived.incoming?.revision == .sample(1))
  }

  @Test func `a record from before endpoints remembered vouches for the fleets in it`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.serve(.sample(2), fence: 10, keepWarm: .minutes(5))
    var record = world.machine.record(at: world.now, wall: world.wall)
    record.served = nil
    let revived = EndpointMachine(record, policy: SupervisionPolicy(), at: .zero, wall: world.wall)
    #expect(revived.served == world.machine.served)
    #expect(revived.served.before(Revision.sample(2).digest) == .sample(1))
  }

  @Test func `restoring what gave up starts it again`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.serve(.sample(2), fence: 10)
    world.unhealthyVersions = [1]
    try world.perform(.restore(.sample(1)), fence: 20)
    world.passUntilFailure()
    #expect(world.observation.standby?.failure != nil)
    let reading = EndpointReading(world.observation)
    #expect(reading.hasFailed(toRestore: Token(Revision.sample(1).digest)))
    world.unhealthyVersions = []
    try world.perform(.restore(.sample(1)), fence: 21)
    #expect(world.observation.stable?.model.version == 1)
    #expect(world.observation.stable?.ready == 1)
  }

  @Test func `restoring nothing leaves nothing`() throws {
    var world = FleetTestWorld()
    try world.bake(.sample(1), at: .all, fence: 1)
    try world.perform(.restore(nil), fence: 3)
    #expect(world.machine.route == nil)
    #expect(world.machine.fleets.isEmpty)
    #expect(world.observation == EndpointObservation(fence: 3))
  }

  @Test func `what was killed comes back without a share and with its fences`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.serve(.sample(2), fence: 10, keepWarm: .minutes(5))
    world.pass(.minutes(1))
    let beforeCanary = world.machine.record(at: world.now, wall: world.wall)
    try world.bake(.sample(3), at: tenPercent, fence: 20)
    let record = world.machine.record(at: world.now, wall: world.wall)

    var revived = EndpointMachine(record, policy: SupervisionPolicy(), at: .zero, wall: world.wall)
    #expect(revived.fence == 21)
    #expect(throws: OrderRefusal.fenced(seen: 21)) { try revived.perform(.restore(nil), fence: 20, at: .zero) }
    #expect(revived.stable?.revision.content.model.version == 2)
    #expect(revived.canary?.fleet.revision.content.model.version == 3)
    #expect(revived.canary?.grant == .lapsed)
    #expect(try revived.renew(fence: 21, at: .zero) == false)

    let warm = EndpointMachine(beforeCanary, policy: SupervisionPolicy(), at: .zero, wall: world.wall)
    #expect(warm.standby?.until == .minutes(4))
  }
}

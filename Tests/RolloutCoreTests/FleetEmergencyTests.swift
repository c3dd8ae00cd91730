import RolloutCore
import Testing

/// What an endpoint does when it is taken back by hand, and what it obeys afterwards.
struct FleetEmergencyTests {
  private let tenPercent = Percent(10) ?? .none
  private let request = EmergencyRequest(id: "e1", environment: "production", by: "omar", reason: "wrong labels")

  private func baking() throws -> FleetTestWorld {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.bake(.sample(2), at: tenPercent, fence: 10)
    return world
  }

  @Test func `a canary is taken away at once, and stable stays`() throws {
    var world = try baking()
    let emergency = try world.machine.revert(request, at: world.wall)
    #expect(world.machine.route?.variant(.stable)?.share == .all, "before any time has passed")
    #expect(world.machine.canary == nil)
    #expect(world.observation.stable?.model.version == 1)
    #expect(emergency.restored == nil)
    world.settle()
    #expect(world.machine.fleets.map(\.revision.content.model.version) == [1])
  }

  @Test func `the version that is still warm takes over at once`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.serve(.sample(2), fence: 10, keepWarm: .minutes(5))
    let emergency = try world.machine.revert(request, at: world.wall)
    #expect(world.observation.stable?.model.version == 1)
    #expect(emergency.restored == Revision.sample(1).digest)
    #expect(world.machine.standby == nil)
  }

  @Test func `with nothing warm the version before starts, and takes over when it is ready`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    try world.serve(.sample(2), fence: 10)
    var emergency = try world.machine.revert(request, at: world.wall)
    #expect(emergency.restored == Revision.sample(1).digest)
    #expect(emergency.isOnItsWay == true)
    #expect(world.observation.stable?.model.version == 2, "it serves until then")
    world.settle()
    #expect(world.observation.stable?.model.version == 1)
    emergency.isOnItsWay = nil
    #expect(world.observation.seal == emergency, "the seal tells what became of it")
  }

  @Test func `a version that was taken back is not gone back to`() throws {
    var world = FleetTestWorld()
    for version in 1...3 { try world.serve(.sample(version), fence: UInt64(version * 10)) }
    try world.perform(.restore(.sample(2)), fence: 40)
    let emergency = try world.machine.revert(request, at: world.wall)
    #expect(emergency.restored == Revision.sample(1).digest)
  }

  @Test func `the only version there ever was stays, and is not sealed`() throws {
    var world = FleetTestWorld()
    try world.serve(.sample(1))
    let before = world.machine
    let refusal = #expect(throws: OrderRefusal.self) { try world.machine.revert(request, at: world.wall) }
    #expect("\(String(describing: refusal))".contains("nothing to go back to"))
    #expect(world.machine == before)
  }

  @Test func `a sealed endpoint obeys no fence, however high, and shows its seal`() throws {
    var world = try baking()
    let emergency = try world.machine.revert(request, at: world.wall)
    let before = world.machine
    #expect(throws: OrderRefusal.sealed(emergency)) { try world.perform(.prepare(.sample(3)), fence: .max) }
    #expect(throws: OrderRefusal.sealed(emergency)) { try world.perform(.restore(nil), fence: 12) }
    #expect(throws: OrderRefusal.sealed(emergency)) { try world.machine.observe(fence: .max) }
    #expect(throws: OrderRefusal.sealed(emergency)) { _ = try world.machine.renew(fence: .max, at: world.now) }
    #expect(world.machine.fence == before.fence && world.machine.stable == before.stable)
    #expect(world.observation.seal == emergency)
  }

  @Test func `the seal survives the death of its runtime`() throws {
    var world = try baking()
    let emergency = try world.machine.revert(request, at: world.wall)
    let record = world.machine.record(at: world.now, wall: world.wall)
    world.machine = EndpointMachine(record, policy: SupervisionPolicy(), at: world.now, wall: world.wall)
    #expect(throws: OrderRefusal.sealed(emergency)) { try world.perform(.restore(nil), fence: 99) }
    #expect(world.machine.canary == nil)
  }

  @Test func `only the entry that records the emergency breaks its seal, and shuts out everything older`() throws {
    var world = try baking()
    let emergency = try world.machine.revert(request, at: world.wall)
    #expect(throws: OrderRefusal.sealed(emergency)) { try world.machine.unseal("e2", fence: 40) }
    #expect(throws: OrderRefusal.fenced(seen: 11)) { try world.machine.unseal("e1", fence: 10) }
    try world.machine.unseal("e1", fence: 40)
    try world.machine.unseal("e1", fence: 40)
    #expect(world.machine.seal == nil)
    #expect(throws: OrderRefusal.fenced(seen: 40)) { try world.perform(.shift(.all), fence: 39) }
    try world.perform(.prepare(.sample(3)), fence: 41)
    #expect(world.observation.canary?.fleet.model.version == 3)
  }

  @Test func `a second emergency changes nothing under the seal of the first`() throws {
    var world = try baking()
    let first = try world.machine.revert(request, at: world.wall)
    let sealed = world.machine
    let again = EmergencyRequest(id: "e2", environment: "production", by: "maria", reason: "")
    #expect(try world.machine.revert(again, at: world.wall + .seconds(5)) == first)
    #expect(world.machine == sealed)
  }

  @Test func `an endpoint where nothing serves has nothing to take back and is not sealed`() {
    var machine = EndpointMachine(name: "eye")
    #expect(throws: OrderRefusal.self) { try machine.revert(request, at: Timestamp(milliseconds: 0)) }
    #expect(machine.seal == nil)
  }

  @Test func `the orders of another journal are foreign until it is given the endpoint`() throws {
    var world = FleetTestWorld()
    try world.machine.admit("old")
    try world.serve(.sample(1))
    #expect(throws: OrderRefusal.foreign) { try world.machine.admit("new") }
    #expect(throws: OrderRefusal.foreign) { try world.machine.admit(nil) }
    #expect(throws: OrderRefusal.fenced(seen: 3)) { try world.machine.adopt(by: "new", expecting: 2) }
    try world.machine.adopt(by: "new", expecting: 3)
    try world.machine.adopt(by: "new", expecting: 3)
    #expect(throws: OrderRefusal.foreign) { try world.machine.admit("old") }
    try world.machine.admit("new")
    try world.perform(.prepare(.sample(2)), fence: 1)
    #expect(world.observation.canary?.fleet.model.version == 2, "its entries count from 1")
  }
}

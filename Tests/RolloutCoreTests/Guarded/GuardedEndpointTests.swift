import Testing

@testable import RolloutCore

/// Endpoints without fences: what is taken back stays taken back, whatever arrives late.
struct GuardedEndpointTests {
  private let good = Revision.sample(1)
  private let other = Revision.sample(2)

  /// One life of an endpoint: version 1 is proven, version 2 is begun, and taken back by somebody else at any moment.
  private func life(seed: UInt64, mutant: GuardedWorld.Mutant? = nil) throws -> GuardedWorld {
    var world = GuardedWorld(seed: seed, mutant: mutant)
    try finish(.prepare(good), fence: 10, &world)
    try settle(&world)
    try finish(.promote(good.digest, keepWarm: .zero), fence: 11, &world)
    (world.hasFaults, world.sleeps) = (true, true)
    world.bad = world.chance(50) ? [other.digest] : []
    // The first driver gets some way, and sleeps or dies there.
    for _ in 0..<Int.random(in: 1...14, using: &world.random) {
      _ = try world.step(.prepare(other), fence: 20)
      disturb(&world)
    }
    for _ in 0..<Int.random(in: 0...6, using: &world.random) { disturb(&world) }
    // Now and then it has got as far as all users.
    if world.isQuiet, world.served == other.digest {
      _ = try world.step(.promote(other.digest, keepWarm: .zero), fence: 21)
    }
    try takeBack(&world, seed)
    while !world.late.isEmpty || !world.isQuiet { disturb(&world) }
    return world
  }

  private func takeBack(_ world: inout GuardedWorld, _ seed: UInt64) throws {
    var fence: UInt64 = 30
    for _ in 0..<400 {
      world.sleeps = false
      switch try world.step(.restore(good), fence: fence) {
      case .done: return
      // Announced again, as a driver does.
      case .refuse: fence += 1
      default: break
      }
      disturb(&world)
      // The first one wakes up; it finds itself shut out.
      world.sleeps = true
      if world.chance(20) { _ = try? world.step(.prepare(other), fence: 21) }
    }
    Issue.record("the way back does not end, seed \(seed)")
  }

  private func disturb(_ world: inout GuardedWorld) {
    world.tick()
    if world.chance(30) { world.deliverLate() }
  }

  private func finish(_ order: TargetOrder, fence: UInt64, _ world: inout GuardedWorld) throws {
    for _ in 0..<50 {
      if try world.step(order, fence: fence) == .done { return }
      world.tick()
    }
    Issue.record("the order is not done")
  }

  private func settle(_ world: inout GuardedWorld) throws {
    while !world.isQuiet { world.tick() }
  }

  @Test func `no late or doubled request brings back what was taken back`() throws {
    for seed in UInt64(1)...6_000 {
      let world = try life(seed: seed)
      #expect(world.served == good.digest, "seed \(seed)")
      guard world.served == good.digest else { return }
    }
  }

  @Test(arguments: [GuardedWorld.Mutant.buriesNothing, .deletesOnly])
  func `what is left out of a way back is missed`(mutant: GuardedWorld.Mutant) {
    let isMissed = (UInt64(1)...6_000).contains { seed in
      (try? life(seed: seed, mutant: mutant))?.served != good.digest
    }
    #expect(isMissed)
  }
}

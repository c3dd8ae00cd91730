import RolloutCore

/// Rollout r2, driven until something holds, then told by hand.
struct LaneStory {
  var state: LaneState

  init(until holds: (LaneState) -> Bool) {
    var world = Fixture.world()
    world.approveWhenAsked(by: "maria")
    var driver = Driver(actor: Fixture.actor("ci"), role: .drive(waitsAtGates: true))
    var request = driver.resume(.begin, at: world.now)
    while !holds(world.state) {
      let response = world.carryOut(request, for: driver)
      // Whoever wants to see an open gate must look before it is decided.
      if !holds(world.state) { world.afterRequest(&world, request) }
      request = driver.resume(response, at: world.now)
    }
    state = world.state
  }

  mutating func write(_ event: Event) {
    let entry = Entry(
      sequence: state.sequence + 1, at: Timestamp(milliseconds: 0), actor: Fixture.actor("maria"),
      epoch: event.needsLease ? state.lease?.epoch : nil, event: event)
    do { try state.apply(entry) } catch { fatalError("\(event): \(error)") }
  }

  /// Takes back what the rollout under way did, to its end.
  mutating func unwind() {
    guard let live = state.liveRollout, case .unwinding(let cause) = live.mode else { fatalError("it goes forward") }
    if state.lease == nil { write(.leaseAcquired(ttl: .seconds(30), why: .free)) }
    if live.needsUndo {
      write(.stepStarted(live.position, attempt: 1, direction: .undo))
      write(.stepSucceeded(live.position, observed: "restored"))
    }
    write(.rolloutCompleted(Outcome(unwoundBy: cause)))
    write(.leaseReleased)
  }

  func record(_ number: Int) -> RevisionRecord {
    guard let record = state.environments["production"]?.revisions.first(where: { $0.number == number }) else {
      fatalError("revision \(number) was never live")
    }
    return record
  }
}

extension LaneState {
  func isBaking(_ environment: String) -> Bool {
    guard let live = liveRollout, live.stage.environment == environment, live.active != nil,
      case .bake = live.program[live.position]
    else { return false }
    return true
  }
}

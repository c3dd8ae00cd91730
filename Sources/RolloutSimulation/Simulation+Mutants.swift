import RolloutCore

/// The bugs, built round the machine; the machine itself has no switches.
extension Simulation {
  /// Fencing tokens as a store gives them that forgets its counter at every release.
  func mapped(_ fence: UInt64) -> UInt64 {
    guard mutant == .tokensRestart, fence > 0 else { return fence }
    var position = min(Int(fence), journal.marks.count) - 1
    while position >= 0 {
      if case .leaseReleased = journal.marks[position].move { return fence - UInt64(position) - 1 }
      position -= 1
    }
    return fence
  }

  mutating func resumeMutated(_ index: Int, _ time: Timestamp) -> DriverMachine.Request {
    var request = runners[index].resume(at: time)
    guard mutant == .takeoverTrustsStartedStep else { return request }
    while case .observe = request, let rollout = runners[index].lane.rollout, let active = rollout.active,
      active.epoch != runners[index].machine.epoch, rollout.mode == .forward
    {
      runners[index].response = .observed(
        satisfied(rollout, endpoints[rollout.position.stage].reading(at: now)))
      request = runners[index].resume(at: time)
    }
    return request
  }

  /// What a driver is shown that takes an accepted order for a finished one.
  mutating func trust(_ index: Int) {
    guard case .observed(let reading) = runners[index].response, let rollout = runners[index].lane.rollout,
      let active = rollout.active, rollout.mode == .forward, active.fence == runners[index].trustsFence
    else { return }
    runners[index].response = .observed(satisfied(rollout, reading))
  }

  private func satisfied(_ rollout: RolloutMachine, _ reading: EndpointReading) -> EndpointReading {
    var reading = reading
    let revision = rollout.stage.revision
    switch rollout.step {
    case .promote: reading = EndpointReading(stable: .init(revision: revision, serves: true))
    case .prepare, .shift:
      reading.canary = .init(
        revision: revision, share: rollout.course.share(at: rollout.position), leaseIsLive: true, baked: .zero,
        isShort: false, isComplete: true, isTripped: false, hasFailed: false)
      if case .shift(let share) = rollout.step { reading.canary?.share = share }
    case .verify, .approve, .smoke, .bake: break
    }
    return reading
  }

  mutating func actBeforeIntent(_ batch: MoveBatch, _ index: Int) {
    guard case .stepStarted(let position, .forward) = batch.first, let rollout = runners[index].lane.rollout else {
      return
    }
    let kind: DriverMachine.Order
    switch rollout.course[position] {
    case .prepare: kind = .prepare
    case .shift(let share): kind = .shift(share)
    case .promote: kind = .promote
    case .verify, .approve, .smoke, .bake: return
    }
    guard let order = order(kind, runners[index].lane.sequence + 1, index) else { return }
    _ = deliver(order)
  }

  /// A driver that believes in what it sent, whatever became of it.
  mutating func showPhantom(_ batch: MoveBatch, _ nonce: UInt64, _ index: Int) {
    let time = clock(of: index)
    let epoch = runners[index].machine.epoch
    for offset in 0..<batch.count {
      let move = batch[offset]
      let mark = Mark(
        sequence: runners[index].lane.sequence + 1, at: time, epoch: move.needsLease ? epoch : 0, nonce: nonce,
        move: move)
      show(mark, to: index, at: time)
    }
  }
}

import RolloutCore

/// Somebody who goes straight at an endpoint because the journal cannot be written, and whoever tells the journal later.
extension Simulation {
  mutating func revertByHand(_ stage: Int) {
    guard stage < endpoints.count, !endpoints[stage].isSealed else { return }
    let view = endpoints[stage].view
    guard view.stable != nil || view.canary != nil else { return }
    guard let done = endpoints[stage].revert(at: now, &choices, &coverage) else {
      watchEndpoint(stage)
      // Whoever asks tries until somebody answers.
      return errand(.emergency(stage), in: 3_000)
    }
    watchEndpoint(stage)
    guard !done.isRefused else { return coverage.saw(.emergencyRefused) }
    coverage.saw(.emergency)
    if journal.lane.last.mode == .unwinding { coverage.saw(.emergencyWhileTurning) }
    if !journal.lane.isLive { coverage.saw(.emergencyWhenIdle) }
    let restored = done.restored
    if restored != nil { coverage.saw(.emergencyAtStandby) }
    if kind == .machine, !journal.lane.isLive, successorsLeft > 0, chance(.successors, 1, oneIn: 2) != 0 {
      // Whoever took it back goes on at once with something better.
      successorsLeft -= 1
      errand(.successor, in: 1_000 * Int64(choices.draw(20, oneIn: 2)))
    }
    watch.seals[stage] = Watch.Seal(restored: restored, serves: restored ?? watch.seals[stage].serves)
    errand(.reconcile(stage), in: 1_000 * Int64(1 + choices.draw(600, oneIn: 2)))
  }

  /// A way back that takes its time is when people lose patience.
  mutating func tempt(_ order: SimulatedOrder) {
    guard case .restore = order.kind, kind == .machine, endpoints[order.stage].view.incoming != nil else { return }
    guard chance(.emergencies, 1, oneIn: 6) != 0 else { return }
    errand(.emergency(order.stage), in: 1_000 * Int64(choices.draw(10, oneIn: 1)))
  }

  /// What was promoted turns out to be bad when the version before may no longer be warm.
  mutating func regret(_ outcome: OutcomeKind) {
    guard outcome == .promoted, kind == .machine, chance(.emergencies, 1, oneIn: 3) != 0 else { return }
    errand(.emergency(journal.lane.last.position.stage), in: 1_000 * Int64(choices.draw(25, oneIn: 1)))
  }

  /// Tells the journal once, then breaks the seal; whoever dies in between is followed by one who does the rest. `true`
  /// when the endpoint is free.
  @discardableResult
  mutating func reconcile(_ stage: Int) -> Bool {
    guard stage < endpoints.count, endpoints[stage].isSealed else { return true }
    if watch.seals[stage].recordedAt == 0 {
      let isUnderWay = journal.lane.isLive && journal.lane.last.position.stage == stage
      say(.emergencyReverted(stage: isUnderWay ? stage : nil, restored: watch.seals[stage].restored))
      watch.seals[stage].recordedAt = journal.lane.sequence
    }
    if chance(.crashes, 1, oneIn: 4) != 0 {
      coverage.saw(.reconcilerDied)
      errand(.reconcile(stage), in: 5_000)
      return false
    }
    let fence = mapped(watch.seals[stage].recordedAt)
    let isFree = endpoints[stage].unseal(fence: fence, at: now, &choices, &coverage)
    watchEndpoint(stage)
    guard isFree else {
      errand(.reconcile(stage), in: 3_000)
      return false
    }
    ensureDriver()
    ensureCheck()
    return true
  }

  /// Whoever starts something new tells the journal first; `false` when that has to be tried again.
  mutating func reconcileAll() -> Bool {
    for stage in endpoints.indices where !reconcile(stage) { return false }
    for stage in endpoints.indices { watch.seals[stage] = Watch.Seal() }
    return true
  }

  /// What somebody put back by hand serves until somebody starts something new.
  func serves(_ stage: Int, insteadOf revision: Token?) -> Token? {
    watch.seals[stage].isForgotten ? revision : watch.seals[stage].serves ?? revision
  }
}

import RolloutCore

/// What may never be seen, whatever happens: the engine's invariants.
extension Simulation {
  /// Before an entry is written.
  mutating func judge(_ mark: Mark) {
    switch mark.move {
    case .leaseAcquired:
      if mark.sequence <= watch.lastEpoch { report(5, "an epoch came again") }
      watch.lastEpoch = mark.sequence
    case .stepStarted(_, .forward):
      if watch.abortedAt >= 0, watch.abortedRollout == journal.lane.last.number {
        report(8, "a forward step after an abort was acknowledged")
      }
    case .stepFailed:
      if journal.lane.last.active?.epoch != mark.epoch { report(23, "a takeover counted as a failure") }
    case .rolloutCompleted(.promoted): judgePromoted(journal.lane.last)
    case .rolloutCompleted: judgeUndone(journal.lane.last)
    default: break
    }
    if journal.lane.last.mode == .done, mark.move.needsLease {
      if case .leaseReleased = mark.move { return }
      report(4, "something follows the end of a rollout")
    }
  }

  private mutating func judgePromoted(_ rollout: RolloutMachine) {
    // What was promoted and is taken back by hand in the same moment is recorded in this order.
    if watch.seals[rollout.position.stage].isSet { return }
    let endpoint = endpoints[rollout.position.stage].view
    if endpoint.stable != rollout.stage.revision { report(18, "promoted, and the new revision does not serve") }
    if endpoint.canary != nil { report(18, "promoted, and a canary is left") }
    if watch.abortedAt >= 0, watch.abortedRollout == rollout.number {
      report(13, "promoted after an abort was asked for")
    }
  }

  private mutating func judgeUndone(_ rollout: RolloutMachine) {
    guard !rollout.hasPromoted(rollout.position.stage) else { return }
    if watch.seals[rollout.position.stage].isForgotten { return }
    let endpoint = endpoints[rollout.position.stage].view
    let base = serves(rollout.position.stage, insteadOf: rollout.stage.base)
    // Somebody may have put another one on its way a moment ago.
    if endpoint.stable != base, endpoint.incoming == nil || endpoint.incoming != base {
      report(19, "taken back, and the old revision does not serve")
    }
    if endpoint.canary?.share ?? .none > .none { report(19, "taken back, and the canary has users") }
    if endpoint.canary != nil { report(19, "taken back, and the canary is still there") }
  }

  /// After an endpoint obeyed.
  mutating func judge(_ order: SimulatedOrder, _ before: TargetView) {
    judgeIntent(order)
    let fence = mapped(order.fence)
    if fence < before.fence { report(12, "an older order was obeyed") }
    if before.isSealed { report(13, "an order was obeyed after users were taken back by hand") }
    let after = endpoints[order.stage].view
    let serves = serves(order.stage, insteadOf: after.stable)
    if after.stable != serves, after.incoming != serves {
      report(19, "what somebody put back by hand was replaced")
    }
    switch order.kind {
    case .restore:
      watch.shares[order.stage].restoredRollout = order.rollout
      return
    case .prepare: break
    case .shift:
      if order.fence <= watch.shares[order.stage].goneGrant { report(14, "a share that had lapsed was given again") }
      watch.shares[order.stage].grant = order.fence
      judgeApproval(order)
    case .promote:
      judgeApproval(order)
      guard let canary = before.canary else { return }
      if !canary.isGranted { report(16, "a canary without a lease was promoted") }
      if canary.isTripped { report(16, "a canary that an alarm stopped was promoted") }
      if scenario.course.stages[order.stage].gate != nil, !watch.skippedBake,
        now - canary.shareSince < Scenario.lastBake || canary.share != .all
      {
        report(17, "promoted before the bake was over")
      }
    }
    if watch.shares[order.stage].restoredRollout == order.rollout {
      report(13, "an order forward was obeyed after the way back")
    }
  }

  /// After anything that an endpoint was told or did: a share that is gone never comes back.
  mutating func watchEndpoint(_ stage: Int) {
    due[stage] = Due(endpoints[stage])
    if let violation = endpoints[stage].violation { report(violation.invariant, violation.text) }
    if endpoints[stage].hasForgottenSeal { watch.seals[stage].isForgotten = true }
    let share = watch.shares[stage]
    guard share.grant > share.goneGrant, due[stage].lapsesAt == never else { return }
    watch.shares[stage].goneGrant = share.grant
  }

  private mutating func judgeIntent(_ order: SimulatedOrder) {
    guard order.fence > 0, Int(order.fence) <= journal.marks.count,
      case .stepStarted(let position, let direction) = journal.marks[Int(order.fence) - 1].move
    else {
      report(7, "an order without its entry")
      return
    }
    switch order.kind {
    case .restore: if direction != .undo { report(7, "an order that was not announced") }
    case .prepare, .shift, .promote:
      if direction != .forward || position.stage != order.stage { report(7, "an order that was not announced") }
    }
  }

  /// Somebody who saw this plan and this evidence said yes.
  private mutating func judgeApproval(_ order: SimulatedOrder) {
    guard scenario.course.stages[order.stage].gate != nil else { return }
    guard let rollout = journal.lane.rollout, rollout.number == order.rollout, let gate = rollout.gate else { return }
    for seen in watch.seen where seen.rollout == order.rollout {
      if seen.plan == rollout.plan, seen.root == gate.evidenceRoot { return }
    }
    // Whoever took it back did so after the order was on its way; what follows is the way back.
    if rollout.mode == .unwinding { return }
    report(watch.seen.isEmpty ? 11 : 10, "traffic without an approval of what was measured")
  }

  /// At every moment.
  mutating func judgeMoment() {
    for index in endpoints.indices {
      let lapsesAt = due[index].lapsesAt
      if lapsesAt == never { continue }
      if now > lapsesAt {
        report(15, "a canary has users, and nobody renewed its lease")
      }
      if watch.abortedAt >= 0, !watch.hasLongWait, now - watch.abortedAt > 200_000 {
        report(20, "an abort was asked for long ago, and the canary still has users")
      }
    }
    guard watch.judged != journal.marks.count else { return }
    watch.judged = journal.marks.count
    guard journal.lane.last.mode == .forward else { return }
    let abort = Mark(
      sequence: journal.lane.sequence + 1, at: stamp(now), epoch: 0,
      move: .abortRequested(rollout: journal.lane.last.number, isRollback: false))
    if journal.lane.refusal(of: abort) != nil { report(9, "an abort would be refused") }
  }

  /// When nothing is on its way any more.
  mutating func judgeEnd() {
    if journal.lane.isLive { report(22, "a rollout never ended") }
    if awaits % 8 == 0, journal.folded() != journal.lane { report(2, "folding the journal gives another state") }
    for entry in journal.acknowledged {
      if Int(entry.sequence) > journal.marks.count || journal.marks[Int(entry.sequence) - 1].nonce != entry.nonce {
        report(3, "an acknowledged entry is gone")
      }
    }
    guard let rollout = journal.lane.rollout else { return }
    if rollout.mode == .done, rollout.cause != nil { judgeUndone(rollout) }
    if rollout.mode == .done, rollout.cause == nil { judgePromoted(rollout) }
  }
}

extension DriverMachine {
  mutating func forward(
    _ rollout: RolloutMachine, _ head: Head, at now: Timestamp
  ) -> Request {
    if rollout.hasTouched(rollout.position.stage), let request = watch(rollout, head) { return request }
    // A pause begins nothing; what is under way is seen to its end, because its share must be kept.
    if rollout.isHeld, rollout.active == nil { return .wait(pace.poll) }
    if case .approve = rollout.step { return gate(rollout, head, at: now) }
    guard let active = rollout.active else { return start(rollout, .forward, head) }
    fence = max(fence, active.fence)
    if let request = awaitFleet(rollout, active, head, at: now) { return request }
    switch rollout.step {
    case .approve: preconditionFailure("gates are handled above")
    case .verify: return prove(.verification, rollout, active, head)
    case .smoke: return prove(.smoke, rollout, active, head)
    case .bake(let time): return bake(time, rollout, head)
    case .prepare: return prepare(rollout, active, head, at: now)
    case .shift(let share):
      // A share that was given and is gone before it was seen will not come back by waiting for it.
      if performed == active.fence, let canary = known.reading?.canary, !canary.leaseIsLive {
        return lapse(rollout, head)
      }
      return effect(.shift(share), rollout, active, head, at: now)
    case .promote: return effect(.promote, rollout, active, head, at: now)
    }
  }

  /// Keeps the canary's share and looks at what its guards say. `nil` when all is well.
  private mutating func watch(_ rollout: RolloutMachine, _ head: Head) -> Request? {
    let share = rollout.course.share(at: rollout.position)
    if share > .none, !known.canaryIsRenewed { return .renewCanary(fence: fence) }
    guard let reading = known.reading else { return .observe(fence: fence) }
    // An order that was handed over is judged by its own post-condition first.
    if let active = rollout.active, performed == active.fence, reading.satisfies(rollout.step, in: rollout.stage) {
      return nil
    }
    // A fleet that never stood up has served nobody: `prepare` says what became of it.
    guard rollout.course.hasPrepared(at: rollout.position) else { return nil }
    guard let canary = reading.canary, canary.revision == rollout.stage.revision || canary.isTripped else {
      return append(.unwindStarted(.stepFailed), .fleetGone, head)
    }
    if canary.isTripped { return append(.guardTripped(rollout.position), .tripped, head) }
    return share > .none && !canary.leaseIsLive ? lapse(rollout, head) : nil
  }

  /// Begins the traffic ladder again; after too many times, turns round.
  private mutating func lapse(_ rollout: RolloutMachine, _ head: Head) -> Request {
    rollout.lapses < RolloutMachine.lapsesMax
      ? append(.canaryLapsed(rollout.position), .lapsed, head)
      : append(.unwindStarted(.canaryLapsed), .lapsedTooOften, head)
  }

  private mutating func gate(
    _ rollout: RolloutMachine, _ head: Head, at now: Timestamp
  ) -> Request {
    guard let rule = rollout.stage.gate, let shown = rollout.shown else {
      preconditionFailure("a gate needs a policy and a plan")
    }
    guard let gate = rollout.gate, gate.position == rollout.position else {
      let opened = Move.gateOpened(rollout.position, evidenceRoot: shown, expires: now + rule.lasts)
      return append(opened, .gate, head)
    }
    // What was approved long ago was approved about another world.
    if now > gate.expires { return append(.gateExpired(rollout.position), .gateExpired, head) }
    if rollout.gateIsPassed { return succeed(rollout, .approved, head) }
    if case .drive(waitsAtGates: false) = role { return leave(.waitingForApproval, head) }
    return .wait(pace.poll)
  }

  private mutating func prove(
    _ kind: Evidence.Kind, _ rollout: RolloutMachine, _ active: RolloutMachine.Active,
    _ head: Head
  ) -> Request {
    guard let proof, proof.fence == active.fence else { return .prove(kind) }
    guard let passed = proof.passed, let root = proof.root else {
      return fail(rollout, isFinal: false, .proofImpossible, head)
    }
    let evidence = Move.evidenceRecorded(
      Proven(stage: rollout.position.stage, kind: kind, passed: passed, root: root))
    if passed { return succeed(rollout, .proofPassed, head, after: evidence) }
    var batch = MoveBatch(evidence)
    batch.add(.stepFailed(rollout.position, isFinal: true))
    batch.add(.unwindStarted(.proofFailed))
    return append(batch, .proofFailed, head)
  }

  private mutating func bake(
    _ time: TimeSpan, _ rollout: RolloutMachine, _ head: Head
  ) -> Request {
    guard let canary = known.reading?.canary else { return .wait(pace.poll) }
    if rollout.skippedBake == rollout.position { return succeed(rollout, .bakeSkipped, head) }
    return canary.baked >= time ? succeed(rollout, .baked, head) : .wait(pace.poll)
  }

  private mutating func prepare(
    _ rollout: RolloutMachine, _ active: RolloutMachine.Active, _ head: Head, at now: Timestamp
  ) -> Request {
    if performed == active.fence, let canary = known.reading?.canary, canary.revision == rollout.stage.revision {
      if canary.hasFailed { return fail(rollout, isFinal: true, .fleetFailed, head) }
      // A target that shifts traffic by itself has taken it back by itself.
      if canary.isTripped { return append(.guardTripped(rollout.position), .tripped, head) }
    }
    return effect(.prepare, rollout, active, head, at: now)
  }

  /// Tests and traffic are for a fleet that is there. One that was prepared may be starting again, because the runtime
  /// was; it gets as long for that as it had the first time. `nil` when there is nothing to wait for.
  private mutating func awaitFleet(
    _ rollout: RolloutMachine, _ active: RolloutMachine.Active, _ head: Head, at now: Timestamp
  ) -> Request? {
    switch rollout.step {
    case .smoke, .shift: break
    case .verify, .approve, .prepare, .bake, .promote: return nil
    }
    guard performed != active.fence, proof?.fence != active.fence, rollout.course.hasPrepared(at: rollout.position),
      let canary = known.reading?.canary, canary.isShort
    else { return nil }
    if canary.hasFailed { return fail(rollout, isFinal: true, .fleetFailed, head) }
    let limit = rollout.course.startLimit(in: rollout.position.stage)
    return now - active.startedAt > limit ? nil : .wait(pace.poll)
  }

  /// Hands over an order once, then waits for its post-condition.
  private mutating func effect(
    _ order: Order, _ rollout: RolloutMachine, _ active: RolloutMachine.Active, _ head: Head,
    at now: Timestamp
  ) -> Request {
    if isOverdue(rollout, active, at: now), known.reading != nil || performed != active.fence {
      return fail(rollout, isFinal: true, .overdue, head)
    }
    guard performed == active.fence else { return .perform(order, fence: active.fence) }
    guard let reading = known.reading else { return .observe(fence: active.fence) }
    return reading.satisfies(rollout.step, in: rollout.stage)
      ? succeed(rollout, .observed, head) : .wait(pace.poll)
  }

  /// A step that ran out of time, whether or not its order was ever accepted.
  func isOverdue(_ rollout: RolloutMachine, _ active: RolloutMachine.Active, at now: Timestamp) -> Bool {
    guard let limit = rollout.course.limit(at: rollout.position), now - active.startedAt > limit else { return false }
    return !(known.reading?.satisfies(rollout.step, in: rollout.stage) ?? false)
  }

  /// Journals a failed try; the last one allowed turns the rollout round.
  mutating func fail(
    _ rollout: RolloutMachine, isFinal: Bool, _ why: Why, _ head: Head
  ) -> Request {
    var batch = MoveBatch(.stepFailed(rollout.position, isFinal: isFinal))
    if isFinal || rollout.failures + 1 >= RolloutMachine.failuresMax { batch.add(.unwindStarted(.stepFailed)) }
    return append(batch, why, head)
  }
}

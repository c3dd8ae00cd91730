extension Driver {
  mutating func forward(_ rollout: RolloutState, at now: Timestamp) -> Request {
    if rollout.touchedStages.contains(rollout.position.stage), let request = watch(rollout) { return request }
    // A pause begins nothing; what is under way is seen to its end, because its share must be kept.
    if rollout.hold != nil, rollout.active == nil { return .wait(Self.poll) }
    if case .approve = rollout.program[rollout.position] { return gate(rollout, at: now) }
    guard let active = rollout.active else { return start(rollout, .forward) }
    fence = max(fence, active.fence)
    if let request = awaitFleet(rollout, active, at: now) { return request }
    switch rollout.program[rollout.position] {
    case .approve: preconditionFailure("gates are handled above")
    case .verify: return prove(.verify, rollout, active)
    case .smoke(let suites): return prove(.smoke(suites: suites), rollout, active)
    case .bake(let time): return bake(time, rollout)
    case .prepare: return prepare(rollout, active, at: now)
    case .shift(let share):
      // A share that was given and is gone before it was seen will not come back by waiting for it.
      if performed == active.fence, let canary = known.observation?.canary, !canary.leaseIsLive {
        return lapse(rollout)
      }
      return effect(.shift(share), rollout, active, at: now)
    case .promote(let keepWarm):
      let order = TargetOrder.promote(rollout.stage.revision.digest, keepWarm: keepWarm)
      return effect(order, rollout, active, at: now)
    }
  }

  /// Keeps the canary's share and looks at what its guards say. `nil` when all is well.
  private mutating func watch(_ rollout: RolloutState) -> Request? {
    let endpoint = rollout.stage.endpoint
    let share = rollout.program.share(at: rollout.position)
    if share > .none, !known.canaryIsRenewed { return .renewCanary(endpoint: endpoint, fence: fence) }
    guard let observation = known.observation else { return .observe(endpoint: endpoint, fence: fence) }
    // An order that was handed over is judged by its own post-condition first.
    if let active = rollout.active, performed == active.fence,
      Self.postCondition(of: rollout.program[rollout.position], in: rollout, holds: observation)
    {
      return nil
    }
    // A fleet that never stood up has served nobody: `prepare` says what became of it.
    guard rollout.program.hasPrepared(at: rollout.position) else { return nil }
    if let trip = observation.canary?.trip { return append(.guardTripped(rollout.position, trip)) }
    guard let canary = observation.canary, canary.fleet.revision == rollout.stage.revision.digest else {
      return append(
        .unwindStarted(
          .stepFailed(step: rollout.program[rollout.position].name, error: "the new version's fleet is gone")))
    }
    return share > .none && !canary.leaseIsLive ? lapse(rollout) : nil
  }

  /// Begins the traffic ladder again; after too many times, turns round.
  private func lapse(_ rollout: RolloutState) -> Request {
    rollout.lapses < RolloutState.lapsesMax
      ? append(.canaryLapsed(rollout.position)) : append(.unwindStarted(.canaryLapsed))
  }

  private mutating func gate(_ rollout: RolloutState, at now: Timestamp) -> Request {
    guard let policy = rollout.stage.approval, let plan = rollout.plan else {
      preconditionFailure("a gate needs a policy and a plan")
    }
    guard let gate = rollout.gate, gate.position == rollout.position else {
      return append(
        .gateOpened(
          rollout.position, evidenceRoot: rollout.evidenceRoot ?? plan, expires: now + policy.expires))
    }
    // What was approved long ago was approved about another world.
    if now > gate.expires { return append(.gateExpired(rollout.position)) }
    if rollout.gateIsPassed {
      let names = gate.approvals.map(\.by).joined(separator: ", ")
      return succeed(rollout, observed: "approved by \(names)")
    }
    if case .drive(waitsAtGates: false) = role {
      return leave(.waitingForApproval(environment: rollout.stage.environment))
    }
    return .wait(Self.poll)
  }

  private func prove(_ kind: Proof.Kind, _ rollout: RolloutState, _ active: RolloutState.Active) -> Request {
    guard let (fence, result) = evidence, fence == active.fence else {
      let deploys = rollout.stage.steps.contains { $0.isEffect }
      return .prove(
        Proof(
          kind: kind, stage: rollout.stage, variant: deploys ? "canary" : "stable", root: rollout.evidenceRoot))
    }
    let name = rollout.program[rollout.position].name
    switch result {
    case .proved(let evidence) where evidence.passed:
      return succeed(rollout, observed: evidence.summary, with: [.evidenceRecorded(evidence)])
    case .proved(let evidence):
      return append(
        .evidenceRecorded(evidence),
        .stepFailed(rollout.position, isFinal: true, error: evidence.summary),
        .unwindStarted(.proofFailed(summary: evidence.summary)))
    case .proofImpossible(let error):
      return fail(rollout, isFinal: false, error: error, step: name)
    default: preconditionFailure("only proofs are kept as evidence")
    }
  }

  private mutating func bake(_ time: TimeSpan, _ rollout: RolloutState) -> Request {
    guard let canary = known.observation?.canary else { return .wait(Self.poll) }
    if rollout.skippedBake == rollout.position {
      return succeed(rollout, observed: "ended early by a person after \(canary.baked)")
    }
    guard canary.baked >= time else { return .wait(Self.poll) }
    let traffic = canary.fleet.traffic
    let baked = TimeSpan.seconds(canary.baked.milliseconds / 1_000)
    return succeed(rollout, observed: "\(traffic.requests) requests, \(traffic.errors) errors in \(baked)")
  }

  private mutating func prepare(
    _ rollout: RolloutState, _ active: RolloutState.Active, at now: Timestamp
  ) -> Request {
    if performed == active.fence, let canary = known.observation?.canary, let failure = canary.fleet.failure,
      canary.fleet.revision == rollout.stage.revision.digest
    {
      return fail(rollout, isFinal: true, error: failure, step: "start the new version")
    }
    return effect(.prepare(rollout.stage.revision), rollout, active, at: now)
  }

  /// Tests and traffic are for a fleet that is there. One that was prepared may be starting again, because the runtime
  /// was; it gets as long for that as it had the first time. `nil` when there is nothing to wait for.
  private func awaitFleet(_ rollout: RolloutState, _ active: RolloutState.Active, at now: Timestamp) -> Request? {
    let step = rollout.program[rollout.position]
    switch step {
    case .smoke, .shift: break
    case .verify, .approve, .prepare, .bake, .promote: return nil
    }
    guard performed != active.fence, evidence?.fence != active.fence,
      rollout.program.hasPrepared(at: rollout.position), let fleet = known.observation?.canary?.fleet,
      fleet.ready < fleet.desired
    else { return nil }
    if let failure = fleet.failure { return fail(rollout, isFinal: true, error: failure, step: step.name) }
    let limit = rollout.program.startLimit(in: rollout.position.stage)
    return now - active.startedAt > limit ? nil : .wait(Self.poll)
  }

  /// Hands over an order once, then waits for its post-condition.
  private mutating func effect(
    _ order: TargetOrder, _ rollout: RolloutState, _ active: RolloutState.Active, at now: Timestamp
  ) -> Request {
    let endpoint = rollout.stage.endpoint
    if let late = overdue(rollout, active, at: now), known.observation != nil || performed != active.fence {
      return late
    }
    guard performed == active.fence else { return .perform(order, endpoint: endpoint, fence: active.fence) }
    guard let observation = known.observation else { return .observe(endpoint: endpoint, fence: active.fence) }
    let step = rollout.program[rollout.position]
    if Self.postCondition(of: step, in: rollout, holds: observation) {
      return succeed(rollout, observed: Self.words(for: observation))
    }
    return .wait(Self.poll)
  }

  /// A step that ran out of time, whether or not its order was ever accepted.
  func overdue(_ rollout: RolloutState, _ active: RolloutState.Active, at now: Timestamp) -> Request? {
    let step = rollout.program[rollout.position]
    guard let limit = rollout.program.limit(at: rollout.position), now - active.startedAt > limit else { return nil }
    if let observation = known.observation, Self.postCondition(of: step, in: rollout, holds: observation) {
      return nil
    }
    return fail(rollout, isFinal: true, error: "not done within \(limit)", step: step.name)
  }

  /// Journals a failed try; the last one allowed turns the rollout round.
  func fail(_ rollout: RolloutState, isFinal: Bool, error: String, step: String) -> Request {
    let failed = Event.stepFailed(rollout.position, isFinal: isFinal, error: error)
    guard isFinal || rollout.failures + 1 >= RolloutState.failuresMax else { return append(failed) }
    return append(failed, .unwindStarted(.stepFailed(step: step, error: error)))
  }

  /// Whether a step is done, judged only by what a target shows.
  static func postCondition(
    of step: Program.Step, in rollout: RolloutState, holds observation: EndpointObservation
  ) -> Bool {
    let wanted = rollout.stage.revision.digest
    switch step {
    case .prepare:
      guard let fleet = observation.canary?.fleet, observation.canary?.trip == nil else { return false }
      return fleet.revision == wanted && fleet.desired > 0 && fleet.ready >= fleet.desired && fleet.failure == nil
    case .shift(let share):
      guard let canary = observation.canary, canary.trip == nil else { return false }
      return canary.fleet.revision == wanted && canary.share == share && canary.leaseIsLive
    case .promote:
      return observation.stable?.revision == wanted && observation.canary == nil
    case .verify, .approve, .smoke, .bake:
      return false
    }
  }

  static func words(for observation: EndpointObservation) -> String {
    var parts: [String] = []
    if let canary = observation.canary {
      let count = canary.fleet.ready
      parts.append(
        "version \(canary.fleet.model.version) has \(count) instance\(count == 1 ? "" : "s") ready "
          + "and \(canary.share) of traffic")
    }
    if let stable = observation.stable { parts.append("stable is version \(stable.model.version)") }
    return parts.joined(separator: "; ")
  }
}

extension Program {
  /// Whether the stage's canary fleet was started before this position.
  func hasPrepared(at position: Position) -> Bool {
    stages[position.stage].steps[..<position.step].contains { if case .prepare = $0 { true } else { false } }
  }

  /// Longest a step may take from its announcement to its post-condition; `nil`: as long as it takes. A share may have
  /// to wait for a fleet that starts again.
  func limit(at position: Position) -> TimeSpan? {
    switch self[position] {
    case .prepare(let within): within
    case .shift: startLimit(in: position.stage) + .minutes(1)
    case .promote: .minutes(1)
    case .verify, .approve, .smoke, .bake: nil
    }
  }

  /// How long the stage's canary fleet may take to start.
  func startLimit(in stage: Int) -> TimeSpan {
    for case .prepare(let within) in stages[stage].steps { return within }
    return .zero
  }
}

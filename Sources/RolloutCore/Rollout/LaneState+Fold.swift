/// Why an event may not follow a journal. From a journal on disk it means that the journal is corrupt; from a caller
/// it means that the event lost a race or was never allowed.
package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}

extension LaneState {
  /// Folds one more entry in, or says why it cannot follow. The state is unchanged when it throws.
  package mutating func apply(_ entry: Entry) throws(Refusal) {
    if let refusal = refusal(of: entry) { throw refusal }
    fold(entry)
    sequence = entry.sequence
    checkInvariants()
  }

  package static func folding(_ entries: some Sequence<Entry>) throws(Refusal) -> LaneState {
    var state = LaneState()
    for entry in entries { try state.apply(entry) }
    return state
  }

  /// Whether the events may be written now by this actor, one after the other.
  package func admits(_ events: [Event], by actor: Actor, epoch: UInt64?, at now: Timestamp) -> Refusal? {
    var state = self
    do {
      for event in events {
        try state.apply(
          Entry(
            sequence: state.sequence + 1, at: now, actor: actor, epoch: event.needsLease ? epoch : nil, event: event))
      }
    } catch { return error }
    return nil
  }

  private func checkInvariants() {
    guard let rollout else { return }
    precondition(
      rollout.active == nil || !rollout.isDone, "a rollout that is done has no step under way")
    precondition(
      rollout.active?.direction != .forward || rollout.mode == .forward, "a rollout that turned round only undoes")
  }
}

// MARK: - What may follow

extension LaneState {
  /// Why an entry may not follow; `nil` when it may.
  package func refusal(of entry: Entry) -> Refusal? {
    guard entry.sequence == sequence + 1 else {
      return Refusal("entry \(entry.sequence) cannot follow \(sequence): the journal has a hole")
    }
    if entry.event.needsLease {
      guard let lease, entry.epoch == lease.epoch else {
        return Refusal("its writer does not hold the lease")
      }
    }
    if case .laneCreated = entry.event {
      return sequence == 0 ? nil : Refusal("a journal is created once")
    }
    guard service != nil else { return Refusal("the journal has not been created") }
    switch entry.event {
    case .rolloutStarted(_, _, let program):
      if liveRollout != nil { return Refusal("another rollout is under way") }
      return program.start == nil ? Refusal("a rollout needs a step") : nil
    case .rollbackStarted(_, let environment, let endpoint, let record, _):
      guard liveRollout == nil || liveRollout?.isQuarantined == true else {
        return Refusal("another rollout is under way")
      }
      guard environments[environment]?.revisions.contains(record) == true,
        record.revision.content.endpoint.name == endpoint
      else { return Refusal("\(environment) never had that revision") }
      return nil
    case .leaseAcquired(_, let why):
      return leaseRefusal(why)
    case .leaseReleased, .laneCreated, .emergencyReverted:
      return nil
    default:
      guard let live = liveRollout else { return Refusal("no rollout is under way") }
      return live.refusal(of: entry)
    }
  }
}

extension LaneState {
  private func leaseRefusal(_ why: LeaseReason) -> Refusal? {
    switch (why, lease) {
    case (.free, nil), (.expired, _?): return nil
    case (.free, _?): return Refusal("the lease is not free")
    case (.expired, nil): return Refusal("there is no lease that could have expired")
    case (.preempt, let lease):
      guard let turnedAt = liveRollout?.turnedAt, liveRollout?.isUnwinding == true else {
        return Refusal("only a rollout that turned round may be taken from its driver")
      }
      // Whoever took the lease after the turn is turning it already; two who did that for ever would never end.
      return lease.map { $0.epoch < turnedAt } ?? true ? nil : Refusal("its driver is turning it round already")
    }
  }
}

extension RolloutState {
  func refusal(of entry: Entry) -> Refusal? {
    switch entry.event {
    case .approvalGranted(let approval):
      return approvalRefusal(approval, at: entry.at).map { Refusal($0.text) }
    case .approvalDenied(let approval):
      return denialRefusal(approval, at: entry.at).map { Refusal($0.text) }
    case .approvalRevoked(let id, let gate, let name, _):
      return id == self.id
        ? revocationRefusal(gate, of: name, by: entry.actor.name).map { Refusal($0.text) }
        : Refusal(ApprovalRefusal.otherRollout.text)
    case .abortRequested(let id, _, _):
      return id == self.id && mode == .forward ? nil : Refusal("rollout \(id) cannot be turned round any more")
    case .holdSet(let id, _):
      return id == self.id && mode == .forward && hold == nil ? nil : Refusal("rollout \(id) cannot be paused")
    case .holdCleared(let id):
      return id == self.id && hold != nil ? nil : Refusal("rollout \(id) is not paused")
    case .bakeSkipped(let id, let position):
      guard id == self.id, mode == .forward, position == self.position, case .bake = program[position] else {
        return Refusal("rollout \(id) is not baking at that step")
      }
      if hold != nil { return Refusal("rollout \(id) is paused; resume it first") }
      return nil
    case .operatorResolved(let id, _):
      if case .quarantined = mode, id == self.id { return nil }
      return Refusal("rollout \(id) is not quarantined")
    case .stepStarted(let position, _, let direction):
      return startRefusal(position, direction)
    case .stepSucceeded(let position, _):
      if mode == .forward, position == self.position, case .approve = program[position] {
        guard gateIsPassed, let gate, entry.at <= gate.expires else { return Refusal("the gate is not passed") }
        return nil
      }
      return activeRefusal(position) ?? unprovenRefusal(position)
    case .stepFailed(let position, _, _), .stepSuperseded(let position, _):
      return activeRefusal(position)
    case .evidenceRecorded(let evidence):
      guard active != nil, mode == .forward, evidence.environment == stage.environment,
        evidence.kind == program[self.position].evidenceKind
      else { return Refusal("evidence belongs to the step that measured it") }
      return nil
    case .gateOpened(let position, let root, _):
      guard mode == .forward, position == self.position, case .approve = program[position] else {
        return Refusal("this step is no gate")
      }
      if gate?.position == position { return Refusal("the gate is open") }
      return root == (evidenceRoot ?? plan) ? nil : Refusal("the gate is about other evidence")
    case .gateExpired(let position):
      return gate?.position == position && mode == .forward ? nil : Refusal("no such gate is open")
    case .canaryLapsed(let position), .guardTripped(let position, _):
      return position == self.position && mode == .forward ? nil : Refusal("the rollout is not at that step")
    case .unwindStarted:
      return mode == .forward ? nil : Refusal("the rollout has turned round already")
    case .revisionPromoted(let environment, let record):
      return environment == stage.environment && record.revision == stage.revision && awaitsPromotion
        ? nil : Refusal("this rollout does not promote that")
    case .rolloutCompleted(let outcome):
      return completionRefusal(outcome)
    case .quarantined:
      return isUnwinding ? nil : Refusal("only undoing can get stuck")
    case .laneCreated, .rolloutStarted, .rollbackStarted, .leaseAcquired, .leaseReleased, .emergencyReverted:
      return nil
    }
  }

  private func startRefusal(_ position: Position, _ direction: Direction) -> Refusal? {
    if active != nil { return Refusal("a step is under way") }
    guard position == self.position else { return Refusal("the rollout is not at that step") }
    switch direction {
    case .undo: return isUnwinding ? nil : Refusal("the rollout has not turned round")
    case .forward:
      if mode != .forward { return Refusal("the rollout has turned round") }
      if hold != nil { return Refusal("the rollout is paused") }
      // Approval is looked at again before every step, so that no edited state can skip it.
      if stage.approval != nil, program[position].isEffect, !stageIsApproved {
        return Refusal("the stage is not approved")
      }
      return nil
    }
  }

  private func activeRefusal(_ position: Position) -> Refusal? {
    active != nil && position == self.position ? nil : Refusal("that step is not under way")
  }

  /// A proof is done when it was recorded that it passed, and not before.
  private func unprovenRefusal(_ position: Position) -> Refusal? {
    guard mode == .forward, let kind = program[position].evidenceKind, let active else { return nil }
    let own = evidence.dropFirst(active.evidenceBefore)
    return own.contains { $0.kind == kind && $0.passed } ? nil : Refusal("nothing proves that step")
  }

  private func completionRefusal(_ outcome: Outcome) -> Refusal? {
    if active != nil { return Refusal("a step is under way") }
    switch mode {
    case .forward:
      return outcome == .promoted && program.position(after: position) == nil
        && promotedOrUnchanged(position.stage) ? nil : Refusal("steps are left")
    case .unwinding(let cause):
      return outcome == Outcome(unwoundBy: cause) && !needsUndo ? nil : Refusal("it is not undone yet")
    case .quarantined, .done:
      return Refusal("a person must decide first")
    }
  }

  private func promotedOrUnchanged(_ stage: Int) -> Bool {
    promotedStages.contains(stage) || !program.stages[stage].steps.contains { $0.isEffect }
  }

  /// The stage under way has been told something that a turn must take back.
  package var needsUndo: Bool {
    touchedStages.contains(position.stage) && !promotedStages.contains(position.stage) && !isUndone
  }

  package var gateIsPassed: Bool {
    guard let gate, gate.denial == nil, gate.position == position else { return false }
    return gate.approvals.count >= (stage.approval?.minimum ?? 1) && gate.evidenceRoot == (evidenceRoot ?? plan)
  }

  /// Whether enough people still stand by a gate that was passed.
  var gateIsKept: Bool { (gate?.approvals.count ?? 0) >= (stage.approval?.minimum ?? 1) }

  private var stageIsApproved: Bool {
    guard let gate, gate.denial == nil, gate.position.stage == position.stage else { return false }
    return gate.approvals.count >= (stage.approval?.minimum ?? 1)
      && gate.approvals.allSatisfy { $0.plan == plan && $0.evidenceRoot == gate.evidenceRoot }
  }
}

// MARK: - What it does

extension LaneState {
  private mutating func fold(_ entry: Entry) {
    switch entry.event {
    case .laneCreated(let service, let lineage):
      self.service = service
      self.lineage = lineage
    case .leaseAcquired(let ttl, let why):
      lease = Lease(epoch: entry.sequence, holder: entry.actor, ttl: ttl, since: entry.at, why: why)
    case .leaseReleased:
      lease = nil
    case .rolloutStarted(let id, let plan, let program):
      guard let start = program.start else { preconditionFailure("admitted without a step") }
      rollout = RolloutState(
        id: id, plan: plan, program: program, startedBy: entry.actor, startedAt: entry.at, firstEvent: entry.sequence,
        mode: .forward, position: start)
    case .rollbackStarted(let id, let environment, let endpoint, let record, let reason):
      // What nobody could undo ends here: the person who asks for this has decided.
      if case .quarantined(let cause, _)? = liveRollout?.mode { complete(.failed(cause), at: entry) }
      let stage = Program.Stage(
        environment: environment, endpoint: endpoint, revision: record.revision, base: record.revision, steps: [])
      rollout = RolloutState(
        id: id, plan: nil, program: Program(stages: [stage]), startedBy: entry.actor, startedAt: entry.at,
        firstEvent: entry.sequence,
        mode: .unwinding(.requested(by: entry.actor.name, reason: reason, isRollback: true)),
        position: Position(stage: 0, step: 0), touchedStages: [0], turnedAt: entry.sequence, rollbackTo: record)
    case .revisionPromoted(let environment, let record):
      environments[environment, default: EnvironmentState()].promote(record)
      if let stage = rollout?.position.stage { rollout?.promotedStages.insert(stage) }
      advance()
    case .rolloutCompleted(let outcome):
      complete(outcome, at: entry)
    case .emergencyReverted(let emergency):
      take(emergency, at: entry)
    default:
      rollout?.fold(entry)
    }
  }

  private mutating func advance() {
    guard let live = rollout, let next = live.program.position(after: live.position) else { return }
    rollout?.enter(next)
  }

  /// Whatever went forward turns round, and what the target was told to serve is what is live.
  private mutating func take(_ emergency: Emergency, at entry: Entry) {
    let cause = Cause.emergency(by: emergency.by, reason: emergency.reason)
    if liveRollout?.mode == .forward { rollout?.turn(cause, at: entry) }
    guard let environment = environments[emergency.environment], let restored = emergency.restored,
      environment.live?.revision.digest != restored,
      let record = environment.revisions.first(where: { $0.revision.digest == restored })
    else { return }
    let id = liveRollout?.id ?? emergency.id
    environments[emergency.environment]?.rollBack(to: record, in: id, because: cause)
  }

  private mutating func complete(_ outcome: Outcome, at entry: Entry) {
    guard let live = rollout else { return }
    rollout?.mode = .done(outcome)
    past.append(
      PastRollout(
        id: live.id, startedAt: live.startedAt, endedAt: entry.at, startedBy: live.startedBy,
        firstEvent: live.firstEvent, lastEvent: entry.sequence, plan: live.plan, title: live.title, outcome: outcome))
    guard case .rolledBack(let cause) = outcome else { return }
    let environment = live.stage.environment
    if let record = live.rollbackTo {
      environments[environment, default: EnvironmentState()].rollBack(to: record, in: live.id, because: cause)
    } else if cause.speaksAgainstRevision, live.touchedStages.contains(live.position.stage) {
      environments[environment, default: EnvironmentState()].takenBack.append(
        .init(digest: live.stage.revision.digest, rollout: live.id, cause: cause))
    }
  }
}

extension Cause {
  /// An alarm, or a person who rolled back, said that this revision must not serve; an abort says nothing about it.
  var speaksAgainstRevision: Bool {
    switch self {
    case .guardTripped, .emergency: true
    case .requested(_, _, let isRollback): isRollback
    case .proofFailed, .stepFailed, .canaryLapsed, .denied, .gateExpired, .approvalRevoked: false
    }
  }
}

extension EnvironmentState {
  mutating func promote(_ record: RevisionRecord) {
    if !revisions.contains(where: { $0.number == record.number }) { revisions.append(record) }
    // Deployed again after its target lost it: there is nothing new to go back from.
    if path.last != record.number { path.append(record.number) }
    takenBack.removeAll { $0.digest == record.revision.digest }
  }

  /// Everything that went live after `record` last did is taken back.
  mutating func rollBack(to record: RevisionRecord, in rollout: String, because cause: Cause) {
    let index = path.lastIndex(of: record.number)
    let removed = index.map { Array(path[($0 + 1)...]) } ?? path.suffix(1)
    path = index.map { Array(path[...$0]) } ?? path + [record.number]
    for number in removed where number != record.number {
      guard let revision = revisions.first(where: { $0.number == number })?.revision else { continue }
      takenBack.append(.init(digest: revision.digest, rollout: rollout, cause: cause))
    }
  }
}

extension RolloutState {
  mutating func enter(_ next: Position) {
    if next.stage != position.stage { lapses = 0 }
    position = next
    active = nil
    failures = 0
    awaitsPromotion = false
  }

  mutating func turn(_ cause: Cause, at entry: Entry) {
    mode = .unwinding(cause)
    turnedAt = entry.sequence
    awaitsPromotion = false
    active = nil
    hold = nil
    failures = 0
  }

  mutating func fold(_ entry: Entry) {
    switch entry.event {
    case .stepStarted(let position, _, let direction):
      active = Active(
        fence: entry.sequence, epoch: entry.epoch ?? 0, direction: direction, startedAt: entry.at,
        evidenceBefore: evidence.count)
      if direction == .undo || program[position].isEffect { touchedStages.insert(position.stage) }
    case .stepSucceeded(let position, _): foldSuccess(position)
    case .stepFailed(_, let isFinal, _):
      active = nil
      failures += isFinal ? Self.failuresMax : 1
    case .stepSuperseded: active = nil
    case .evidenceRecorded(let evidence): self.evidence.append(evidence)
    case .gateOpened(let position, let root, let expires):
      gate = Gate(position: position, evidenceRoot: root, openedAt: entry.at, expires: expires)
    case .gateExpired: turn(.gateExpired, at: entry)
    case .approvalGranted(let approval): gate?.approvals.append(approval)
    case .approvalDenied(let approval):
      gate?.denial = approval
      turn(.denied(by: approval.by, comment: approval.comment), at: entry)
    case .approvalRevoked(_, let position, let name, let comment):
      gate?.approvals.removeAll { $0.by == name }
      // At the gate the others' approvals may still be enough one day; past it the stage goes on without leave.
      if position != self.position, !gateIsKept {
        turn(.approvalRevoked(by: entry.actor.name, comment: comment), at: entry)
      }
    case .abortRequested(_, let reason, let isRollback):
      turn(.requested(by: entry.actor.name, reason: reason, isRollback: isRollback), at: entry)
    case .holdSet(_, let reason): hold = reason
    case .holdCleared: hold = nil
    case .bakeSkipped(_, let position): skippedBake = position
    case .canaryLapsed(let position):
      lapses += 1
      skippedBake = nil
      if let first = program.firstShift(in: position.stage) { enter(first) }
    case .guardTripped(_, let trip): turn(.guardTripped(alarm: trip.alarm, reason: trip.reason), at: entry)
    case .unwindStarted(let cause): turn(cause, at: entry)
    case .quarantined(let reason):
      if case .unwinding(let cause) = mode { mode = .quarantined(cause, reason: reason) }
      active = nil
    case .operatorResolved:
      if case .quarantined(let cause, _) = mode { mode = .unwinding(cause) }
      failures = 0
    case .laneCreated, .rolloutStarted, .rollbackStarted, .leaseAcquired, .leaseReleased, .revisionPromoted,
      .rolloutCompleted, .emergencyReverted:
      preconditionFailure("folded by the lane")
    }
  }

  private mutating func foldSuccess(_ position: Position) {
    active = nil
    if isUnwinding {
      isUndone = true
      failures = 0
    } else if case .promote = program[position] {
      // `revisionPromoted` follows in the same append and moves on.
      awaitsPromotion = true
      failures = 0
    } else if let next = program.position(after: position) {
      enter(next)
    } else {
      failures = 0
    }
  }
}

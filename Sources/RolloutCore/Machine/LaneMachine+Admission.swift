/// Why a move may not follow. From a journal on disk it means that the journal is corrupt; from a caller it means that
/// the move lost a race or was never allowed.
package enum MoveRefusal: Error, Hashable, Sendable {
  case hole, notTheHolder, createdTwice, notCreated, otherRolloutUnderWay, noSteps, tooManyStages, noRollout
  case leaseNotFree, noLease, notTurned, turnedAlready
  case cannotTurn, cannotHold, notHeld, notBaking, isHeld, notQuarantined
  case stepUnderWay, notAtThatStep, notForward, notUnwinding, notApproved, notUnderWay, notProven, gateNotPassed
  case foreignEvidence, notAGate, gateIsOpen, otherEvidence, noSuchGate, notPromoting, stepsLeft, notUndone
  case wrongOutcome, mustBeDecided
  // About a person's decision.
  case otherRollout, noGate, evidenceChanged, expired, notAnApprover, ownRollout, alreadyApproved, neverApproved
  case notTheirs, tooManyPeople
}

extension LaneMachine {
  /// Why a move may not follow; `nil` when it may. Total: any move in any state gets an answer.
  package func refusal(of mark: Mark) -> MoveRefusal? {
    guard mark.sequence == sequence + 1 else { return .hole }
    if mark.move.needsLease, epoch == 0 || mark.epoch != epoch { return .notTheHolder }
    if case .laneCreated = mark.move { return sequence == 0 ? nil : .createdTwice }
    guard isCreated else { return .notCreated }
    switch mark.move {
    case .rolloutStarted(let course, _):
      if isLive { return .otherRolloutUnderWay }
      if course.stages.count > RolloutMachine.stagesMax { return .tooManyStages }
      return course.start == nil ? .noSteps : nil
    case .rollbackStarted:
      return isLive && last.mode != .quarantined ? .otherRolloutUnderWay : nil
    case .leaseAcquired(let why): return leaseRefusal(why)
    case .leaseReleased, .laneCreated, .emergencyReverted: return nil
    default:
      return isLive ? last.refusal(of: mark.move, at: mark.at) : .noRollout
    }
  }

  private func leaseRefusal(_ why: LeaseReason) -> MoveRefusal? {
    switch why {
    case .free: return epoch == 0 ? nil : .leaseNotFree
    case .expired: return epoch == 0 ? .noLease : nil
    case .preempt:
      guard last.mode == .unwinding else { return .notTurned }
      // Whoever took the lease after the turn is turning it already; two who did that for ever would never end.
      return epoch < last.turnedAt ? nil : .turnedAlready
    }
  }
}

extension RolloutMachine {
  package func refusal(of move: Move, at now: Timestamp) -> MoveRefusal? {
    switch move {
    case .approvalGranted(let decision): approvalRefusal(decision, at: now)
    case .approvalDenied(let decision): denialRefusal(decision, at: now)
    case .approvalRevoked(let rollout, let position, let person, let isEntitled):
      rollout == number ? revocationRefusal(position, of: person, isEntitled) : .otherRollout
    // Asked again it changes only who may lead the turn: whoever asks must not wait for one who sleeps.
    case .abortRequested(let rollout, _):
      rollout == number && (mode == .forward || mode == .unwinding) ? nil : .cannotTurn
    case .holdSet(let rollout): rollout == number && mode == .forward && !isHeld ? nil : .cannotHold
    case .holdCleared(let rollout): rollout == number && isHeld ? nil : .notHeld
    case .bakeSkipped(let rollout, let position): skipRefusal(rollout, position)
    case .operatorResolved(let rollout): rollout == number && mode == .quarantined ? nil : .notQuarantined
    case .stepStarted(let position, let direction): startRefusal(position, direction)
    case .stepSucceeded(let position): successRefusal(position, at: now)
    case .stepFailed(let position, _), .stepSuperseded(let position): activeRefusal(position)
    case .evidenceRecorded(let proven): evidenceRefusal(proven)
    case .gateOpened(let position, let root, _): openingRefusal(position, root)
    case .gateExpired(let position): gate?.position == position && mode == .forward ? nil : .noSuchGate
    case .canaryLapsed(let position), .guardTripped(let position):
      position == self.position && mode == .forward ? nil : .notAtThatStep
    case .unwindStarted: mode == .forward ? nil : .notForward
    case .revisionPromoted: awaitsPromotion ? nil : .notPromoting
    case .rolloutCompleted(let outcome): completionRefusal(outcome)
    case .quarantined: mode == .unwinding ? nil : .notUnwinding
    case .laneCreated, .rolloutStarted, .rollbackStarted, .leaseAcquired, .leaseReleased, .emergencyReverted: nil
    }
  }

  private func approvalRefusal(_ decision: Decision, at now: Timestamp) -> MoveRefusal? {
    if let refusal = decisionRefusal(decision, at: now) { return refusal }
    guard let gate, let rule = stage.gate else { return .noGate }
    if !rule.selfApproval, decision.by == .author { return .ownRollout }
    if !decision.isEntitled { return .notAnApprover }
    guard decision.by.index < Person.countMax else { return .tooManyPeople }
    return gate.approvers & (1 << UInt64(decision.by.index)) == 0 ? nil : .alreadyApproved
  }

  /// Whoever may approve may reject, and so may the person who started the rollout.
  private func denialRefusal(_ decision: Decision, at now: Timestamp) -> MoveRefusal? {
    if let refusal = decisionRefusal(decision, at: now) { return refusal }
    return decision.isEntitled || decision.by == .author ? nil : .notAnApprover
  }

  /// A decision is never re-targeted: what was decided on evidence that has changed since is asked again.
  private func decisionRefusal(_ decision: Decision, at now: Timestamp) -> MoveRefusal? {
    guard decision.rollout == number else { return .otherRollout }
    guard mode == .forward, let gate, gate.position == position, stage.gate != nil else { return .noGate }
    guard decision.gate == gate.position, decision.plan == plan, decision.evidenceRoot == gate.evidenceRoot,
      gate.evidenceRoot == shown
    else { return .evidenceChanged }
    return now > gate.expires ? .expired : nil
  }

  /// An approval may be taken back by whoever gave it and, where approvers are named, by any of them, until the stage
  /// that it opened is promoted.
  private func revocationRefusal(_ position: Position, of person: Person, _ isEntitled: Bool) -> MoveRefusal? {
    guard mode == .forward, let gate, gate.position == position, position.stage == self.position.stage,
      stage.gate != nil
    else { return .noGate }
    guard person.index < Person.countMax, gate.approvers & (1 << UInt64(person.index)) != 0 else {
      return .neverApproved
    }
    return isEntitled ? nil : .notTheirs
  }

  private func skipRefusal(_ rollout: Int, _ position: Position) -> MoveRefusal? {
    guard rollout == number, mode == .forward, position == self.position, case .bake = step else { return .notBaking }
    return isHeld ? .isHeld : nil
  }

  private func startRefusal(_ position: Position, _ direction: Direction) -> MoveRefusal? {
    if active != nil { return .stepUnderWay }
    guard position == self.position else { return .notAtThatStep }
    switch direction {
    case .undo: return mode == .unwinding ? nil : .notUnwinding
    case .forward:
      if mode != .forward { return .notForward }
      if isHeld { return .isHeld }
      // Approval is looked at again before every step, so that no edited state can skip it.
      return stage.gate != nil && step.isEffect && !stageIsApproved ? .notApproved : nil
    }
  }

  private func activeRefusal(_ position: Position) -> MoveRefusal? {
    active != nil && position == self.position ? nil : .notUnderWay
  }

  /// A gate is done when enough people approved it; a proof, when it was recorded that it passed, and not before.
  private func successRefusal(_ position: Position, at now: Timestamp) -> MoveRefusal? {
    if mode == .forward, position == self.position, case .approve = step {
      guard gateIsPassed, let gate, now <= gate.expires else { return .gateNotPassed }
      return nil
    }
    if let refusal = activeRefusal(position) { return refusal }
    guard mode == .forward, step.evidenceKind != nil else { return nil }
    return active?.isProven == true ? nil : .notProven
  }

  private func evidenceRefusal(_ proven: Proven) -> MoveRefusal? {
    active != nil && mode == .forward && proven.stage == position.stage && proven.kind == step.evidenceKind
      ? nil : .foreignEvidence
  }

  private func openingRefusal(_ position: Position, _ root: Token) -> MoveRefusal? {
    guard mode == .forward, position == self.position, case .approve = step else { return .notAGate }
    if gate?.position == position { return .gateIsOpen }
    return root == shown ? nil : .otherEvidence
  }

  private func completionRefusal(_ outcome: OutcomeKind) -> MoveRefusal? {
    if active != nil { return .stepUnderWay }
    switch mode {
    case .forward:
      guard outcome == .promoted else { return .wrongOutcome }
      return course.position(after: position) == nil && isPromotedOrUnchanged ? nil : .stepsLeft
    case .unwinding:
      guard outcome == cause?.outcome else { return .wrongOutcome }
      return needsUndo ? .notUndone : nil
    case .quarantined, .done: return .mustBeDecided
    }
  }

  private var isPromotedOrUnchanged: Bool {
    hasPromoted(position.stage) || !stage.steps.contains { $0.isEffect }
  }
}

extension Course.Step {
  /// What a proof records before it is done; `nil` for steps that prove nothing.
  package var evidenceKind: Evidence.Kind? {
    switch self {
    case .verify: .verification
    case .smoke: .smoke
    case .approve, .prepare, .shift, .bake, .promote: nil
    }
  }
}

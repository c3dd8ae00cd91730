extension LaneMachine {
  /// Folds one more move in, or says why it cannot follow. The state is unchanged when it refuses.
  package mutating func apply(_ mark: Mark) -> MoveRefusal? {
    if let refusal = refusal(of: mark) { return refusal }
    fold(mark)
    return nil
  }

  /// The effect of a move that was admitted.
  package mutating func fold(_ mark: Mark) {
    sequence = mark.sequence
    switch mark.move {
    case .laneCreated: isCreated = true
    case .leaseAcquired: epoch = mark.sequence
    case .leaseReleased: epoch = 0
    case .rolloutStarted(let course, let plan):
      guard let start = course.start else { preconditionFailure("admitted without a step") }
      last = RolloutMachine(
        number: last.number + 1, course: course, plan: plan, mode: .forward, position: start)
    case .rollbackStarted(let course):
      var rollback = RolloutMachine(
        number: last.number + 1, course: course, plan: nil, mode: .unwinding, position: Position(stage: 0, step: 0))
      rollback.cause = .requested
      rollback.touched = 1
      rollback.turnedAt = mark.sequence
      last = rollback
    case .emergencyReverted(let stage, let restored):
      if last.mode == .forward { last.turn(.emergency, at: mark.sequence) }
      if isLive, stage == last.position.stage { last.revert(to: restored) }
    default: last.fold(mark)
    }
  }
}

extension RolloutMachine {
  mutating func fold(_ mark: Mark) {
    switch mark.move {
    case .stepStarted(let position, let direction):
      active = Active(fence: mark.sequence, epoch: mark.epoch, direction: direction, startedAt: mark.at)
      if direction == .undo || course[position].isEffect { touched |= 1 << UInt64(position.stage) }
    case .stepSucceeded: succeed()
    case .stepFailed(_, let isFinal):
      active = nil
      failures += isFinal ? Self.failuresMax : 1
    case .stepSuperseded: active = nil
    case .evidenceRecorded(let proven):
      evidenceRoot = proven.root
      if proven.passed { active?.isProven = true }
    case .gateOpened(let position, let root, let expires):
      gate = Gate(position: position, evidenceRoot: root, expires: expires)
    case .approvalGranted(let decision): gate?.approvers |= 1 << UInt64(decision.by.index)
    case .approvalRevoked(_, let position, let person, _):
      gate?.approvers &= ~(1 << UInt64(person.index))
      // At the gate the others' approvals may still be enough one day; past it the stage goes on without leave.
      if position != self.position, !stageIsApproved { turn(.approvalRevoked, at: mark.sequence) }
    case .holdSet: isHeld = true
    case .holdCleared: isHeld = false
    case .bakeSkipped(_, let position): skippedBake = position
    case .canaryLapsed(let position):
      lapses += 1
      skippedBake = nil
      if let first = course.firstShift(in: position.stage) { enter(first) }
    case .revisionPromoted:
      promoted |= 1 << UInt64(position.stage)
      if let next = course.position(after: position) { enter(next) }
    case .quarantined:
      mode = .quarantined
      active = nil
    case .operatorResolved:
      mode = .unwinding
      failures = 0
    case .rolloutCompleted: mode = .done
    default: foldTurn(mark)
    }
  }

  /// The one-way door: every move through which a rollout turns round.
  private mutating func foldTurn(_ mark: Mark) {
    switch mark.move {
    case .approvalDenied:
      gate?.isDenied = true
      turn(.denied, at: mark.sequence)
    case .gateExpired: turn(.gateExpired, at: mark.sequence)
    case .abortRequested:
      if mode == .forward { turn(.requested, at: mark.sequence) } else { turnedAt = mark.sequence }
    case .guardTripped: turn(.guardTripped, at: mark.sequence)
    case .unwindStarted(let cause): turn(cause, at: mark.sequence)
    default: preconditionFailure("folded by the lane")
    }
  }

  /// The seal's end shuts out every order that was announced before it; the way back begins anew, and ends at what a person
  /// has put there meanwhile.
  fileprivate mutating func revert(to restored: Token?) {
    active = nil
    if let restored { revertedTo = restored }
  }

  mutating func turn(_ cause: CauseKind, at sequence: UInt64) {
    mode = .unwinding
    self.cause = cause
    turnedAt = sequence
    awaitsPromotion = false
    active = nil
    isHeld = false
    failures = 0
  }

  private mutating func succeed() {
    active = nil
    failures = 0
    if mode == .unwinding {
      isUndone = true
    } else if case .promote = step {
      // `revisionPromoted` follows in the same append and moves on.
      awaitsPromotion = true
    } else if let next = course.position(after: position) {
      enter(next)
    }
  }

  private mutating func enter(_ next: Position) {
    if next.stage != position.stage { lapses = 0 }
    position = next
    active = nil
    failures = 0
    awaitsPromotion = false
  }
}

extension DriverMachine {
  mutating func unwind(
    _ rollout: RolloutMachine, _ head: Head, at now: Timestamp
  ) -> Request {
    guard let cause = rollout.cause else { preconditionFailure("it has not turned round") }
    guard rollout.needsUndo else { return append(.rolloutCompleted(cause.outcome), .nothingToUndo, head) }
    guard let active = rollout.active else { return start(rollout, .undo, head) }
    fence = max(fence, active.fence)
    let base = rollout.wayBack
    if now - active.startedAt > pace.restoreWithin, !(known.reading?.isRestored(to: base) ?? false) {
      return failUndo(rollout, .notRestoredInTime, head)
    }
    guard performed == active.fence else { return .perform(.restore, fence: active.fence) }
    guard let reading = known.reading else { return .observe(fence: active.fence) }
    // On its way back, and never to arrive: waiting for it would only keep people from choosing another revision.
    if reading.hasFailed(toRestore: base) { return failUndo(rollout, .standbyFailed, head) }
    guard reading.isRestored(to: base) else { return .wait(pace.poll) }
    var batch = MoveBatch(.stepSucceeded(rollout.position))
    batch.add(.rolloutCompleted(cause.outcome))
    return append(batch, .restored, head)
  }

  private mutating func failUndo(
    _ rollout: RolloutMachine, _ why: Why, _ head: Head
  ) -> Request {
    var batch = MoveBatch(.stepFailed(rollout.position, isFinal: false))
    if rollout.failures + 1 >= RolloutMachine.undoFailuresMax { batch.add(.quarantined) }
    return append(batch, why, head)
  }

  /// What a refusal by the target means for the step under way.
  mutating func handle(
    _ trouble: Trouble, _ rollout: RolloutMachine, _ head: Head, at now: Timestamp
  ) -> Request {
    self.trouble = nil
    switch trouble {
    case .throttled, .ambiguous, .failed:
      // Tried again until the step's time is over; an order that may have been accepted is a duplicate then.
      if let active = rollout.active, active.epoch == epoch {
        if rollout.mode == .unwinding, now - active.startedAt > pace.restoreWithin {
          return failUndo(rollout, .troubled, head)
        }
        if rollout.mode == .forward, isOverdue(rollout, active, at: now) {
          return fail(rollout, isFinal: true, .overdue, head)
        }
      }
      return .wait(trouble == .failed ? .seconds(1) : pace.poll)
    case .fenced:
      // Somebody else leads, which the journal tells; unless the target has obeyed another journal than this one.
      fencedInARow += 1
      guard fencedInARow > Self.fencedMax else { return .wait(pace.poll) }
      fencedInARow = 0
      return rollout.mode == .unwinding
        ? append(.quarantined, .newerOrders, head) : append(.unwindStarted(.stepFailed), .newerOrders, head)
    case .refused:
      guard let active = rollout.active, active.epoch == epoch, performed != active.fence else {
        return .wait(pace.poll)
      }
      return active.direction == .undo
        ? failUndo(rollout, .refused, head) : fail(rollout, isFinal: true, .refused, head)
    case .sealed: return leave(.sealed, head)
    }
  }
}

extension Driver {
  /// Longest an old revision may take to serve again before another try.
  static let restoreWithin = TimeSpan.minutes(5)

  mutating func unwind(_ rollout: RolloutState, at now: Timestamp) -> Request {
    guard case .unwinding(let cause) = rollout.mode else { preconditionFailure("it has not turned round") }
    guard rollout.needsUndo else { return append(.rolloutCompleted(Outcome(unwoundBy: cause))) }
    guard let active = rollout.active else { return start(rollout, .undo) }
    fence = max(fence, active.fence)
    let endpoint = rollout.stage.endpoint
    if now - active.startedAt > Self.restoreWithin, known.observation.map({ !Self.isRestored(rollout, $0) }) ?? true {
      return failUndo(rollout, error: "the old version does not serve after \(Self.restoreWithin)")
    }
    guard performed == active.fence else {
      return .perform(.restore(rollout.stage.base), endpoint: endpoint, fence: active.fence)
    }
    guard let observation = known.observation else { return .observe(endpoint: endpoint, fence: active.fence) }
    // On its way back, and never to arrive: waiting for it would only keep people from choosing another revision.
    if let standby = observation.standby, standby.revision == rollout.stage.base?.digest, let failure = standby.failure
    {
      return failUndo(rollout, error: failure)
    }
    if Self.isRestored(rollout, observation) {
      return append(
        .stepSucceeded(rollout.position, observed: Self.words(for: observation)),
        .rolloutCompleted(Outcome(unwoundBy: cause)))
    }
    return .wait(Self.poll)
  }

  /// Users are on the revision before, and the canary has no share left to lose.
  static func isRestored(_ rollout: RolloutState, _ observation: EndpointObservation) -> Bool {
    guard observation.stable?.revision == rollout.stage.base?.digest else { return false }
    if let stable = observation.stable, stable.ready == 0 { return false }
    return observation.canary.map { $0.share == .none && rollout.stage.base == nil } ?? true
  }

  private func failUndo(_ rollout: RolloutState, error: String) -> Request {
    let failed = Event.stepFailed(rollout.position, isFinal: false, error: error)
    guard rollout.failures + 1 >= RolloutState.undoFailuresMax else { return append(failed) }
    return append(
      failed,
      .quarantined(
        reason: "taking \(rollout.stage.environment) back failed \(rollout.failures + 1) times; last: \(error)"))
  }

  /// What a refusal by the target means for the step under way.
  mutating func handle(
    _ trouble: (kind: TargetTrouble, message: String), _ rollout: RolloutState, at now: Timestamp
  ) -> Request {
    self.trouble = nil
    switch trouble.kind {
    case .throttled, .ambiguous, .failed:
      // Tried again until the step's time is over; an order that may have been accepted is a duplicate then.
      if rollout.isUnwinding, let active = rollout.active, active.epoch == epoch,
        now - active.startedAt > Self.restoreWithin
      {
        return failUndo(rollout, error: trouble.message)
      }
      if let active = rollout.active, active.epoch == epoch, let late = overdue(rollout, active, at: now) {
        return late
      }
      return .wait(trouble.kind == .failed ? .seconds(1) : Self.poll)
    case .fenced:
      // Somebody else leads, which the journal tells; unless the target has obeyed another journal than this one.
      fencedInARow += 1
      guard fencedInARow > Self.fencedMax else { return .wait(Self.poll) }
      fencedInARow = 0
      let error = "\(rollout.stage.endpoint) has obeyed newer orders than this journal knows: \(trouble.message)"
      if rollout.isUnwinding { return append(.quarantined(reason: error)) }
      return append(.unwindStarted(.stepFailed(step: rollout.program[rollout.position].name, error: error)))
    case .refused:
      guard let active = rollout.active, active.epoch == epoch, performed != active.fence else {
        return .wait(Self.poll)
      }
      if active.direction == .undo { return failUndo(rollout, error: trouble.message) }
      return fail(
        rollout, isFinal: true, error: trouble.message, step: rollout.program[rollout.position].name)
    }
  }
}

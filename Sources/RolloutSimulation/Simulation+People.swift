import RolloutCore

/// Approvers, on-call, the supervisor, and whoever starts the next rollout.
extension Simulation {
  mutating func askForApproval() {
    guard let decision = currentDecision() else { return }
    watch.asked = true
    var delay = 4_000 + 1_000 * Int64(chance(.people, 120, oneIn: 4))
    if chance(.people, 1, oneIn: 60) != 0 { delay = 40 * 60_000 }
    let answer = chance(.people, 2, oneIn: 10)
    if answer == 1 { errand(.deny(decision), in: delay) } else { errand(.approve(decision), in: delay) }
    if answer == 2 { errand(.revoke, in: delay + 1_000 * Int64(choices.draw(90, oneIn: 1))) }
  }

  /// What somebody who looks now has before their eyes.
  private func currentDecision() -> Decision? {
    guard let rollout = journal.lane.rollout, let gate = rollout.gate, let plan = rollout.plan else { return nil }
    return Decision(
      rollout: rollout.number, gate: gate.position, plan: plan, evidenceRoot: gate.evidenceRoot,
      by: Person(index: 1), isEntitled: true)
  }

  /// Appends for a person, who tries again until it is in or may not be. `true` when it is in.
  @discardableResult
  mutating func say(_ move: Move) -> Bool {
    let mark = Mark(sequence: journal.lane.sequence + 1, at: stamp(now), epoch: 0, move: move)
    guard journal.lane.refusal(of: mark) == nil else { return false }
    judge(mark)
    journal.add(mark)
    return true
  }

  mutating func run(_ kind: Errand.Kind) {
    switch kind {
    case .approve(let decision): approve(decision)
    case .deny(let decision):
      if say(.approvalDenied(decision)) { coverage.saw(.denial) }
      ensureDriver()
    case .revoke:
      guard let rollout = journal.lane.rollout, let gate = rollout.gate else { return }
      let move = Move.approvalRevoked(
        rollout: rollout.number, gate: gate.position, of: Person(index: 1), isEntitled: true)
      if say(move) {
        coverage.saw(.revocation)
        watch.seen.removeAll { $0.rollout == rollout.number }
        // Whoever thinks again in time may approve again.
        if journal.lane.rollout?.mode == .forward { askForApproval() }
      }
    case .abort(let drives): abort(drives: drives)
    case .hold:
      guard let number = liveNumber, say(.holdSet(rollout: number)) else { return }
      coverage.saw(.hold)
      errand(.release, in: 1_000 * Int64(choices.draw(600, oneIn: 1)))
    case .release: if let number = liveNumber { say(.holdCleared(rollout: number)) }
    case .skip: skip()
    case .resolve:
      if let number = liveNumber, say(.operatorResolved(rollout: number)) { coverage.saw(.resolved) }
      ensureDriver()
    case .successor: succeed()
    case .rollBack: rollBack()
    case .race: if liveNumber != nil { spawn(.drive(waitsAtGates: true), after: 0) }
    case .check: check()
    case .emergency(let stage): revertByHand(stage)
    case .reconcile(let stage): reconcile(stage)
    }
  }

  private var liveNumber: Int? { journal.lane.isLive ? journal.lane.rollout?.number : nil }

  private mutating func approve(_ decision: Decision) {
    var decision = decision
    let seen = (rollout: decision.rollout, plan: decision.plan, root: decision.evidenceRoot)
    if mutant == .approvalNotBoundToEvidence, let current = currentDecision() { decision = current }
    if say(.approvalGranted(decision)) { watch.seen.append(seen) } else { coverage.saw(.staleApproval) }
    ensureDriver()
  }

  private mutating func abort(drives: Bool) {
    guard let rollout = journal.lane.rollout else { return }
    if rollout.mode == .unwinding, drives { return askAgain(rollout.number) }
    guard rollout.mode == .forward else { return }
    if mutant == .abortIgnoredWhilePromoting, case .promote = rollout.step, rollout.active != nil {
      report(9, "an abort was refused while promoting")
      watch.abortedRollout = rollout.number
      watch.abortedAt = now
      return
    }
    guard say(.abortRequested(rollout: rollout.number, isRollback: false)) else { return }
    watch.abortedAt = now
    watch.abortedRollout = rollout.number
    if rollout.gate == nil || rollout.gate?.position == rollout.position { coverage.saw(.abortAtGate) }
    if case .bake = rollout.step { coverage.saw(.abortInBake) }
    if case .promote = rollout.step, rollout.active != nil { coverage.saw(.abortWhilePromoting) }
    if drives { spawn(.turn, after: 100) } else { coverage.saw(.fireAndForget) }
    ensureCheck()
  }

  /// Somebody else has turned it round already, and may sleep: whoever asks again leads.
  private mutating func askAgain(_ rollout: Int) {
    guard say(.abortRequested(rollout: rollout, isRollback: false)) else { return }
    coverage.saw(.turnAskedAgain)
    spawn(.turn, after: 100)
  }

  private mutating func skip() {
    guard let rollout = journal.lane.rollout, rollout.mode == .forward else { return }
    if say(.bakeSkipped(rollout: rollout.number, rollout.position)) {
      coverage.saw(.skippedBake)
      watch.skippedBake = true
    } else if now < 600_000 {
      errand(.skip, in: 7_000)
    }
  }

  mutating func ended(_ outcome: OutcomeKind) {
    watch.abortedAt = -1
    regret(outcome)
    guard successorsLeft > 0, chance(.successors, 1, oneIn: 2) != 0 else { return }
    successorsLeft -= 1
    errand(outcome == .promoted ? .rollBack : .successor, in: 1_000 * Int64(1 + choices.draw(60, oneIn: 1)))
  }

  private mutating func succeed() {
    guard !journal.lane.isLive else { return }
    guard reconcileAll() else { return errand(.successor, in: 10_000) }
    coverage.saw(.secondRollout)
    startRollout()
    spawn(.drive(waitsAtGates: true), after: 0)
    ensureCheck()
  }

  /// On-call takes an idle service back to what was live before.
  private mutating func rollBack() {
    guard !journal.lane.isLive, !scenario.isFirst, scenario.count == 1 else { return }
    guard reconcileAll() else { return errand(.rollBack, in: 10_000) }
    let base = Scenario.base(0)
    let course = Course(stages: [Course.Stage(steps: [], revision: base, base: base)])
    guard say(.rollbackStarted(course)) else { return }
    coverage.saw(.idleRollback)
    spawn(.turn, after: 0)
    ensureCheck()
  }

  // MARK: The supervisor

  /// Somebody looks in a while whether anybody still drives.
  mutating func ensureCheck() {
    for errand in people { if case .check = errand.kind { return } }
    errand(.check, in: supervisorDelay)
  }

  mutating func ensureDriver() {
    guard journal.lane.isLive, !isDriven else { return }
    spawn(.drive(waitsAtGates: true), after: 1_000)
  }

  private var isDriven: Bool { runners.contains { !$0.isGone && !$0.isPaused } }

  private mutating func check() {
    guard let rollout = journal.lane.rollout, rollout.mode != .done else { return }
    if rollout.mode == .quarantined {
      errand(.check, in: 61_000)
      return
    }
    let waits = rollout.mode == .forward && rollout.gate?.position == rollout.position && !rollout.gateIsPassed
    let isOrphaned = journal.lane.epoch != 0 ? !leaseIsLive : !isDriven
    if isOrphaned, !waits || choices.faults.contains(.people), !isDriven || journal.lane.epoch != 0 {
      spawn(.drive(waitsAtGates: true), after: 0)
    }
    errand(.check, in: waits ? 300_000 : 31_000)
  }
}

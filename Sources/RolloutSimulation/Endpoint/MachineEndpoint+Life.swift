import RolloutCore

/// How it starts, what becomes of it, and what it knows when it is started again.
extension MachineEndpoint {
  /// What will happen to it in the course of a run.
  mutating func plan(at now: Int64, _ choices: inout Choices) {
    if choices.chance(.restarts, 1, oneIn: 2) != 0 { crashesAt = now + 1_000 * Int64(choices.draw(400, oneIn: 1)) }
    if choices.chance(.scaling, 1, oneIn: 2) != 0 { scalesAt = now + 1_000 * Int64(choices.draw(300, oneIn: 1)) }
    if choices.chance(.fullDisks, 1, oneIn: 2) != 0 {
      let start = now + 1_000 * Int64(choices.draw(300, oneIn: 1))
      diskFails = start..<start + 1_000 * Int64(choices.draw(200, oneIn: 1))
    }
    schedule()
  }

  mutating func pass(to now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) {
    if isDown {
      guard bootsAt <= now else { return }
      boot(at: now, &choices, &coverage)
    } else if crashesAt <= now {
      return crash(at: now, &choices, &coverage)
    }
    if scalesAt <= now { scale(at: now, &choices, &coverage) }
    if mutant == .answersBeforeSaving { save(at: now) }
    var happened = 0
    while let (id, event) = farm.next(dueBy: now) {
      if case .exited = event, case .ready = state(of: id) { coverage.saw(.serverCrash) }
      let orders = machine.receive(event, for: id, at: clock(now))
      obey(orders, at: now, &choices, &coverage)
      settle(at: now, &choices, &coverage)
      happened += 1
      if happened > 1_000 { return book.report(22, "its servers never come to rest") }
    }
    if happened == 0 { settle(at: now, &choices, &coverage) }
  }

  /// The autoscaler wants another size, of stable or of the canary.
  private mutating func scale(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) {
    scalesAt = choices.chance(.scaling, 1, oneIn: 2) == 0 ? never : now + 60_000
    let canary = choices.draw(1, oneIn: 3) == 0 ? nil : machine.canary?.fleet.id
    guard let fleet = canary ?? machine.stable?.id else { return }
    coverage.saw(.scaled)
    let count = 1 + Int(choices.draw(2, oneIn: 2))
    step(at: now, &choices, &coverage) { $0.scale(fleet, to: count) }
  }

  private func state(of id: InstanceID) -> InstanceMachine.State? {
    machine.fleet(id.fleet)?.instances.first { $0.id == id }?.state
  }

  /// Its process dies, and its servers with it.
  mutating func crash(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) {
    coverage.saw(.runtimeCrash)
    if machine.incoming != nil { coverage.saw(.restartWhileIncoming) }
    if machine.canary?.grant.isLive ?? false { coverage.saw(.restartWithShare) }
    if machine.canary?.grant.trip != nil { coverage.saw(.restartWhenTripped) }
    if machine.standby != nil { coverage.saw(.restartWithStandby) }
    if isSealed { coverage.saw(.restartUnderSeal) }
    crashesAt = never
    farm.killAll()
    table = UserTable()
    seenShape = nil
    bootsAt = now + 1_000 + 1_000 * Int64(choices.draw(60, oneIn: 3))
    schedule()
  }

  private mutating func boot(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) {
    bootsAt = never
    if isUnkept {
      // Nobody was promised that it would last.
      coverage.saw(.restartNotKept)
      hasForgottenSeal = hasForgottenSeal || book.isSealed && !keptBook.isSealed
      let violation = book.violation
      book = keptBook
      if let violation { book.report(violation.invariant, violation.text) }
      isUnkept = false
    }
    let jump = choices.chance(.wallClocks, 4, oneIn: 3)
    if jump != 0 {
      coverage.saw(.wallClockSet)
      wallSkew = [-3_600_000, 3_600_000, -2_592_000_000, 2_592_000_000][Int(jump) - 1]
    }
    if mutant == .shareSurvivesRestart {
      // Whatever is in its memory is taken up again, and its clock goes on.
    } else {
      bootedAt = now
      let record = mutated(saved.machine.record(at: saved.at, wall: saved.wall))
      machine = EndpointMachine(record, policy: Self.policy, at: .zero, wall: wall(now))
    }
    if saved.machine.standby != nil, machine.standby == nil { coverage.saw(.standbyExpired) }
    refresh()
    book.checkRestart(view, table)
    // Where there is one death there may be another.
    if choices.chance(.restarts, 1, oneIn: 6) != 0 { crashesAt = now + 1_000 * Int64(choices.draw(20, oneIn: 1)) }
    settle(at: now, &choices, &coverage)
  }

  private func mutated(_ record: EndpointRecord) -> EndpointRecord {
    var record = record
    switch mutant {
    case .restartForgetsFence:
      record.fence = 0
      record.applied = nil
    case .restartForgetsSeal: record.seal = nil
    case .restartForgetsTrip: record.trip = nil
    case .restartForgetsWayBack: record.incoming = nil
    case .restartTakesCanaryForUsed: record.canaryHadShare = nil
    default: break
    }
    return record
  }

  /// `true` when the runtime dies of this message, which it has not looked at.
  mutating func diesUnheard(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) -> Bool {
    messages += 1
    let isFatal = messages == traits.fatalMessage && !traits.diesAfterSaving
    guard choices.chance(.restarts, 1, oneIn: 80) != 0 || isFatal else { return false }
    coverage.saw(.crashBeforeSave)
    crash(at: now, &choices, &coverage)
    return true
  }

  /// After it has saved what it was told, and before it has said so.
  mutating func diesUnanswered(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) {
    let isFatal = messages == traits.fatalMessage && traits.diesAfterSaving
    guard choices.chance(.restarts, 1, oneIn: 80) != 0 || isFatal else { return }
    coverage.saw(.crashBeforeAnswer)
    crash(at: now, &choices, &coverage)
  }

  /// Not long after something was begun, the process dies.
  mutating func diesSoon(at now: Int64, _ choices: inout Choices) {
    guard !isDown, choices.chance(.restarts, 1, oneIn: 12) != 0 else { return }
    crashesAt = min(crashesAt, now + 500 * Int64(choices.draw(30, oneIn: 1)))
    schedule()
  }
}

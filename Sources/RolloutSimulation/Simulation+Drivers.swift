import RolloutCore

extension Simulation {
  /// One turn of one driver: what came of its last request, what it wants next, and what the world makes of that.
  mutating func drive(_ index: Int) {
    awaits += 1
    if runners[index].isPaused {
      runners[index].isPaused = false
    }
    if case .entries = runners[index].response { catchUp(index) }
    let time = clock(of: index)
    let request = mutant == nil ? runners[index].resume(at: time) : resumeMutated(index, time)
    if case .finish(let ending) = request {
      finish(index, ending)
      return
    }
    if awaits == death.first || awaits == death.second {
      crash(index)
      return
    }
    var mishap = chance(.crashes, 2, oneIn: 150)
    if mishap == 0 {
      let pause = chance(.pauses, 2, oneIn: 150)
      if pause != 0 { mishap = pause + 2 }
    }
    if nemesis.target == index { mishap = strike(index) }
    switch mishap {
    case 1: crash(index)
    case 2:
      carryOut(request, index)
      crash(index)
    case 3:
      // Stopped with the request in hand: it goes out when the process wakes, with what it knew before.
      pause(index)
      delayed(request, index)
    case 4:
      carryOut(request, index)
      pause(index)
    default: carryOut(request, index)
    }
  }

  /// Shows a driver everything in the journal that it has not seen.
  mutating func catchUp(_ index: Int) {
    let known = Int(runners[index].lane.sequence)
    guard known < journal.marks.count else { return }
    let time = clock(of: index)
    for position in known..<journal.marks.count {
      show(journal.marks[position], to: index, at: time)
    }
  }

  mutating func show(_ mark: Mark, to index: Int, at time: Timestamp) {
    if mutant != nil, let refusal = runners[index].lane.refusal(of: mark) {
      // In production the driver stops here: its journal is corrupt.
      report(2, "what a driver reads does not follow from what it read: \(refusal)")
      runners[index].isGone = true
      return
    }
    guard mutant == .ownConflictTakenAsForeign else {
      runners[index].see(mark, at: time)
      return
    }
    var foreign = mark
    foreign.nonce = 0
    runners[index].see(foreign, at: time)
  }

  private mutating func finish(_ index: Int, _ ending: DriverMachine.Ending) {
    runners[index].isGone = true
    if case .sealed = ending {
      for stage in endpoints.indices where endpoints[stage].isSealed { errand(.reconcile(stage), in: 1_000) }
    }
    if case .someoneElseLeads = ending {
      coverage.saw(.raceLost)
      if journal.lease.holder == index, journal.lease.epoch == journal.lane.epoch, journal.lane.epoch != 0 {
        report(21, "a driver is locked out by its own lease")
      }
    }
    ensureCheck()
  }

  mutating func crash(_ index: Int) {
    coverage.saw(.crash)
    if journal.lane.last.mode == .unwinding { coverage.saw(.crashWhileUnwinding) }
    runners[index].isGone = true
    if journal.lease.holder == index { journal.lease.holder = -1 }
    ensureCheck()
  }

  private mutating func pause(_ index: Int) {
    let seconds = Int64(choices.draw(400, oneIn: 1))
    coverage.saw(.pause)
    if seconds > 30 {
      coverage.saw(.pauseBeyondLease)
      watch.hasLongWait = true
    }
    runners[index].isPaused = true
    runners[index].wakesAt = max(runners[index].wakesAt, now) + seconds * 1_000
    ensureCheck()
  }

  /// A request that goes out only now, long after it was decided.
  private mutating func delayed(_ request: DriverMachine.Request, _ index: Int) {
    let delay = runners[index].wakesAt - now
    switch request {
    case .append:
      guard let pending = runners[index].machine.pending else { return }
      let content = Message.Content.append(
        pending.batch, expecting: pending.expecting, epoch: runners[index].machine.epoch, nonce: pending.nonce)
      messages.append(Message(landsAt: now + delay - 1, content: content))
      runners[index].response = .unknown
    case .perform(let order, let fence):
      guard let order = self.order(order, fence, index) else { return }
      messages.append(Message(landsAt: now + delay - 1, content: .order(order)))
      runners[index].response = .targetFailed(.ambiguous)
    case .renewCanary(let fence):
      messages.append(Message(landsAt: now + delay - 1, content: .renewal(fence: fence, stage: stage(index))))
      runners[index].response = .targetFailed(.ambiguous)
    case .observe(let fence):
      messages.append(Message(landsAt: now + delay - 1, content: .look(fence: fence, stage: stage(index))))
      runners[index].response = .targetFailed(.ambiguous)
    case .read: runners[index].response = .entries
    case .lookAtLease: runners[index].response = .unreadable
    case .renewLease: runners[index].response = .renewedLease(false)
    case .prove: runners[index].response = .proofImpossible
    case .wait: runners[index].response = .waited
    case .finish: break
    }
  }

  func stage(_ index: Int) -> Int { runners[index].lane.last.position.stage }

  func order(_ kind: DriverMachine.Order, _ fence: UInt64, _ index: Int) -> SimulatedOrder? {
    let stage = runners[index].lane.last.position.stage
    guard runners[index].lane.last.course.stages.indices.contains(stage) else { return nil }
    return SimulatedOrder(
      kind: kind, fence: fence, stage: stage, revision: runners[index].lane.last.course.stages[stage].revision,
      base: runners[index].lane.last.wayBack, rollout: runners[index].lane.last.number)
  }

  mutating func respond(_ index: Int, _ response: DriverMachine.Response, after delay: Int64) {
    runners[index].response = response
    runners[index].wakesAt = now + delay
  }

  mutating func carryOut(_ request: DriverMachine.Request, _ index: Int) {
    switch request {
    case .read, .lookAtLease, .renewLease, .append:
      if chance(.outages, 1, oneIn: 400) != 0 {
        runners[index].blindUntil = now + 1_000 * Int64(choices.draw(600, oneIn: 1))
      }
      if runners[index].blindUntil > now {
        coverage.saw(.unreadable)
        if case .append = request {
          respond(index, .unknown, after: 2_000)
        } else {
          respond(index, .unreadable, after: 1_000)
        }
        if mutant == .renewsWithoutReading { renewBlindly(index) }
        return
      }
      ask(request, index)
    case .observe(let fence): look(fence, index)
    case .perform(let order, let fence): perform(order, fence, index)
    case .renewCanary(let fence): renew(fence, index)
    case .prove:
      watch.proofs += 1
      let passed = chance(.failingProofs, 2, oneIn: 12)
      if passed == 1 { coverage.saw(.proofFailed) }
      respond(
        index,
        passed == 2 ? .proofImpossible : .proved(passed: passed == 0, root: Scenario.root(watch.proofs)), after: 2_000)
    case .wait(let span):
      respond(index, .waited, after: span.milliseconds * 100 / runners[index].rate)
    case .finish: break
    }
  }

  private mutating func ask(_ request: DriverMachine.Request, _ index: Int) {
    switch request {
    case .read: respond(index, .entries, after: 5)
    case .lookAtLease: respond(index, .lease(isLive: leaseIsLive), after: 5)
    case .renewLease:
      let isMine = journal.lease.epoch == runners[index].machine.epoch
      if isMine { journal.lease.renewedAt = now }
      respond(index, .renewedLease(isMine), after: 5)
    case .append: if let pending = runners[index].machine.pending { append(pending.batch, pending.nonce, index) }
    default: break
    }
  }

  var leaseIsLive: Bool {
    if mutant == .lockNeverExpires { return true }
    return journal.lease.epoch == journal.lane.epoch && journal.lease.holder >= 0
      && now - journal.lease.renewedAt < SimulatedJournal.leaseTTL
  }
}

// MARK: - Writing

extension Simulation {
  private mutating func append(_ batch: MoveBatch, _ nonce: UInt64, _ index: Int) {
    let expecting = runners[index].lane.sequence
    let epoch = runners[index].machine.epoch
    if mutant == .effectBeforeIntent { actBeforeIntent(batch, index) }
    switch chance(.lostAppends, 3, oneIn: 40) {
    case 1:
      coverage.saw(.unknownAbsent)
      unknown(batch, nonce, index)
    case 2:
      if write(batch, expecting: expecting, epoch: epoch, nonce: nonce, by: index) { coverage.saw(.unknownPresent) }
      unknown(batch, nonce, index)
    case 3:
      let delay = 1_000 * Int64(choices.draw(180, oneIn: 1))
      messages.append(
        Message(
          landsAt: now + delay, content: .append(batch, expecting: expecting, epoch: epoch, nonce: nonce)))
      unknown(batch, nonce, index)
    default:
      if write(batch, expecting: expecting, epoch: epoch, nonce: nonce, by: index) {
        acknowledge(batch, nonce, after: expecting, index)
      } else {
        coverage.saw(.conflict)
        respond(index, .conflict, after: 5)
      }
    }
  }

  private mutating func unknown(_ batch: MoveBatch, _ nonce: UInt64, _ index: Int) {
    if mutant == .unknownTakenAsCommitted {
      showPhantom(batch, nonce, index)
      respond(index, .appended, after: 5)
    } else {
      respond(index, .unknown, after: 5)
    }
  }

  /// A driver is told that its moves are in the journal.
  mutating func acknowledge(_ batch: MoveBatch, _ nonce: UInt64, after sequence: UInt64, _ index: Int) {
    journal.acknowledge(sequence + UInt64(batch.count), nonce)
    let time = clock(of: index)
    for offset in 0..<batch.count {
      show(journal.marks[Int(sequence) + offset], to: index, at: time)
    }
    respond(index, .appended, after: 5)
  }

  /// Compare and append. `false`: somebody wrote first.
  mutating func write(
    _ batch: MoveBatch, expecting: UInt64, epoch: UInt64, nonce: UInt64, by index: Int
  ) -> Bool {
    if journal.lane.sequence != expecting {
      if mutant == .compactionDeletesKeys, expecting + 4 < journal.lane.sequence {
        journal.acknowledge(expecting + UInt64(batch.count), nonce)
        return false
      }
      guard mutant == .journalWithoutVersions, expecting < journal.lane.sequence else { return false }
      journal.overwrite(after: expecting)
    }
    for offset in 0..<batch.count {
      let move = batch[offset]
      let mark = Mark(
        sequence: journal.lane.sequence + 1, at: index >= 0 ? clock(of: index) : stamp(now),
        epoch: move.needsLease ? epoch : 0, nonce: nonce, move: move)
      if let refusal = journal.lane.refusal(of: mark) {
        report(1, "a driver wrote what may not follow: \(refusal)")
        return false
      }
      judge(mark)
      note(mark, by: index)
      journal.add(mark)
      if case .leaseAcquired = move {
        journal.lease = SimulatedJournal.Lease(epoch: mark.sequence, holder: index, renewedAt: now)
      }
      afterwards(mark, by: index)
    }
    return true
  }

  private mutating func note(_ mark: Mark, by index: Int) {
    switch mark.move {
    case .leaseAcquired(.expired): coverage.saw(.takeover)
    case .leaseAcquired(.preempt): coverage.saw(.preemption)
    case .stepSuperseded: coverage.saw(.superseded)
    case .stepSucceeded:
      if let active = journal.lane.last.active, active.epoch != mark.epoch { coverage.saw(.foundDone) }
    case .canaryLapsed: coverage.saw(.ladderAgain)
    case .unwindStarted(.canaryLapsed): coverage.saw(.lapsedTooOften)
    case .guardTripped: coverage.saw(.alarm)
    case .gateExpired: coverage.saw(.gateExpired)
    case .quarantined: coverage.saw(.quarantine)
    case .rolloutCompleted(let outcome):
      switch outcome {
      case .promoted: coverage.saw(.promoted)
      case .rolledBack: coverage.saw(.rolledBack)
      case .failed: coverage.saw(.failed)
      case .rejected: coverage.saw(.rejected)
      }
    default: break
    }
  }

  /// What the journal's new entry makes people and fate do.
  private mutating func afterwards(_ mark: Mark, by index: Int) {
    if mark.move.kindNumber == nemesis.kind, nemesis.strike != .none, nemesis.target < 0 {
      if nemesis.skips > 0 { nemesis.skips -= 1 } else { nemesis.target = index }
    }
    switch mark.move {
    case .gateOpened: askForApproval()
    case .quarantined: errand(.resolve, in: 60_000)
    case .rolloutCompleted(let outcome): ended(outcome)
    default: break
    }
  }

  private mutating func strike(_ index: Int) -> UInt32 {
    defer {
      nemesis.target = -1
      nemesis.strike = .none
    }
    switch nemesis.strike {
    case .none: return 0
    case .crash: return 1
    case .pause: return 3
    case .abort: errand(.abort(drives: choices.draw(1, oneIn: 2) == 0), in: 0)
    case .outage:
      runners[index].blindUntil = now + 1_000 * Int64(choices.draw(900, oneIn: 1))
      if choices.draw(1, oneIn: 2) != 0 { errand(.abort(drives: false), in: 1_000 * Int64(choices.draw(60, oneIn: 1))) }
    case .emergency:
      if choices.faults.contains(.emergencies) { errand(.emergency(journal.lane.last.position.stage), in: 0) }
    case .sleep:
      // The whole machine sleeps: everybody's work is late, and every lease is old.
      now += 45_000
      passTime()
      watch.hasLongWait = true
    }
    return 0
  }
}

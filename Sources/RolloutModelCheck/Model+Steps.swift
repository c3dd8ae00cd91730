import RolloutCore

/// Everything that can happen next.
package enum Action: Hashable, Sendable {
  /// A driver's request is carried out in one of several ways, and it is asked again early or late.
  case drive(Int, Way, late: Bool)
  case crash(Int)
  case land(Int)
  case lapse, trip, approve, abort, respawn
  /// Somebody goes straight at the endpoint; somebody tells the journal; somebody breaks the seal.
  case revert, tell, unseal

  package enum Way: Hashable, Sendable {
    case good, lost, answerLost, delayed, doubled, empty, suspected, baked, failed
  }
}

extension Model {
  func actions() -> [Action] {
    var actions: [Action] = []
    for index in slots.indices where !slots[index].isGone { offer(index, &actions) }
    for index in messages.indices { actions.append(.land(index)) }
    if endpoint.canary?.isGranted == true {
      if budget.lapses > 0 { actions.append(.lapse) }
      if budget.badNews > 0 { actions.append(.trip) }
    }
    if needsApproval { actions.append(.approve) }
    if budget.hasOnCall, lane.last.mode == .forward || lane.last.mode == .unwinding { actions.append(.abort) }
    if budget.respawns > 0, lane.isLive { actions.append(.respawn) }
    if endpoint.isSealed {
      actions.append(toldAt == 0 ? .tell : .unseal)
    } else if budget.emergencies > 0 {
      actions.append(.revert)
    }
    return actions
  }

  private func offer(_ index: Int, _ actions: inout [Action]) {
    let hears = hearsTime(index)
    func add(_ way: Action.Way) {
      actions.append(.drive(index, way, late: false))
      if hears { actions.append(.drive(index, way, late: true)) }
    }
    if budget.crashes > 0 { actions.append(.crash(index)) }
    let faulty = budget.faultyMessages > 0
    switch slots[index].request {
    case .read, .wait, .renewLease, .renewCanary, .finish: add(.good)
    case .lookAtLease:
      add(.good)
      if budget.suspicions > 0, holder >= 0 { add(.suspected) }
    case .append:
      add(.good)
      if faulty { [.lost, .answerLost, .delayed].forEach(add) }
    case .observe:
      add(.good)
      if case .bake = slots[index].lane.last.step, lane.isLive { add(.baked) }
      if faulty { [.lost, .delayed].forEach(add) }
    case .perform:
      add(.good)
      if faulty { [.lost, .answerLost, .delayed, .doubled, .empty].forEach(add) }
    case .prove:
      add(.good)
      if budget.badNews > 0 { add(.failed) }
    }
  }

  /// Time decides about gates and about steps that take too long, when their driver has just read, looked or ordered.
  private func hearsTime(_ index: Int) -> Bool {
    switch slots[index].request {
    case .read, .observe, .perform:
      slots[index].lane.last.active != nil || lane.last.gate?.position == lane.last.position
    case .lookAtLease, .append, .renewLease, .renewCanary, .prove, .wait, .finish: false
    }
  }

  var needsApproval: Bool {
    guard lane.last.mode == .forward, let gate = lane.last.gate else { return false }
    return gate.position == lane.last.position && gate.approvers == 0
  }

  mutating func take(_ action: Action) {
    switch action {
    case .drive(let index, let way, let late): drive(index, way, at: late ? Self.late : Self.early)
    case .crash(let index):
      budget.crashes -= 1
      bury(index)
    case .land(let index): land(messages.remove(at: index))
    case .lapse:
      budget.lapses -= 1
      endpoint.withdraw(tripping: false)
    case .trip:
      budget.badNews -= 1
      endpoint.withdraw(tripping: true)
    case .approve: approve()
    case .abort:
      budget.hasOnCall = false
      isAborted = true
      add(.abortRequested(rollout: lane.last.number, isRollback: false), epoch: 0, nonce: 0)
      spawn(.turn)
    case .respawn:
      budget.respawns -= 1
      spawn(.drive(waitsAtGates: true))
    case .revert:
      budget.emergencies -= 1
      restored = endpoint.revert()
      toldAt = 0
    case .tell:
      let stage = lane.isLive ? lane.last.position.stage : nil
      add(.emergencyReverted(stage: stage, restored: restored), epoch: 0, nonce: 0)
      toldAt = lane.sequence
    case .unseal: endpoint.unseal(fence: toldAt)
    }
    if lane.last.mode == .forward {
      let abort = Mark(
        sequence: lane.sequence + 1, at: Self.early, epoch: 0,
        move: .abortRequested(rollout: lane.last.number, isRollback: false))
      if lane.refusal(of: abort) != nil { report(9, "an abort would be refused") }
    }
  }

  mutating func approve() {
    guard let gate = lane.last.gate else { return }
    let decision = Decision(
      rollout: lane.last.number, gate: gate.position, plan: Self.plan, evidenceRoot: gate.evidenceRoot,
      by: Person(index: 1), isEntitled: true)
    add(.approvalGranted(decision), epoch: 0, nonce: 0)
  }

  mutating func land(_ message: Message) {
    switch message {
    case .order(let order): _ = deliver(order)
    case .look(let fence): _ = raise(fence)
    case .append(let batch, let expecting, let epoch, let nonce):
      _ = write(batch, expecting: expecting, epoch: epoch, nonce: nonce, by: -1)
    }
  }
}

// MARK: - Carrying out a request

extension Model {
  mutating func drive(_ index: Int, _ way: Action.Way, at now: Timestamp) {
    if way != .good, way != .suspected, way != .baked, way != .failed { budget.faultyMessages -= 1 }
    let response: DriverMachine.Response
    switch slots[index].request {
    case .finish:
      bury(index)
      return
    case .read:
      catchUp(index, at: now)
      response = .entries
    case .lookAtLease:
      if way == .suspected { budget.suspicions -= 1 }
      response = .lease(isLive: way == .good && holder >= 0)
    case .renewLease: response = .renewedLease(lane.epoch == slots[index].machine.epoch)
    case .append: response = append(index, way, at: now)
    case .observe(let fence): response = look(fence, way)
    case .perform(let kind, let fence):
      let base = slots[index].lane.last.wayBack ?? Self.old
      response = perform(ModelOrder(kind: kind, fence: fence, base: base), way)
    case .renewCanary(let fence): response = endpoint.shutsOut(fence, nil) ? shutOut : .renewedCanary
    case .prove:
      if way == .failed { budget.badNews -= 1 }
      response = .proved(passed: way != .failed, root: Token(10))
    case .wait: response = .waited
    }
    resume(index, response, at: now)
  }

  mutating func resume(_ index: Int, _ response: DriverMachine.Response, at now: Timestamp) {
    var request = slots[index].machine.resume(response, slots[index].lane, at: now)
    if control == .takeoverTrustsStartedStep { request = trusting(request, index, at: now) }
    slots[index].request = request
  }

  /// A driver that takes what another one announced for done.
  private mutating func trusting(
    _ request: DriverMachine.Request, _ index: Int, at now: Timestamp
  ) -> DriverMachine.Request {
    var request = request
    while case .observe = request, lane.last.mode == .forward, let active = slots[index].lane.last.active,
      active.epoch != slots[index].machine.epoch
    {
      var reading = endpoint.reading(hasBaked: false)
      if case .promote = slots[index].lane.last.step {
        reading = EndpointReading(stable: .init(revision: Self.new, serves: true))
      } else {
        reading.canary = .init(
          revision: Self.new, share: Percent(10) ?? .none, leaseIsLive: true, baked: .zero, isShort: false,
          isComplete: true, isTripped: false, hasFailed: false)
      }
      request = slots[index].machine.resume(.observed(reading), slots[index].lane, at: now)
    }
    return request
  }

  private mutating func append(_ index: Int, _ way: Action.Way, at now: Timestamp) -> DriverMachine.Response {
    guard let pending = slots[index].machine.pending else { preconditionFailure("it has something to append") }
    let epoch = slots[index].machine.epoch
    var batch = pending.batch
    if control == .takeoverCountsAsFailure, case .stepSuperseded(let position) = batch.first {
      batch = MoveBatch(.stepFailed(position, isFinal: false))
    }
    switch way {
    case .lost: return .unknown
    case .delayed:
      messages.append(.append(batch, expecting: pending.expecting, epoch: epoch, nonce: pending.nonce))
      return .unknown
    default: break
    }
    let isWritten = write(batch, expecting: pending.expecting, epoch: epoch, nonce: pending.nonce, by: index)
    if way == .answerLost { return .unknown }
    guard isWritten else { return .conflict }
    catchUp(index, at: now)
    return .appended
  }

  private mutating func look(_ fence: UInt64, _ way: Action.Way) -> DriverMachine.Response {
    switch way {
    case .lost: return .targetFailed(.ambiguous)
    case .delayed:
      messages.append(.look(fence: fence))
      return .targetFailed(.ambiguous)
    default: return raise(fence) ? .observed(endpoint.reading(hasBaked: way == .baked)) : shutOut
    }
  }

  private var shutOut: DriverMachine.Response { .targetFailed(endpoint.isSealed ? .sealed : .fenced) }

  private mutating func perform(_ order: ModelOrder, _ way: Action.Way) -> DriverMachine.Response {
    switch way {
    case .lost: return .targetFailed(.ambiguous)
    case .empty: return .performed
    case .delayed:
      messages.append(.order(order))
      return .targetFailed(.ambiguous)
    case .doubled: messages.append(.order(order))
    default: break
    }
    let answer = deliver(order)
    if way == .answerLost { return .targetFailed(.ambiguous) }
    switch answer {
    case .accepted, .duplicate: return .performed
    case .fenced, .sealed: return shutOut
    case .refused: return .targetFailed(.refused)
    }
  }
}

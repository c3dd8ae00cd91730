import RolloutCore

/// What the runtime's controller does with a message.
extension MachineEndpoint {
  mutating func accept(
    _ order: SimulatedOrder, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage
  ) -> TargetAnswer {
    guard hears(at: now, &choices, &coverage) else { return .unreachable }
    let before = (incoming: machine.incoming != nil, standby: machine.standby != nil, stable: view.stable)
    let wasServing = servesNow(at: now)
    var draft = machine
    var fence = order.fence
    if mutant != nil { fence = breakRules(&draft, order, fence, at: now) }
    let isDuplicate = fence == draft.applied
    do {
      try draft.admit(lineage)
      try draft.perform(spelt(order), fence: fence, at: clock(now))
    } catch {
      switch error {
      case .fenced, .sealed, .foreign: break
      case .refused, .notReady:
        guard commit(draft, at: now, &coverage) else { return .failed }
        book.heard(order.fence)
      }
      settle(at: now, &choices, &coverage)
      diesUnanswered(at: now, &choices, &coverage)
      return TargetAnswer(error)
    }
    guard commit(draft, at: now, &coverage) else { return .failed }
    if isDuplicate {
      book.heard(order.fence)
    } else {
      book.obeyed(order, at: now)
      note(order, before, &coverage)
    }
    if mutant == .stopsOldServersFirst, machine.incoming != nil { killStable(at: now) }
    settle(at: now, wasServing: wasServing, &choices, &coverage)
    diesUnanswered(at: now, &choices, &coverage)
    diesSoon(at: now, &choices)
    return isDuplicate ? .duplicate : .accepted
  }

  mutating func look(_ fence: UInt64, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage)
    -> TargetAnswer
  {
    guard hears(at: now, &choices, &coverage) else { return .unreachable }
    // A copy is made only of what might not be kept.
    if diskFails.contains(now), !isSealed, fence > machine.fence {
      coverage.saw(.notKept)
      return .failed
    }
    do {
      // It changes nothing that it refuses, so no copy has to be made of it.
      try machine.admit(lineage)
      try machine.observe(fence: mutant == .noFencing ? max(fence, machine.fence) : fence)
    } catch { return TargetAnswer(error) }
    if mutant != .answersBeforeSaving { save(at: now) }
    book.heard(fence)
    settleIfDue(at: now, &choices, &coverage)
    diesUnanswered(at: now, &choices, &coverage)
    return .accepted
  }

  mutating func renew(_ fence: UInt64, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage)
    -> TargetAnswer
  {
    guard hears(at: now, &choices, &coverage) else { return .unreachable }
    do {
      try machine.admit(lineage)
      if try machine.renew(fence: mutant == .noFencing ? max(fence, machine.fence) : fence, at: clock(now)) {
        book.renewed(fence, at: now)
      }
    } catch { return TargetAnswer(error) }
    settleIfDue(at: now, &choices, &coverage)
    diesUnanswered(at: now, &choices, &coverage)
    return .accepted
  }

  /// `false`: nobody is there, or not any more.
  private mutating func hears(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) -> Bool {
    guard !isDown, !diesUnheard(at: now, &choices, &coverage) else {
      coverage.saw(.unreachable)
      return false
    }
    if mutant == .answersBeforeSaving { save(at: now) }
    return true
  }

  private func spelt(_ order: SimulatedOrder) -> TargetOrder {
    switch order.kind {
    case .prepare: .prepare(.simulated(order.revision, instances: traits.instances))
    case .shift(let share): .shift(share)
    case .promote: .promote(Digest(words: (order.revision.value, 0, 0, 0)), keepWarm: traits.keepWarm)
    case .restore: .restore(order.base.map { .simulated($0, instances: traits.instances) })
    }
  }

  private func note(
    _ order: SimulatedOrder, _ before: (incoming: Bool, standby: Bool, stable: Token?), _ coverage: inout Coverage
  ) {
    switch order.kind {
    case .prepare: if before.incoming { coverage.saw(.prepareWhileIncoming) }
    case .restore:
      if before.incoming { coverage.saw(.restoreWhileIncoming) }
      if machine.incoming != nil {
        coverage.saw(.restoredCold)
        if !before.incoming, !before.standby { coverage.saw(.expiredBeforeRollback) }
      } else if let now = machine.stable?.revision.digest, Token(now) != before.stable {
        coverage.saw(.restoredWarm)
      }
    case .shift, .promote: break
    }
  }

  /// What a mutant does to the machine before it is told: the fence that it is told then.
  private func breakRules(
    _ draft: inout EndpointMachine, _ order: SimulatedOrder, _ fence: UInt64, at now: Int64
  ) -> UInt64 {
    switch mutant {
    case .noFencing: return fence < draft.fence ? draft.fence + 1 : fence
    case .duplicateApplied: return fence == draft.applied ? fence + 1 : fence
    case .sealIgnored:
      if let seal = draft.seal { try? draft.unseal(seal.id, fence: fence) }
      return fence
    case .promotesLapsedCanary:
      guard case .promote = order.kind, fence != draft.applied, draft.canary?.grant.isLive == false,
        (try? draft.perform(.shift(.all), fence: fence, at: clock(now))) != nil
      else { return fence }
      return fence + 1
    default: return fence
    }
  }

  /// A shell that makes room before what takes over is there.
  private mutating func killStable(at now: Int64) {
    for server in machine.stable?.ready ?? [] {
      guard let process = server.process else { continue }
      farm.kill(server.id, pid: process.pid, at: now)
    }
  }
}

// MARK: - By hand, and by guards

extension MachineEndpoint {
  mutating func trip(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) {
    guard !isDown else { return }
    step(at: now, &choices, &coverage) {
      $0.trip(GuardTrip(alarm: "a", reason: "b", at: Timestamp(milliseconds: 0)))
    }
  }

  mutating func revert(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) -> HandMade? {
    guard hears(at: now, &choices, &coverage) else { return nil }
    let wasServing = servesNow(at: now)
    if machine.incoming != nil { coverage.saw(.emergencyWhileIncoming) }
    let request = EmergencyRequest(id: "e\(now)", environment: "e", by: "b", reason: "r")
    var draft = machine
    guard let emergency = try? draft.revert(request, at: wall(now)) else { return HandMade(isRefused: true) }
    let restored = emergency.restored.map { Token($0) }
    if draft.incoming != nil, machine.incoming == nil { coverage.saw(.emergencyCold) }
    if mutant != .emergencyWaits {
      // Users come first: it is done whether or not it can be kept.
      if !commit(draft, at: now, &coverage) {
        coverage.saw(.emergencyNotKept)
        machine = draft
      }
      book.reverted(restoring: restored)
    }
    settle(at: now, wasServing: wasServing, &choices, &coverage)
    if table.canaryShare > .none { book.report(32, "an emergency left the canary its users") }
    if mutant == .emergencyWaits { machine = draft }
    diesUnanswered(at: now, &choices, &coverage)
    diesSoon(at: now, &choices)
    return HandMade(restored: restored)
  }

  mutating func unseal(
    fence: UInt64, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage
  ) -> Bool {
    guard hears(at: now, &choices, &coverage) else { return false }
    var draft = machine
    do {
      try draft.admit(lineage)
      try draft.unseal(draft.seal?.id ?? "", fence: fence)
    } catch { return false }
    guard commit(draft, at: now, &coverage) else { return false }
    book.unsealed(fence)
    settle(at: now, &choices, &coverage)
    diesUnanswered(at: now, &choices, &coverage)
    return true
  }
}

extension TargetAnswer {
  init(_ refusal: OrderRefusal) {
    switch refusal {
    case .fenced, .foreign: self = .fenced
    case .sealed: self = .sealed
    case .refused: self = .refused
    case .notReady: self = .throttled
    }
  }
}

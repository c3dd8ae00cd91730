import RolloutCore

/// Messages to endpoints, and what becomes of them on the way.
extension Simulation {
  mutating func look(_ fence: UInt64, _ index: Int) {
    let stage = stage(index)
    switch fate() {
    case .lost:
      respond(index, .targetFailed(.ambiguous), after: 10_000)
    case .late(let delay):
      messages.append(Message(landsAt: now + delay, content: .look(fence: fence, stage: stage)))
      respond(index, .targetFailed(.ambiguous), after: 10_000)
    case .answerLost:
      _ = raise(fence, stage)
      respond(index, .targetFailed(.ambiguous), after: 10_000)
    case .good, .twice:
      let answer = raise(fence, stage)
      guard case .accepted = answer else { return self.answer(answer, stage, index) }
      runners[index].wakesAt = now + 10
      runners[index].response = .observed(endpoints[stage].reading(at: now))
      if mutant == .trustsStatus { trust(index) }
    }
  }

  /// A look raises the fence. Alarms trip when somebody looks.
  private mutating func raise(_ fence: UInt64, _ stage: Int) -> TargetAnswer {
    let answer = endpoints[stage].look(mapped(fence), at: now, &choices, &coverage)
    watchEndpoint(stage)
    guard case .accepted = answer else { return answer }
    if due[stage].lapsesAt != never, chance(.alarms, 1, oneIn: 40) != 0 {
      endpoints[stage].trip(at: now, &choices, &coverage)
      watchEndpoint(stage)
    }
    return answer
  }

  mutating func renew(_ fence: UInt64, _ index: Int) {
    let stage = stage(index)
    switch fate() {
    case .lost: respond(index, .targetFailed(.ambiguous), after: 10_000)
    case .late(let delay):
      messages.append(Message(landsAt: now + delay, content: .renewal(fence: fence, stage: stage)))
      respond(index, .targetFailed(.ambiguous), after: 10_000)
    case .answerLost:
      _ = renewed(fence, stage)
      respond(index, .targetFailed(.ambiguous), after: 10_000)
    case .good, .twice: answer(renewed(fence, stage), stage, index, orElse: .renewedCanary)
    }
  }

  private mutating func renewed(_ fence: UInt64, _ stage: Int) -> TargetAnswer {
    let answer = endpoints[stage].renew(mapped(fence), at: now, &choices, &coverage)
    watchEndpoint(stage)
    return answer
  }

  mutating func renewBlindly(_ index: Int) {
    guard let rollout = runners[index].lane.rollout, rollout.mode == .forward else { return }
    _ = renewed(runners[index].trustsFence, rollout.position.stage)
  }

  mutating func perform(_ kind: DriverMachine.Order, _ fence: UInt64, _ index: Int) {
    guard let order = order(kind, fence, index) else { return }
    runners[index].trustsFence = max(runners[index].trustsFence, fence)
    if chance(.emptyPromises, 1, oneIn: 25) != 0 {
      coverage.saw(.emptyPromise)
      respond(index, .performed, after: 10)
      return
    }
    if case .restore = kind, chance(.slowFleets, 1, oneIn: 3) != 0 {
      // The old version does not come back: what makes people necessary.
      let answer = raise(fence, order.stage)
      guard case .accepted = answer else { return self.answer(answer, order.stage, index) }
      coverage.saw(.refused)
      respond(index, .targetFailed(.refused), after: 10)
      return
    }
    if chance(.throttling, 1, oneIn: 15) != 0 {
      coverage.saw(.throttled)
      respond(index, .targetFailed(.throttled), after: 10)
      return
    }
    switch fate() {
    case .lost: respond(index, .targetFailed(.ambiguous), after: 10_000)
    case .late(let delay):
      messages.append(Message(landsAt: now + delay, content: .order(order)))
      respond(index, .targetFailed(.ambiguous), after: 10_000)
    case .answerLost:
      _ = deliver(order)
      respond(index, .targetFailed(.ambiguous), after: 10_000)
    case .twice(let delay):
      messages.append(Message(landsAt: now + delay, content: .order(order)))
      answer(deliver(order), order.stage, index)
    case .good: answer(deliver(order), order.stage, index)
    }
  }

  /// What its sender hears of it. `performed`: what was done, if it was.
  private mutating func answer(
    _ answer: TargetAnswer, _ stage: Int, _ index: Int, orElse performed: DriverMachine.Response = .performed
  ) {
    if endpoints[stage].isDown { return respond(index, .targetFailed(.ambiguous), after: 1_000) }
    switch answer {
    case .accepted, .duplicate: respond(index, performed, after: 10)
    case .fenced, .sealed:
      coverage.saw(endpoints[stage].isSealed ? .sealed : .fenced)
      respond(index, .targetFailed(endpoints[stage].isSealed ? .sealed : .fenced), after: 10)
    case .refused:
      coverage.saw(.refused)
      respond(index, .targetFailed(.refused), after: 10)
    case .throttled: respond(index, .targetFailed(.throttled), after: 10)
    case .unreachable: respond(index, .targetFailed(.ambiguous), after: 1_000)
    case .failed: respond(index, .targetFailed(.failed), after: 10)
    }
  }

  mutating func deliver(_ original: SimulatedOrder) -> TargetAnswer {
    var order = original
    order.fence = mapped(order.fence)
    let before = endpoints[order.stage].view
    let answer = endpoints[order.stage].accept(order, at: now, &choices, &coverage)
    switch answer {
    case .accepted:
      judge(original, before)
      tempt(original)
    case .duplicate: coverage.saw(.duplicateIgnored)
    case .fenced, .refused, .throttled, .sealed, .unreachable, .failed: break
    }
    watchEndpoint(order.stage)
    return answer
  }

  mutating func land(_ content: Message.Content) {
    switch content {
    case .order(let order):
      coverage.saw(.lateMessage)
      if case .fenced = deliver(order) { coverage.saw(.lateMessageFenced) }
    case .look(let fence, let stage): _ = raise(fence, stage)
    case .renewal(let fence, let stage): _ = renewed(fence, stage)
    case .append(let batch, let expecting, let epoch, let nonce):
      if !write(batch, expecting: expecting, epoch: epoch, nonce: nonce, by: -1) { coverage.saw(.unknownForeign) }
    }
  }

  private enum Fate {
    case good, lost, answerLost
    case late(Int64), twice(Int64)
  }

  private mutating func fate() -> Fate {
    if choices.faults.isDisjoint(with: [.lostMessages, .lateMessages, .duplicates]) { return .good }
    switch chance(.lostMessages, 2, oneIn: 40) {
    case 1:
      coverage.saw(.lostMessage)
      return .lost
    case 2: return .answerLost
    default: break
    }
    if chance(.lateMessages, 1, oneIn: 40) != 0 { return .late(delay()) }
    if chance(.duplicates, 1, oneIn: 20) != 0 { return .twice(delay()) }
    return .good
  }

  private mutating func delay() -> Int64 {
    let delay = 1_000 * Int64(choices.draw(180, oneIn: 1))
    // A share that is given so late is taken away late, too: nobody who aborts can know of it.
    if delay > 120_000 { watch.hasLongWait = true }
    return delay
  }
}

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
      guard raise(fence, stage) else { return shutOut(index, stage) }
      runners[index].wakesAt = now + 10
      runners[index].response = .observed(endpoints[stage].reading(at: now))
      if mutant == .trustsStatus { trust(index) }
    }
  }

  /// A look raises the fence; `false` when it is too old. Alarms trip when somebody looks.
  private mutating func raise(_ fence: UInt64, _ stage: Int) -> Bool {
    let fence = mapped(fence)
    guard !endpoints[stage].shutsOut(fence, mutant) else { return false }
    endpoints[stage].fence = max(endpoints[stage].fence, fence)
    if endpoints[stage].lapsesAt != SimulatedEndpoint.never, chance(.alarms, 1, oneIn: 40) != 0 {
      endpoints[stage].trip()
    }
    return true
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
    case .good, .twice:
      guard renewed(fence, stage) else { return shutOut(index, stage) }
      respond(index, .renewedCanary, after: 10)
    }
  }

  private mutating func shutOut(_ index: Int, _ stage: Int) {
    coverage.saw(endpoints[stage].isSealed ? .sealed : .fenced)
    respond(index, .targetFailed(endpoints[stage].isSealed ? .sealed : .fenced), after: 10)
  }

  private mutating func renewed(_ fence: UInt64, _ stage: Int) -> Bool {
    let fence = mapped(fence)
    guard !endpoints[stage].shutsOut(fence, mutant) else { return false }
    endpoints[stage].renew(at: now)
    return true
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
      guard raise(fence, order.stage) else { return shutOut(index, order.stage) }
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

  private mutating func answer(_ answer: SimulatedEndpoint.Answer, _ stage: Int, _ index: Int) {
    switch answer {
    case .accepted, .duplicate: respond(index, .performed, after: 10)
    case .fenced, .sealed: shutOut(index, stage)
    case .refused:
      coverage.saw(.refused)
      respond(index, .targetFailed(.refused), after: 10)
    case .throttled: respond(index, .targetFailed(.throttled), after: 10)
    }
  }

  mutating func deliver(_ original: SimulatedOrder) -> SimulatedEndpoint.Answer {
    var order = original
    order.fence = mapped(order.fence)
    var readyAt = now + 8_000
    var breaksAt = SimulatedEndpoint.never
    if case .prepare = order.kind {
      switch chance(.slowFleets, 3, oneIn: 6) {
      case 1:
        coverage.saw(.slowFleet)
        readyAt = now + 1_000 * Int64(choices.draw(280, oneIn: 1))
      case 2:
        coverage.saw(.brokenFleet)
        breaksAt = now + 20_000
        readyAt = SimulatedEndpoint.never
      case 3: readyAt = SimulatedEndpoint.never
      default: break
      }
    }
    let before = endpoints[order.stage]
    let isHalf = chance(.halves, 1, oneIn: 20) != 0
    let answer = endpoints[order.stage].accept(order, at: now, readyAt: readyAt, isHalf: isHalf, mutant)
    if case .duplicate = answer { coverage.saw(.duplicateIgnored) }
    guard case .accepted = answer else { return answer }
    if isHalf { coverage.saw(.halfDone) }
    if breaksAt != SimulatedEndpoint.never { endpoints[order.stage].canary?.failsAt = breaksAt }
    judge(original, before)
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
    if faults.isDisjoint(with: [.lostMessages, .lateMessages, .duplicates]) { return .good }
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

import Logging
import RolloutCore
import RolloutEngine

/// Orders: first what they make of the endpoint is on disk, then it is so, then it is answered. What changes nothing is
/// answered at once.
extension RuntimeController {
  /// What an order makes of its endpoint, and what its sender hears.
  private struct Attempt {
    var endpoint: String
    var machine: EndpointMachine?
    var refusal: TargetError?
  }

  mutating func take(_ order: RuntimeInput, at now: TimeSpan) -> [Effect] {
    let attempt = attempt(order, at: now)
    guard let machine = attempt.machine, machine != endpoints[attempt.endpoint] else {
      return [answer(to: order, attempt.refusal, at: now)]
    }
    // From here on the endpoints are being emptied, and that must not be what is remembered.
    guard !isStopping else {
      let error = TargetError(.failed, "the runtime is stopping; start it again and repeat")
      return [answer(to: order, error, at: now)]
    }
    guard keeping.underWay == nil else {
      keeping.wait(order)
      return []
    }
    var changed = endpoints
    changed[machine.name] = machine
    return [keeping.begin(records(of: changed, at: now), for: order, at: now)]
  }

  /// Orders that came while another was on its way to the disk.
  mutating func takeWaiting(at now: TimeSpan) -> [Effect] {
    var effects: [Effect] = []
    while let order = keeping.nextWaiting() { effects += take(order, at: now) }
    return effects
  }

  /// The order whose effect is on disk is obeyed now, by the endpoint as it has become meanwhile.
  mutating func saved(_ number: Int, _ failure: String?, at now: TimeSpan) -> [Effect] {
    let failedBefore = keeping.hasFailed
    guard let (save, answers) = keeping.end(number, failure) else { return [] }
    if let failure, !failedBefore { logger.error("state not saved", metadata: ["reason": "\(failure)"]) }
    guard let order = save.order else { return answers }
    if let failure {
      let error = TargetError(.failed, "the runtime could not keep the order, so it did not take it: \(failure)")
      return answers + [answer(to: order, error, at: now)]
    }
    guard !isStopping else {
      let error = TargetError(.ambiguous, "the runtime is stopping; it will know of the order when it is started again")
      return answers + [answer(to: order, error, at: now)]
    }
    let attempt = attempt(order, at: now)
    if let machine = attempt.machine { endpoints[attempt.endpoint] = machine }
    log(order, attempt.refusal)
    return answers + [answer(to: order, attempt.refusal, at: now)]
  }

  /// Changes that nobody waits for are kept as soon as the disk allows.
  mutating func keepChanges(at now: TimeSpan) -> [Effect] {
    if let span = keeping.slowSave(at: now) {
      logger.error("the disk does not take the state", metadata: ["for": "\(span)", "path": "\(paths.state)"])
    }
    return keeping.begin(ifChanged: records(of: endpoints, at: now), at: now).map { [$0] } ?? []
  }

  func records(of machines: [String: EndpointMachine], at now: TimeSpan) -> [EndpointRecord] {
    let wall = clock.wall()
    return machines.values.map { $0.record(at: now, wall: wall) }.sorted { $0.name < $1.name }
  }
}

extension RuntimeController {
  /// No machine: nobody has told this endpoint anything yet, and this order does not either.
  private func attempt(_ order: RuntimeInput, at now: TimeSpan) -> Attempt {
    switch order {
    case .observe(let name, let fence?, _):
      return attempt(name, fence) { machine throws(OrderRefusal) in try machine.observe(fence: fence.sequence) }
    case .observe(let name, nil, _): return Attempt(endpoint: name, machine: endpoints[name])
    case .perform(_, let name, _, _) where !Self.isEndpointName(name):
      let message = "'\(name)' is not an endpoint's name: 1 to 63 letters, digits and hyphens"
      return Attempt(endpoint: name, refusal: TargetError(.failed, message))
    case .perform(let order, let name, let fence, _):
      return attempt(name, fence) { machine throws(OrderRefusal) in
        try machine.perform(order, fence: fence.sequence, at: now)
      }
    case .unseal(let id, let name, let fence, _):
      guard endpoints[name] != nil else { return Attempt(endpoint: name) }
      return attempt(name, fence) { machine throws(OrderRefusal) in try machine.unseal(id, fence: fence.sequence) }
    case .adopt(let name, let lineage, let fence, _):
      guard var machine = endpoints[name] else { return Attempt(endpoint: name) }
      do throws(OrderRefusal) {
        try machine.adopt(by: lineage, expecting: fence)
        return Attempt(endpoint: name, machine: machine)
      } catch { return Attempt(endpoint: name, refusal: error.targetError(fence: fence, endpoint: name)) }
    default: preconditionFailure("only orders are attempted")
    }
  }

  /// An order that is refused for what the endpoint is still raises its fence; one that is shut out changes nothing.
  private func attempt(
    _ name: String, _ fence: OrderFence, _ change: (inout EndpointMachine) throws(OrderRefusal) -> Void
  ) -> Attempt {
    var machine = endpoints[name] ?? EndpointMachine(name: name, policy: policy)
    do throws(OrderRefusal) {
      try machine.admit(fence.lineage)
      try change(&machine)
      return Attempt(endpoint: name, machine: machine)
    } catch {
      return Attempt(
        endpoint: name, machine: error.isShutOut ? endpoints[name] : machine,
        refusal: error.targetError(fence: fence.sequence, endpoint: name))
    }
  }

  private func answer(to order: RuntimeInput, _ refusal: TargetError?, at now: TimeSpan) -> Effect {
    let done: Result<Void, TargetError> = refusal.map { .failure($0) } ?? .success(())
    switch order {
    case .observe(let name, _, let reply):
      let machine = endpoints[name] ?? EndpointMachine(name: name, policy: policy)
      let seen = machine.observation(at: now) { readings(of: machine.title(of: $0), at: now) }
      return .answer { reply(done.map { seen }) }
    case .perform(_, _, _, let reply), .unseal(_, _, _, let reply), .adopt(_, _, _, let reply):
      return .answer { reply(done) }
    default: preconditionFailure("only orders are answered")
    }
  }

  private func log(_ order: RuntimeInput, _ refusal: TargetError?) {
    switch order {
    case .perform(let order, let name, let fence, _):
      let about: Logger.Metadata = ["endpoint": "\(name)", "fence": "\(fence.sequence)", "order": "\(order.title)"]
      guard let refusal else { return logger.info("order accepted", metadata: about) }
      // One that waits for servers is sent again every moment.
      logger.log(
        level: refusal.code == .throttled ? .debug : .notice, "order not taken",
        metadata: about.merging(["reason": "\(refusal.message)"]) { $1 })
    case .unseal(let id, let name, _, _):
      logger.notice("seal broken", metadata: ["endpoint": "\(name)", "emergency": "\(id)"])
    case .adopt(let name, let lineage, _, _):
      logger.notice("given to another journal", metadata: ["endpoint": "\(name)", "lineage": "\(lineage)"])
    default: break
    }
  }

  static func isEndpointName(_ name: String) -> Bool {
    (1...63).contains(name.utf8.count) && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
  }
}

extension OrderRefusal {
  /// It has changed nothing, not even the fence.
  fileprivate var isShutOut: Bool {
    switch self {
    case .fenced, .sealed, .foreign: true
    case .refused, .notReady: false
    }
  }

  func targetError(fence: UInt64, endpoint: String) -> TargetError {
    switch self {
    case .fenced(let seen):
      TargetError(.fenced, "\(endpoint) has seen fence \(seen), which is newer than \(fence): somebody else leads")
    case .sealed(let emergency):
      TargetError(
        .sealed,
        "\(endpoint) is sealed since \(emergency.at) by the emergency rollback \(emergency.id) of \(emergency.by)")
    case .foreign:
      TargetError(.fenced, "\(endpoint) obeys another journal; `rollout apply --adopt` gives it to this one")
    case .refused(let reason): TargetError(.refused, reason)
    case .notReady(let reason): TargetError(.throttled, reason)
    }
  }
}

extension TargetOrder {
  /// `shift to 10%`, for logs.
  var title: String {
    switch self {
    case .prepare(let revision): "prepare \(revision.content.model.title)"
    case .shift(let share): "shift to \(share)"
    case .promote(let digest, _): "promote \(digest.short)"
    case .restore(let revision?): "restore \(revision.content.model.title)"
    case .restore(nil): "restore nothing"
    }
  }
}

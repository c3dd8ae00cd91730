import Logging
import RolloutCore
import RolloutEngine
import RolloutRouter

/// Decides for every endpoint of one runtime: the one owner of all its state, fed by one stream, acting by effects.
struct RuntimeController {
  /// What is to be done outside, in this order, after a step.
  enum Effect {
    case publish(RoutingTable)
    case show(MetricsSnapshot)
    case launch(ServerLaunch)
    case drain(endpoint: String, InstanceID, backend: String)
    case signal(group: Int32, kill: Bool)
    /// An answer that must not be heard before what it promises is done.
    case answer(@Sendable () -> Void)
    /// Nothing runs any more.
    case finish
  }

  let paths: RuntimePaths
  let policy: SupervisionPolicy
  let clock: RuntimeClock
  let requests: RequestBuffer
  let logger: Logger

  var endpoints: [String: EndpointMachine] = [:]
  var gauges: [String: FleetGauge] = [:]
  /// Requests that no server took since the runtime started, by endpoint: they belong to no fleet.
  var refusals: [String: Int64] = [:]
  private let file: StateFile
  private var saved: [EndpointRecord]
  private var published = RoutingTable()
  private var sampledSecond: Int64?
  private var isStopping = false
  var loggedGrants: [String: CanaryGrant] = [:]
  private var saveHasFailed = false

  /// Takes up what the state file says.
  init(
    paths: RuntimePaths, policy: SupervisionPolicy, clock: RuntimeClock, requests: RequestBuffer, logger: Logger
  ) throws(RuntimeError) {
    self.paths = paths
    self.policy = policy
    self.clock = clock
    self.requests = requests
    self.logger = logger
    file = StateFile(path: paths.state)
    saved = try file.load()
    for record in saved {
      endpoints[record.name] = EndpointMachine(record, policy: policy, at: clock.now(), wall: clock.wall())
    }
  }

  var sortedEndpoints: [EndpointMachine] { endpoints.values.sorted { $0.name < $1.name } }

  mutating func step(_ input: RuntimeInput) -> [Effect] {
    let now = clock.now()
    var effects: [Effect] = []
    takeRequests()
    switch input {
    case .tick: break
    case .stop:
      isStopping = true
      for name in endpoints.keys.sorted() { endpoints[name]?.shutDown() }
    case .instance(let name, let id, let event):
      log(event, of: id, at: name)
      let orders = endpoints[name]?.receive(event, for: id, at: now) ?? []
      effects += self.effects(of: orders, at: name)
    case .observe(let name, let fence, let reply):
      let outcome = Result { () throws(TargetError) in try observe(name, fence: fence, at: now) }
      effects.append(.answer { reply(outcome) })
    case .perform(let order, let name, let fence, let reply):
      let outcome = Result { () throws(TargetError) in try perform(order, on: name, fence: fence, at: now) }
      effects.append(.answer { reply(outcome) })
    case .renew(let name, let fence, let reply):
      let outcome = Result { () throws(TargetError) in try renew(name, fence: fence, at: now) }
      effects.append(.answer { reply(outcome) })
    case .revert(let request, let name, let reply):
      let outcome = Result { () throws(TargetError) in try revert(request, name, at: now) }
      effects.append(.answer { reply(outcome) })
    case .unseal(let id, let name, let fence, let reply):
      let outcome = Result { () throws(TargetError) in try unseal(id, name, fence: fence, at: now) }
      effects.append(.answer { reply(outcome) })
    case .adopt(let name, let lineage, let fence, let reply):
      let outcome = Result { () throws(TargetError) in try adopt(name, by: lineage, expecting: fence, at: now) }
      effects.append(.answer { reply(outcome) })
    case .served(let name, let reply):
      let revision = endpoints[name]?.stable?.revision
      effects.append(.answer { reply(.success(ControlMessages.Served(revision: revision))) })
    case .status(let reply):
      let status = sortedEndpoints.map { self.status(of: $0, at: now) }
      effects.append(.answer { reply(.success(status)) })
    case .metrics(let name, let reply):
      let reports = sortedEndpoints.filter { name == nil || $0.name == name }.flatMap { self.reports(of: $0, at: now) }
      effects.append(.answer { reply(.success(reports)) })
    }
    return settle(at: now) + effects
  }

  /// What users get as things are: every endpoint there is, whether or not anything of it is ready.
  var table: RoutingTable { RoutingTable(sortedEndpoints.compactMap(\.route)) }

  /// Lets time pass for every endpoint and says what must be done about it.
  private mutating func settle(at now: TimeSpan) -> [Effect] {
    var effects: [Effect] = []
    if sampledSecond != now.wholeSecond, !isStopping {
      sampledSecond = now.wholeSecond
      measure(at: now)
      effects.append(.show(snapshot(at: now)))
    }
    for name in endpoints.keys.sorted() {
      let orders = endpoints[name]?.advance(to: now, wall: clock.wall()) ?? []
      effects += self.effects(of: orders, at: name)
    }
    logGrants()
    if isStopping {
      // The router has closed, and the state is to say what was served, not that nothing is any more.
      if endpoints.values.allSatisfy(\.fleets.isEmpty) { effects.append(.finish) }
      return effects
    }
    makeGauges()
    saveIfChanged(at: now)
    let table = table
    guard table != published else { return effects }
    published = table
    recordInstances(at: now)
    return [.publish(table)] + effects
  }
}

// MARK: - Orders

extension RuntimeController {
  private mutating func observe(
    _ name: String, fence: OrderFence?, at now: TimeSpan
  ) throws(TargetError) -> EndpointObservation {
    var machine = endpoints[name] ?? EndpointMachine(name: name, policy: policy)
    if let fence {
      do {
        try machine.admit(fence.lineage)
        try machine.observe(fence: fence.sequence)
      } catch { throw error.targetError(fence: fence.sequence, endpoint: name) }
      if machine != endpoints[name] { try commit(machine, at: now) }
    }
    return machine.observation(at: now) { readings(of: machine.title(of: $0), at: now) }
  }

  private mutating func perform(
    _ order: TargetOrder, on name: String, fence: OrderFence, at now: TimeSpan
  ) throws(TargetError) {
    guard Self.isEndpointName(name) else {
      throw TargetError(.failed, "'\(name)' is not an endpoint's name: 1 to 63 letters, digits and hyphens")
    }
    var machine = endpoints[name] ?? EndpointMachine(name: name, policy: policy)
    do {
      try machine.admit(fence.lineage)
      try machine.perform(order, fence: fence.sequence, at: now)
    } catch {
      // The fence it came with counts from now on, so it must outlive this process like that of an accepted order.
      if machine != endpoints[name], !error.isShutOut { try commit(machine, at: now) }
      // One that waits for servers is sent again every moment.
      logger.log(
        level: error.isNotReady ? .debug : .notice, "order not taken",
        metadata: ["endpoint": "\(name)", "fence": "\(fence.sequence)", "reason": "\(error)"])
      throw error.targetError(fence: fence.sequence, endpoint: name)
    }
    try commit(machine, at: now)
    logger.info(
      "order accepted", metadata: ["endpoint": "\(name)", "fence": "\(fence.sequence)", "order": "\(order.title)"])
  }

  private mutating func renew(_ name: String, fence: OrderFence, at now: TimeSpan) throws(TargetError) -> Bool {
    guard var machine = endpoints[name] else { return false }
    do {
      try machine.admit(fence.lineage)
      let isLive = try machine.renew(fence: fence.sequence, at: now)
      endpoints[name] = machine
      return isLive
    } catch {
      throw error.targetError(fence: fence.sequence, endpoint: name)
    }
  }

  /// What was promised is on disk before it is answered, and before anything follows from it.
  mutating func commit(_ machine: EndpointMachine, at now: TimeSpan) throws(TargetError) {
    // From here on the endpoints are being emptied, and that must not be what is remembered.
    guard !isStopping else { throw TargetError(.failed, "the runtime is stopping; start it again and repeat") }
    var changed = endpoints
    changed[machine.name] = machine
    let records = records(of: changed, at: now)
    do {
      try file.save(records)
    } catch {
      throw TargetError(.failed, "the runtime could not keep the order, so it did not take it: \(error)")
    }
    saved = records
    endpoints = changed
  }

  /// Changes that nobody waits for, a trip or a new size: kept as soon as the disk allows.
  private mutating func saveIfChanged(at now: TimeSpan) {
    let records = records(of: endpoints, at: now)
    guard !saved.isSame(as: records) else { return }
    do {
      try file.save(records)
      saved = records
      saveHasFailed = false
    } catch {
      if !saveHasFailed { logger.error("state not saved", metadata: ["reason": "\(error)"]) }
      saveHasFailed = true
    }
  }

  private func records(of machines: [String: EndpointMachine], at now: TimeSpan) -> [EndpointRecord] {
    let wall = clock.wall()
    return machines.values.map { $0.record(at: now, wall: wall) }.sorted { $0.name < $1.name }
  }

  static func isEndpointName(_ name: String) -> Bool {
    (1...63).contains(name.utf8.count) && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
  }
}

extension [EndpointRecord] {
  /// Equal but for the wall times of standby fleets, which two clocks never agree on to the millisecond.
  fileprivate func isSame(as other: [EndpointRecord]) -> Bool {
    func timeless(_ records: [EndpointRecord]) -> [EndpointRecord] {
      records.map { record in
        var record = record
        record.standby?.until = Timestamp(milliseconds: 0)
        return record
      }
    }
    return timeless(self) == timeless(other)
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
  fileprivate var isNotReady: Bool { if case .notReady = self { true } else { false } }

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

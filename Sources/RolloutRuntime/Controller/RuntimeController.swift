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
    /// Write this to disk, and come back with `saved`.
    case save([EndpointRecord], number: Int)
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
  var keeping: StateKeeping
  private var published = RoutingTable()
  private var sampledSecond: Int64?
  private(set) var isStopping = false
  var loggedGrants: [String: CanaryGrant] = [:]

  /// Takes up what the state file says.
  init(
    paths: RuntimePaths, policy: SupervisionPolicy, clock: RuntimeClock, requests: RequestBuffer, logger: Logger
  ) throws(RuntimeError) {
    self.paths = paths
    self.policy = policy
    self.clock = clock
    self.requests = requests
    self.logger = logger
    let records = try StateFile(path: paths.state).load()
    keeping = StateKeeping(saved: records)
    for record in records {
      endpoints[record.name] = EndpointMachine(record, policy: policy, at: clock.now(), wall: clock.wall())
    }
  }

  var sortedEndpoints: [EndpointMachine] { endpoints.values.sorted { $0.name < $1.name } }

  mutating func step(_ input: RuntimeInput) -> [Effect] {
    let now = clock.now()
    var effects: [Effect] = []
    takeRequests()
    switch input {
    case .tick: effects += keeping.tick(at: now)
    case .stop:
      isStopping = true
      for name in endpoints.keys.sorted() { endpoints[name]?.shutDown() }
    case .instance(let name, let id, let event):
      log(event, of: id, at: name)
      let orders = endpoints[name]?.receive(event, for: id, at: now) ?? []
      effects += self.effects(of: orders, at: name)
    case .saved(let number, let failure):
      effects += saved(number, failure, at: now)
      effects += takeWaiting(at: now)
    case .observe, .perform, .unseal, .adopt:
      effects += take(input, at: now)
    case .renew(let name, let fence, let reply):
      let outcome = renew(name, fence: fence, at: now)
      effects.append(.answer { reply(outcome) })
    case .revert(let request, let name, let reply):
      effects += revert(request, name, reply, at: now)
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

  /// A share is a lease, which no restart survives: there is nothing to keep.
  private mutating func renew(_ name: String, fence: OrderFence, at now: TimeSpan) -> Result<Bool, TargetError> {
    guard var machine = endpoints[name] else { return .success(false) }
    do throws(OrderRefusal) {
      try machine.admit(fence.lineage)
      let isLive = try machine.renew(fence: fence.sequence, at: now)
      endpoints[name] = machine
      return .success(isLive)
    } catch { return .failure(error.targetError(fence: fence.sequence, endpoint: name)) }
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
      if endpoints.values.allSatisfy(\.fleets.isEmpty), keeping.underWay == nil { effects.append(.finish) }
      return effects
    }
    makeGauges()
    effects += keepChanges(at: now)
    let table = table
    guard table != published else { return effects }
    published = table
    recordInstances(at: now)
    return [.publish(table)] + effects
  }
}

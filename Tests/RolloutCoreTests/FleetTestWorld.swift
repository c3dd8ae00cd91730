import RolloutCore

/// An endpoint whose model servers do what a test says, at a time that a test moves.
struct FleetTestWorld {
  var machine = EndpointMachine(name: "eye")
  private(set) var now = TimeSpan.zero
  private(set) var done: [InstanceOrder] = []
  private var nextPID: Int32 = 100
  /// Servers of these model versions start, but never pass a health check.
  var unhealthyVersions: Set<Int> = []

  var wall: Timestamp { Timestamp(milliseconds: 1_000_000 + now.milliseconds) }

  mutating func perform(_ order: TargetOrder, fence: UInt64) throws {
    try machine.perform(order, fence: fence, at: now)
    settle()
  }

  mutating func pass(_ span: TimeSpan) {
    now = now + span
    settle()
  }

  /// Until what is on its way, or serves, has given up.
  mutating func passUntilFailure() {
    for _ in 0..<100 where observation.standby?.failure ?? observation.stable?.failure == nil { pass(.seconds(30)) }
  }

  mutating func receive(_ event: InstanceEvent, for id: InstanceID) {
    obey(machine.receive(event, for: id, at: now))
    settle()
  }

  /// Lets the machine act until it has nothing more to do at this moment.
  mutating func settle() {
    while true {
      let orders = machine.advance(to: now, wall: wall)
      if orders.isEmpty { return }
      obey(orders)
    }
  }

  /// The canary at a share, with a ready fleet and a live lease.
  mutating func bake(_ revision: Revision, at share: Percent, fence: UInt64) throws {
    try perform(.prepare(revision), fence: fence)
    try perform(.shift(share), fence: fence + 1)
  }

  /// A stable fleet of this revision, brought there by orders.
  mutating func serve(_ revision: Revision, fence: UInt64 = 1, keepWarm: TimeSpan = .zero) throws {
    try bake(revision, at: .all, fence: fence)
    try perform(.promote(revision.digest, keepWarm: keepWarm), fence: fence + 2)
  }

  func readings(_: Int) -> (alarms: [AlarmReading], traffic: TrafficReading) { ([], TrafficReading()) }

  var observation: EndpointObservation { machine.observation(at: now, readings: readings) }

  private mutating func obey(_ orders: [InstanceOrder]) {
    for order in orders {
      done.append(order)
      let id = order.instance
      guard let fleet = machine.fleet(id.fleet) else { continue }
      let pid = fleet.instances.first { $0.id == id }?.process?.pid ?? 0
      switch order.action {
      case .launch:
        nextPID += 1
        obey(machine.receive(.started(ServerProcess(pid: nextPID, port: 9_000)), for: id, at: now))
        if !unhealthyVersions.contains(fleet.revision.content.model.version) {
          obey(machine.receive(.healthPassed(pid: nextPID), for: id, at: now))
        }
      case .drain: obey(machine.receive(.drained, for: id, at: now))
      case .terminate, .kill:
        precondition(pid > 0, "only a running server can be stopped")
        obey(machine.receive(.exited(status: "was killed by signal 9", lastLines: "bye"), for: id, at: now))
      }
    }
  }
}

extension Revision {
  /// A revision told apart by its model version.
  static func sample(
    _ version: Int, instances: Int = 1, lease: TimeSpan = .seconds(30), startupTimeout: TimeSpan = .minutes(4)
  ) -> Revision {
    let hex = String(repeating: "0", count: 62) + (version < 10 ? "0\(version)" : "\(version)")
    guard let digest = Digest(hex: hex) else { preconditionFailure("64 digits are a digest") }
    let model = DeployedModel(
      group: "eye-catcher", version: version, digest: digest, variant: "full", metrics: [:], sizeBytes: 1,
      registryPath: "/registry")
    return Revision(
      digest: digest,
      content: Content(
        model: model, serve: ServeSpec(command: ["serve"]), endpoint: EndpointSpec(name: "eye", instances: instances),
        template: EndpointTemplate(startupTimeout: startupTimeout, lease: lease), alarms: [], autoscaling: nil))
  }
}

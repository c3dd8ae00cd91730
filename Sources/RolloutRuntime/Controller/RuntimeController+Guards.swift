import Logging
import RolloutCore

extension RuntimeController {
  /// Puts what the router saw with the fleets it was about.
  mutating func takeRequests() {
    let measured = requests.take()
    for timed in measured.records { gauges[timed.record.fleet]?.record(timed.record, at: timed.second) }
    refusals.merge(measured.refusals, uniquingKeysWith: +)
    if measured.lost > 0 { logger.error("requests not counted", metadata: ["count": "\(measured.lost)"]) }
  }

  /// Once a second: usage, alarms, guards and scaling of every fleet.
  mutating func measure(at now: TimeSpan) {
    recordInstances(at: now)
    let ready = sortedEndpoints.flatMap { machine in
      machine.fleets.flatMap { fleet in fleet.ready.compactMap { $0.process?.pid } }
    }
    let usage = ProcessUsage.ofGroups(Set(ready))
    for machine in sortedEndpoints {
      for fleet in machine.fleets {
        let title = machine.title(of: fleet.id)
        let own = Set(fleet.ready.compactMap { $0.process?.pid })
        gauges[title]?.sample(
          usage.filter { own.contains($0.key) }, cores: fleet.revision.content.serve.cores, at: now)
        judge(fleet, of: machine, at: now)
      }
    }
  }

  private mutating func judge(_ fleet: FleetMachine, of machine: EndpointMachine, at now: TimeSpan) {
    let title = machine.title(of: fleet.id)
    let role = machine.role(of: fleet.id)
    guard role == .stable || role == .canary else { return }
    if let trip = gauges[title]?.evaluateAlarms(at: now, wall: clock.wall()), role == .canary {
      endpoints[machine.name]?.trip(trip)
    }
    let decision = gauges[title]?.decideScale(from: fleet.desired, at: now, isDeploying: machine.canary != nil)
    if case .scale(let count, let reason) = decision {
      endpoints[machine.name]?.scale(fleet.id, to: count)
      logger.info(
        "scaled",
        metadata: ["fleet": "\(title)", "from": "\(fleet.desired)", "to": "\(count)", "reason": "\(reason)"])
    }
  }

  /// A request counts 1/n for each of n ready instances, from the moment their number changes.
  mutating func recordInstances(at now: TimeSpan) {
    for machine in sortedEndpoints {
      for fleet in machine.fleets {
        gauges[machine.title(of: fleet.id)]?.recordInstances(fleet.readyCount, at: now.wholeSecond)
      }
    }
  }

  /// One gauge per fleet that exists.
  mutating func makeGauges() {
    var kept: [String: FleetGauge] = [:]
    for machine in sortedEndpoints {
      for fleet in machine.fleets {
        let title = machine.title(of: fleet.id)
        kept[title] = gauges[title] ?? FleetGauge(fleet.revision.content)
      }
    }
    gauges = kept
  }

  func readings(of title: String, at now: TimeSpan) -> (alarms: [AlarmReading], traffic: TrafficReading) {
    gauges[title]?.readings(at: now) ?? ([], TrafficReading())
  }
}

// MARK: - What is shown

extension RuntimeController {
  func status(of machine: EndpointMachine, at now: TimeSpan) -> EndpointStatus {
    EndpointStatus(
      name: machine.name,
      observation: machine.observation(at: now) { readings(of: machine.title(of: $0), at: now) },
      instances: machine.fleets.flatMap { fleet in
        fleet.instances.map { instance in
          InstanceStatus(
            id: "\(machine.name)/\(instance.id)", role: machine.role(of: fleet.id),
            version: fleet.revision.content.model.version, state: instance.state.title, pid: instance.process?.pid,
            port: instance.process?.port, restarts: instance.restarts,
            log: paths.log(endpoint: machine.name, instance: instance.id))
        }
      })
  }

  func reports(of machine: EndpointMachine, at now: TimeSpan) -> [FleetReport] {
    machine.fleets.compactMap { fleet in
      guard let role = machine.role(of: fleet.id), let gauge = gauges[machine.title(of: fleet.id)] else { return nil }
      let (alarms, traffic) = gauge.readings(at: now)
      return FleetReport(
        endpoint: machine.name, role: role, revision: fleet.revision.digest,
        version: fleet.revision.content.model.version, traffic: traffic, alarms: alarms,
        lastMinute: MetricName.allCases.compactMap {
          FleetReport.Datapoints($0, gauge.metrics, at: now.wholeSecond)
        })
    }
  }
}

// MARK: - What is done

extension RuntimeController {
  func effects(of orders: [InstanceOrder], at endpoint: String) -> [Effect] {
    orders.compactMap { order in
      guard let machine = endpoints[endpoint], let fleet = machine.fleet(order.instance.fleet),
        let instance = fleet.instances.first(where: { $0.id == order.instance })
      else { preconditionFailure("an order is about an instance that exists") }
      switch order.action {
      case .launch:
        return .launch(
          ServerLaunch(
            root: paths.root, endpoint: endpoint, instance: order.instance, content: fleet.revision.content,
            log: ServerLog(path: paths.log(endpoint: endpoint, instance: order.instance))))
      case .drain:
        guard let backend = machine.backend(instance, of: fleet) else {
          preconditionFailure("only a server that was ready is drained")
        }
        return .drain(endpoint: endpoint, order.instance, backend: backend.id)
      case .terminate, .kill:
        guard let process = instance.process else { preconditionFailure("only a running server is stopped") }
        return .signal(group: process.pid, kill: order.action == .kill)
      }
    }
  }

  /// Says once that a canary lost its share, and why: nobody ordered that.
  mutating func logGrants() {
    for machine in sortedEndpoints {
      guard let grant = machine.canary?.grant, grant != loggedGrants[machine.name] else { continue }
      switch grant {
      case .tripped(let trip):
        logger.warning(
          "canary taken back",
          metadata: ["endpoint": "\(machine.name)", "alarm": "\(trip.alarm)", "reason": "\(trip.reason)"])
      case .lapsed: logger.notice("canary lease lapsed", metadata: ["endpoint": "\(machine.name)"])
      case .none, .live: break
      }
    }
    loggedGrants = endpoints.compactMapValues { $0.canary?.grant }
  }

  func log(_ event: InstanceEvent, of id: InstanceID, at endpoint: String) {
    let instance: Logger.MetadataValue = "\(endpoint)/\(id)"
    switch event {
    case .started(let process):
      logger.info(
        "model server started",
        metadata: ["instance": instance, "pid": "\(process.pid)", "port": "\(process.port)"])
    case .launchFailed(let reason):
      logger.error("model server not started", metadata: ["instance": instance, "reason": "\(reason)"])
    case .exited(let status, _): logger.info("model server \(status)", metadata: ["instance": instance])
    case .healthPassed, .healthFailed, .drained: break
    }
  }
}

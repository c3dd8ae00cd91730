import RolloutCore

/// A whole world for a driver, in memory and by hand: one journal, one endpoint per environment, one clock. It follows
/// the target's contract (fences, leases, post-conditions); everything else is said by the test.
struct World {
  struct Endpoint {
    var fence: UInt64 = 0
    var stable: Digest?
    var standby: Digest?
    var canary: Digest?
    var share = Percent.none
    var shareSince = Timestamp(milliseconds: 0)
    var renewedAt = Timestamp(milliseconds: 0)
    var leaseIsLive = false
    var trip: GuardTrip?
    var failure: String?
    var isReady = true
    /// Every share that reached users, in order.
    var shares: [Percent] = []
  }

  var now = Timestamp(milliseconds: 1_000_000)
  var entries: [Entry] = []
  var deadEpochs: Set<UInt64> = []
  var endpoints: [String: Endpoint] = [:]
  var models: [Digest: DeployedModel] = [:]
  var passes: (Driver.Proof) -> Bool = { _ in true }
  /// Called after every request was carried out: where a test makes things happen.
  var afterRequest: (inout World, Driver.Request) -> Void = { _, _ in }
  var ttl = TimeSpan.seconds(30)

  private(set) var state = LaneState()

  @discardableResult
  mutating func write(_ events: Event..., by name: String = "maria", epoch: UInt64? = nil) -> Refusal? {
    var state = state
    for event in events {
      let entry = Entry(
        sequence: state.sequence + 1, at: now, actor: Fixture.actor(name), epoch: event.needsLease ? epoch : nil,
        event: event)
      do { try state.apply(entry) } catch { return error }
      entries.append(entry)
      self.state = state
    }
    return nil
  }

  /// Runs a driver until it ends, or dies after `limit` requests.
  mutating func run(_ driver: inout Driver, dyingAfter limit: Int = 20_000) -> Driver.Ending? {
    var request = driver.resume(.begin, at: now)
    for _ in 0..<limit {
      if case .finish(let ending) = request { return ending }
      let response = carryOut(request, for: driver)
      afterRequest(&self, request)
      request = driver.resume(response, at: now)
    }
    if let epoch = driver.epochForTests { deadEpochs.insert(epoch) }
    return nil
  }

  mutating func carryOut(_ request: Driver.Request, for driver: Driver) -> Driver.Response {
    switch request {
    case .read(let sequence): return .entries(entries.filter { $0.sequence > sequence })
    case .lookAtLease(let epoch): return .lease(isLive: !deadEpochs.contains(epoch))
    case .append(let events, let expecting, let epoch, let nonce):
      guard expecting == UInt64(entries.count) else { return .conflict }
      var state = state
      var added: [Entry] = []
      for event in events {
        let entry = Entry(
          sequence: state.sequence + 1, at: now, actor: driver.actor, epoch: event.needsLease ? epoch : nil,
          nonce: nonce, event: event)
        do { try state.apply(entry) } catch { fatalError("\(driver.actor.name) wrote \(event): \(error)") }
        added.append(entry)
      }
      entries += added
      self.state = state
      return .appended(added)
    case .renewLease(let epoch): return .renewedLease(state.lease?.epoch == epoch)
    case .observe(let name, let fence):
      let before = endpoints[name, default: Endpoint()]
      guard fence >= before.fence else { return .targetFailed(.fenced, "fence \(fence) < \(before.fence)") }
      endpoints[name, default: Endpoint()].fence = fence
      lapse(name)
      return .observed(observation(of: name))
    case .perform(let order, let name, let fence): return perform(order, name, fence)
    case .renewCanary(let name, let fence):
      guard fence >= endpoints[name, default: Endpoint()].fence else { return .targetFailed(.fenced, "") }
      lapse(name)
      if endpoints[name]?.leaseIsLive == true { endpoints[name]?.renewedAt = now }
      return .renewedCanary(endpoints[name]?.leaseIsLive ?? false)
    case .prove(let proof):
      let digest = Fixture.digest("evidence \(entries.count)")
      let kind: Evidence.Kind = if case .verify = proof.kind { .verification } else { .smoke }
      return .proved(
        Evidence(
          environment: proof.stage.environment, kind: kind, passed: passes(proof), summary: "as told",
          digest: digest, root: Fixture.digest("root \(entries.count)")))
    case .wait(let span):
      now = now + span
      return .waited
    case .finish: fatalError("the end is not carried out")
    }
  }

  mutating func lapse(_ name: String) {
    guard let endpoint = endpoints[name], endpoint.leaseIsLive, now - endpoint.renewedAt > ttl else { return }
    endpoints[name]?.leaseIsLive = false
    endpoints[name]?.share = .none
  }

  private mutating func perform(_ order: TargetOrder, _ name: String, _ fence: UInt64) -> Driver.Response {
    var endpoint = endpoints[name, default: Endpoint()]
    guard fence >= endpoint.fence else { return .targetFailed(.fenced, "fence \(fence) < \(endpoint.fence)") }
    endpoint.fence = fence
    switch order {
    case .prepare(let revision):
      endpoint.canary = revision.digest
      (endpoint.share, endpoint.leaseIsLive, endpoint.trip) = (.none, false, nil)
    case .shift(let share):
      guard endpoint.canary != nil, endpoint.trip == nil, endpoint.isReady else {
        return .targetFailed(.refused, "no ready canary")
      }
      (endpoint.share, endpoint.leaseIsLive) = (share, true)
      (endpoint.shareSince, endpoint.renewedAt) = (now, now)
      endpoint.shares.append(share)
    case .promote(let digest, _):
      guard endpoint.canary == digest, endpoint.leaseIsLive, endpoint.trip == nil else {
        return .targetFailed(.refused, "no live canary")
      }
      (endpoint.standby, endpoint.stable) = (endpoint.stable, digest)
      (endpoint.canary, endpoint.share, endpoint.leaseIsLive) = (nil, .none, false)
    case .restore(let revision):
      endpoint.stable = revision?.digest
      (endpoint.canary, endpoint.share, endpoint.leaseIsLive, endpoint.trip) = (nil, .none, false, nil)
    }
    endpoints[name] = endpoint
    return .performed
  }

  private func observation(of name: String) -> EndpointObservation {
    let endpoint = endpoints[name, default: Endpoint()]
    func fleet(_ digest: Digest) -> FleetObservation {
      FleetObservation(
        revision: digest, model: Fixture.revision(1).content.model, desired: 1, ready: endpoint.isReady ? 1 : 0,
        failure: endpoint.failure)
    }
    let baked = endpoint.leaseIsLive ? now - endpoint.shareSince : .zero
    return EndpointObservation(
      fence: endpoint.fence, stable: endpoint.stable.map(fleet),
      canary: endpoint.canary.map {
        CanaryObservation(
          fleet: fleet($0), share: endpoint.share, leaseIsLive: endpoint.leaseIsLive, baked: baked,
          trip: endpoint.trip)
      },
      standby: endpoint.standby.map(fleet))
  }
}

enum Fixture {
  static func actor(_ name: String) -> Actor {
    Actor(name: name, kind: .command, host: "here", pid: 1, version: "test")
  }

  /// A stand-in for a hash: different texts give different digests, and nothing else is asked of it here.
  static func digest(_ text: String) -> Digest {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    var hex = ""
    for round in 0..<4 {
      let part = String(state &+ UInt64(round) &* 0x9e37_79b9_7f4a_7c15, radix: 16)
      hex += String(repeating: "0", count: 16 - part.count) + part
    }
    guard let digest = Digest(hex: hex) else { fatalError("64 digits") }
    return digest
  }

  static func revision(_ version: Int) -> Revision {
    let model = DeployedModel(
      group: "eye-catcher", version: version, digest: digest("model \(version)"), variant: "full",
      metrics: ["accuracy": 0.6], sizeBytes: 1, registryPath: "/registry")
    return Revision(
      digest: digest("revision \(version)"),
      content: .init(
        model: model, serve: ServeSpec(command: ["serve"]), endpoint: EndpointSpec(name: "eye-prod"),
        template: EndpointTemplate(), alarms: [], autoscaling: nil))
  }

  static let plan = digest("plan")

  /// staging: all at once; production: approval, 10 %, 50 %, 100 %.
  static func program(_ version: Int, over base: Int?) -> Program {
    let staging = Program.Stage(
      environment: "staging", endpoint: "eye-staging", revision: revision(version), base: base.map(revision),
      steps: [
        .verify, .prepare(within: .minutes(5)), .smoke(suites: []), .shift(.all), .promote(keepWarm: .hours(1)),
      ])
    let ladder = [10.0, 50, 100].flatMap { share -> [Program.Step] in
      [.shift(Percent(share) ?? .none), .bake(.seconds(20))]
    }
    let production = Program.Stage(
      environment: "production", endpoint: "eye-prod", revision: revision(version), base: base.map(revision),
      approval: ApprovalPolicy(approvers: ["maria", "omar"], minimum: 1),
      steps: [.verify, .approve, .prepare(within: .minutes(5)), .smoke(suites: [])] + ladder
        + [.promote(keepWarm: .hours(1))])
    return Program(stages: [staging, production])
  }

  /// A service with version 1 live in both environments and a rollout to version 2 just started by `ci`.
  static func world() -> World {
    var world = World()
    world.write(.laneCreated(service: "eye-catcher", lineage: "l"), by: "ci")
    world.write(.rolloutStarted(id: "r1", plan: plan, program: program(1, over: nil)), by: "ci")
    world.approveWhenAsked(by: "maria")
    var driver = Driver(actor: actor("ci"), role: .drive(waitsAtGates: true))
    guard world.run(&driver) == .done(.promoted) else { fatalError("version 1 does not go live") }
    world.afterRequest = { _, _ in }
    world.endpoints["eye-prod"]?.shares = []
    world.write(.rolloutStarted(id: "r2", plan: plan, program: program(2, over: 1)), by: "ci")
    return world
  }
}

extension World {
  mutating func approveWhenAsked(by name: String) {
    afterRequest = { world, _ in
      guard let approval = world.pendingApproval(by: name), let gate = world.state.liveRollout?.gate,
        gate.approvals.isEmpty, gate.denial == nil
      else { return }
      _ = world.write(.approvalGranted(approval), by: name)
    }
  }

  func pendingApproval(by name: String) -> Approval? {
    guard let rollout = state.liveRollout, let gate = rollout.gate, let plan = rollout.plan else { return nil }
    return Approval(
      rollout: rollout.id, gate: gate.position, plan: plan, evidenceRoot: gate.evidenceRoot, by: name)
  }
}

extension Driver {
  init(actor: Actor, role: Role, state: LaneState = LaneState()) {
    self.init(actor: actor, role: role, state: state, seed: Fixture.digest("\(actor.name) \(state.sequence)").words.0)
  }

  /// The lease this driver held when it died.
  var epochForTests: UInt64? { state.lease.flatMap { $0.holder == actor ? $0.epoch : nil } }
}

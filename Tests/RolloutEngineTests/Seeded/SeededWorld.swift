import RolloutCore
import RolloutDigest
import RolloutEngine
import Synchronization

/// Journal, target, prover and registry in memory, all of them late by the virtual clock, and sometimes without an answer.
/// One lock, one stream of chance.
final class SeededWorld: Sendable {
  struct Endpoint {
    var fence: UInt64 = 0
    var applied: UInt64 = 0
    var stable: Digest?
    var canary: Digest?
    var share = Percent.none
    var isGranted = false
    var renewedAt = Timestamp(milliseconds: 0)
    var since = Timestamp(milliseconds: 0)
  }

  struct State {
    var entries: [Entry] = []
    var lane = LaneState()
    var blobs: [Digest: [UInt8]] = [:]
    var leaseRenewedAt = Timestamp(milliseconds: 0)
    var deadEpochs: Set<UInt64> = []
    var endpoint = Endpoint()
    var random: SplitMix
    var isKind = false
    var violations: [String] = []
    var mishaps: Set<String> = []
  }

  let clock: VirtualClock
  let state: Mutex<State>
  let package: ModelPackage
  let old: Revision
  let new: Revision
  static let ttl = TimeSpan.seconds(30)

  init(seed: UInt64, clock: VirtualClock) throws {
    self.clock = clock
    let approval = ModelApproval(status: .approved, at: Timestamp(milliseconds: 0), by: "omar")
    package = ModelPackage(
      group: "eye", version: 2, digest: Digest(of: "model 2"), serve: ServeSpec(command: ["serve"]), metrics: [:],
      sizeBytes: 1, registeredAt: Timestamp(milliseconds: 0), registeredBy: "ci", approval: approval)
    (old, new) = (try Self.revision(1), try Self.revision(2))
    state = Mutex(State(random: SplitMix(state: seed)))
    let stage = Program.Stage(
      environment: "production", endpoint: "eye-prod", revision: new, base: old,
      approval: ApprovalPolicy(approvers: ["maria"]),
      steps: [
        .verify, .approve, .prepare(within: .minutes(5)), .smoke(suites: []), .shift(Percent(10) ?? .none),
        .bake(.seconds(20)), .shift(.all), .bake(.seconds(20)), .promote(keepWarm: .hours(1)),
      ])
    try state.withLock { state in
      state.endpoint.stable = old.digest
      for event in [
        Event.laneCreated(service: "eye", lineage: "l"),
        .rolloutStarted(id: "r1", plan: Digest(of: "plan"), program: Program(stages: [stage])),
      ] { try Self.add([event], by: Self.actor("ci"), epoch: nil, nonce: nil, at: Timestamp(milliseconds: 0), &state) }
    }
  }

  static func actor(_ name: String) -> Actor {
    Actor(name: name, kind: .command, host: "here", pid: 1, version: "test")
  }

  static func revision(_ version: Int) throws -> Revision {
    let model = DeployedModel(
      group: "eye", version: version, digest: Digest(of: "model \(version)"), variant: "full", metrics: [:],
      sizeBytes: 1, registryPath: "/r")
    let content = Revision.Content(
      model: model, serve: ServeSpec(command: ["serve"]), endpoint: EndpointSpec(name: "eye-prod"),
      template: EndpointTemplate(), alarms: [], autoscaling: nil)
    return Revision(digest: try CanonicalJSON.digest(content), content: content)
  }

  var time: Timestamp { Timestamp(milliseconds: clock.now.offset.components.seconds * 1_000) }

  fileprivate static func add(
    _ events: [Event], by actor: Actor, epoch: UInt64?, nonce: UInt64?, at now: Timestamp, _ state: inout State
  ) throws {
    for event in events {
      let entry = Entry(
        sequence: state.lane.sequence + 1, at: now, actor: actor, epoch: event.needsLease ? epoch : nil, nonce: nonce,
        event: event)
      try state.lane.apply(entry)
      state.entries.append(entry)
    }
  }

  /// Something takes its time, and then may go wrong in one of `ways`; 0: it does not.
  func delay(_ name: String, ways: Int, oneIn rarity: UInt64) async -> Int {
    let span = state.withLock { $0.random.next() % 400 }
    try? await clock.sleep(for: .milliseconds(Int64(span)))
    return state.withLock { state in
      guard !state.isKind, state.random.next() % rarity == 0 else { return 0 }
      let way = 1 + Int(state.random.next() % UInt64(ways))
      state.mishaps.insert("\(name) \(way)")
      return way
    }
  }

  /// What a person writes, at once and again until it is in or may not be.
  func write(_ event: Event, by name: String) -> Bool {
    state.withLock { state in
      do {
        try Self.add([event], by: Self.actor(name), epoch: nil, nonce: nil, at: time, &state)
        return true
      } catch { return false }
    }
  }
}

extension SeededWorld: Journal {
  func entries(after sequence: UInt64) async throws(JournalError) -> [Entry] {
    if await delay("read", ways: 1, oneIn: 60) == 1 { throw JournalError(.storageUnavailable, "the disk is away") }
    return state.withLock { $0.entries.filter { $0.sequence > sequence } }
  }

  func append(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, nonce: UInt64, at now: Timestamp
  ) async throws(JournalError) -> [Entry] {
    let way = await delay("append", ways: 2, oneIn: 20)
    if way == 1 { throw JournalError(.unknown, "lost") }
    let added: [Entry]? = state.withLock { state in
      guard state.lane.sequence == sequence else { return nil }
      do {
        try Self.add(events, by: actor, epoch: epoch, nonce: nonce, at: now, &state)
      } catch {
        state.violations.append("\(actor.name) wrote what may not follow: \(error)")
        return nil
      }
      if state.lane.lease?.holder == actor { state.leaseRenewedAt = time }
      return Array(state.entries.suffix(events.count))
    }
    if way == 2 { throw JournalError(.unknown, "written, and not answered") }
    guard let added else { throw JournalError(.conflict, "somebody else wrote") }
    return added
  }

  func renewLease(epoch: UInt64) async throws(JournalError) -> Bool {
    _ = await delay("renew", ways: 1, oneIn: 1_000_000)
    return state.withLock { state in
      guard state.lane.lease?.epoch == epoch else { return false }
      state.leaseRenewedAt = time
      return true
    }
  }

  func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook {
    state.withLock { state in
      LeaseLook(
        isLive: state.lane.lease?.epoch == epoch && !state.deadEpochs.contains(epoch)
          && time - state.leaseRenewedAt < Self.ttl)
    }
  }

  func head(at sequence: UInt64) async throws(JournalError) -> Digest { Digest(of: "head \(sequence)") }

  func put(_ bytes: [UInt8]) async throws(JournalError) -> Digest {
    let digest = Digest(of: bytes)
    state.withLock { $0.blobs[digest] = bytes }
    return digest
  }

  func blob(_ digest: Digest) async throws(JournalError) -> [UInt8] {
    guard let bytes = state.withLock({ $0.blobs[digest] }) else { throw JournalError(.notFound, "no blob") }
    return bytes
  }
}

extension SeededWorld: Target {
  func observe(_ endpoint: String, fence: UInt64?) async throws(TargetError) -> EndpointObservation {
    if await delay("observe", ways: 1, oneIn: 25) == 1 { throw TargetError(.ambiguous, "no answer") }
    return try answer { state throws(TargetError) in
      if let fence { try Self.raise(fence, &state) }
      return self.observation(state)
    }
  }

  func perform(_ order: TargetOrder, on endpoint: String, fence: UInt64) async throws(TargetError) {
    let way = await delay("order", ways: 3, oneIn: 12)
    if way == 1 { throw TargetError(.ambiguous, "lost") }
    if way == 3 { throw TargetError(.throttled, "not yet") }
    try answer { state throws(TargetError) in
      try Self.raise(fence, &state)
      guard state.endpoint.applied != fence else { return }
      try self.obey(order, &state)
      state.endpoint.applied = fence
    }
    if way == 2 { throw TargetError(.ambiguous, "done, and not answered") }
  }

  func renew(_ endpoint: String, fence: UInt64) async throws(TargetError) -> Bool {
    _ = await delay("renew canary", ways: 1, oneIn: 1_000_000)
    return try answer { state throws(TargetError) in
      try Self.raise(fence, &state)
      if state.endpoint.isGranted { state.endpoint.renewedAt = self.time }
      return state.endpoint.isGranted
    }
  }

  func unseal(_ endpoint: String, emergency id: String, fence: UInt64) async throws(TargetError) {
    throw TargetError(.failed, "it was never sealed")
  }

  private func answer<T>(_ body: (inout State) throws(TargetError) -> T) throws(TargetError) -> T {
    let result: Result<T, TargetError> = state.withLock { state in
      lapse(&state)
      do throws(TargetError) {
        return .success(try body(&state))
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  private static func raise(_ fence: UInt64, _ state: inout State) throws(TargetError) {
    guard fence >= state.endpoint.fence else { throw TargetError(.fenced, "\(fence) < \(state.endpoint.fence)") }
    state.endpoint.fence = fence
  }

  private func lapse(_ state: inout State) {
    guard state.endpoint.isGranted, time - state.endpoint.renewedAt > Self.ttl else { return }
    state.endpoint.isGranted = false
    state.endpoint.share = .none
  }

  private func obey(_ order: TargetOrder, _ state: inout State) throws(TargetError) {
    switch order {
    case .prepare(let revision):
      state.endpoint.canary = revision.digest
      state.endpoint.share = .none
      state.endpoint.isGranted = false
    case .shift(let share):
      guard state.endpoint.canary != nil else { throw TargetError(.refused, "no canary") }
      judgeTraffic(&state)
      state.endpoint.share = share
      state.endpoint.isGranted = true
      (state.endpoint.renewedAt, state.endpoint.since) = (time, time)
    case .promote(let digest, _):
      guard state.endpoint.canary == digest, state.endpoint.isGranted else {
        throw TargetError(.refused, "no live canary")
      }
      judgeTraffic(&state)
      state.endpoint.stable = digest
      (state.endpoint.canary, state.endpoint.share, state.endpoint.isGranted) = (nil, .none, false)
    case .restore(let revision):
      state.endpoint.stable = revision?.digest
      (state.endpoint.canary, state.endpoint.share, state.endpoint.isGranted) = (nil, .none, false)
    }
  }

  private func judgeTraffic(_ state: inout State) {
    if state.lane.rollout?.gate?.approvals.isEmpty != false { state.violations.append("traffic without an approval") }
  }

  private func observation(_ state: State) -> EndpointObservation {
    func fleet(_ digest: Digest) -> FleetObservation {
      let revision = digest == new.digest ? new : old
      return FleetObservation(revision: digest, model: revision.content.model, desired: 1, ready: 1)
    }
    return EndpointObservation(
      fence: state.endpoint.fence, stable: state.endpoint.stable.map(fleet),
      canary: state.endpoint.canary.map {
        CanaryObservation(
          fleet: fleet($0), share: state.endpoint.share, leaseIsLive: state.endpoint.isGranted,
          baked: state.endpoint.isGranted ? time - state.endpoint.since : .zero)
      })
  }
}

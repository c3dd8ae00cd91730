import RolloutCore

/// The model servers of one runtime, which start late, crash, hang, or never come up. What is not drawn is kind: a
/// server is ready eight seconds after its launch and stays so.
struct ServerFarm {
  struct Server {
    let id: InstanceID
    let pid: Int32
    /// From here on it would answer `/ping`, until `hangsAt`.
    var upAt: Int64
    var hangsAt = never
    /// It was told to stop.
    var isLeaving = false
  }

  private enum News { case started, launchFailed, healthPassed, healthFailed, drained, exited }

  private struct Event {
    var at: Int64
    var id: InstanceID
    var pid: Int32
    var news: News
  }

  /// What is wrong with all servers of a fleet, for a while.
  private enum Temper: UInt32 { case fine, slow, exiting, unhealthy, unlaunchable }

  private(set) var servers: [Server] = []
  private var events: [Event] = []
  private var tempers: [(fleet: Int, temper: Temper, until: Int64)] = []
  private var lastPID: Int32 = 100
  private(set) var nextAt = never

  /// The machine's process has died, and every server with it.
  mutating func killAll() {
    servers.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
    tempers.removeAll(keepingCapacity: true)
    nextAt = never
  }

  /// Whether a server answers now.
  func isUp(_ pid: Int32, at now: Int64) -> Bool {
    servers.contains { $0.pid == pid && !$0.isLeaving && $0.upAt <= now && now < $0.hangsAt }
  }

  /// Whether a server that lives has ever answered.
  func hasBeenUp(_ pid: Int32, at now: Int64) -> Bool {
    servers.contains { $0.pid == pid && !$0.isLeaving && $0.upAt <= now }
  }

  /// The next thing that is due, as the supervisor hears of it.
  mutating func next(dueBy now: Int64) -> (InstanceID, InstanceEvent)? {
    guard nextAt <= now else { return nil }
    var first = 0
    for index in events.indices where events[index].at < events[first].at { first = index }
    let event = events.remove(at: first)
    defer { nextAt = events.lazy.map(\.at).min() ?? never }
    switch event.news {
    case .started: return (event.id, .started(ServerProcess(pid: event.pid, port: 9_000)))
    case .launchFailed: return (event.id, .launchFailed(reason: "no package"))
    case .healthPassed: return (event.id, .healthPassed(pid: event.pid))
    case .healthFailed: return (event.id, .healthFailed(pid: event.pid))
    case .drained: return (event.id, .drained)
    case .exited:
      forget(event.pid)
      servers.removeAll { $0.pid == event.pid }
      return (event.id, .exited(status: "exited", lastLines: ""))
    }
  }

  private mutating func schedule(_ news: News, _ id: InstanceID, _ pid: Int32, at time: Int64) {
    events.append(Event(at: time, id: id, pid: pid, news: news))
    nextAt = min(nextAt, time)
  }

  private mutating func forget(_ pid: Int32) {
    events.removeAll { $0.pid == pid }
    nextAt = events.lazy.map(\.at).min() ?? never
  }
}

// MARK: - What the supervisor tells it

extension ServerFarm {
  /// `isTrusting`: a supervisor that takes a process for a server that answers.
  mutating func launch(
    _ id: InstanceID, at now: Int64, isTrusting: Bool, _ choices: inout Choices, _ coverage: inout Coverage
  ) {
    lastPID += 1
    let temper = temper(of: id.fleet, at: now, &choices)
    guard temper != .unlaunchable else {
      coverage.saw(.launchFailed)
      schedule(.launchFailed, id, lastPID, at: now + 300)
      return
    }
    schedule(.started, id, lastPID, at: now + 500)
    let upAt: Int64
    switch temper {
    case .fine, .unlaunchable: upAt = now + 8_000
    case .slow: upAt = now + 8_000 + 1_000 * Int64(choices.draw(280, oneIn: 1))
    case .exiting: upAt = never
    case .unhealthy:
      coverage.saw(.neverHealthy)
      upAt = never
    }
    servers.append(Server(id: id, pid: lastPID, upAt: upAt))
    if temper == .exiting { schedule(.exited, id, lastPID, at: now + 1_500) }
    if upAt != never || isTrusting { schedule(.healthPassed, id, lastPID, at: isTrusting ? now + 501 : upAt) }
    guard upAt != never else { return }
    switch choices.chance(.serverCrashes, 3, oneIn: 8) {
    case 1: schedule(.exited, id, lastPID, at: upAt + 1_000 * Int64(choices.draw(300, oneIn: 1)))
    case 2:
      coverage.saw(.serverHung)
      let hangsAt = upAt + 1_000 * Int64(choices.draw(300, oneIn: 1))
      servers[servers.count - 1].hangsAt = hangsAt
      for check: Int64 in 1...3 { schedule(.healthFailed, id, lastPID, at: hangsAt + check * 5_000) }
    case 3: schedule(.exited, id, lastPID, at: now + 2_000)
    default: break
    }
  }

  private mutating func temper(of fleet: Int, at now: Int64, _ choices: inout Choices) -> Temper {
    if choices.isBenign { return .fine }
    if let known = tempers.first(where: { $0.fleet == fleet }) { return known.until > now ? known.temper : .fine }
    guard let drawn = Temper(rawValue: choices.chance(.failingFleets, 4, oneIn: 5)), drawn != .fine else {
      tempers.append((fleet, .fine, never))
      return .fine
    }
    tempers.append((fleet, drawn, now + 1_000 * Int64(choices.draw(600, oneIn: 1))))
    return drawn
  }

  mutating func drain(_ id: InstanceID, pid: Int32, at now: Int64, _ choices: inout Choices) {
    // Longer than it may take: the supervisor stops waiting first.
    schedule(.drained, id, pid, at: now + 200 + 1_000 * Int64(choices.chance(.stubbornness, 60, oneIn: 6)))
  }

  mutating func terminate(_ id: InstanceID, pid: Int32, at now: Int64, _ choices: inout Choices) {
    leave(pid)
    if choices.chance(.stubbornness, 1, oneIn: 6) == 0 { schedule(.exited, id, pid, at: now + 200) }
  }

  mutating func kill(_ id: InstanceID, pid: Int32, at now: Int64) {
    leave(pid)
    schedule(.exited, id, pid, at: now + 50)
  }

  private mutating func leave(_ pid: Int32) {
    forget(pid)
    for index in servers.indices where servers[index].pid == pid { servers[index].isLeaving = true }
  }
}

import RolloutCore

/// What one fleet measured, and what its rules make of it.
struct FleetGauge: Sendable {
  private(set) var metrics = FleetMetrics()
  private(set) var alarms: [AlarmState]
  private(set) var counters = RequestCounters()
  private var autoscaler: Autoscaler?
  /// The second in which it first had a ready instance: before it there is nothing to judge.
  private var since: Int64?
  private var usage: [Int32: (at: TimeSpan, cpuSeconds: Double)] = [:]

  init(_ content: Revision.Content) {
    alarms = content.alarms.map { AlarmState($0) }
    autoscaler = content.autoscaling.map { Autoscaler($0) }
  }

  mutating func record(_ record: RequestRecord, at second: Int64) {
    metrics.record(record, at: second)
    counters.record(record)
  }

  mutating func recordInstances(_ count: Int, at second: Int64) {
    if count > 0, since == nil { since = second }
    metrics.recordInstances(count, at: second)
  }

  /// Takes one sample of CPU and memory of every ready instance that was there at the sample before.
  mutating func sample(_ groups: [Int32: ProcessUsage], cores: Double, at now: TimeSpan) {
    for (pid, used) in groups.sorted(by: { $0.key < $1.key }) {
      defer { usage[pid] = (now, used.cpuSeconds) }
      guard let last = usage[pid], now > last.at else { continue }
      // A child that ended without being waited for takes its time with it; that is not negative work.
      let busy = max(0, used.cpuSeconds - last.cpuSeconds) / (now - last.at).seconds
      metrics.recordUsage(
        cpuPercent: 100 * busy / cores,
        memoryPercent: 100 * Double(used.residentBytes) / Double(ProcessUsage.machineBytes), at: now.lastWholeSecond)
    }
    usage = usage.filter { groups[$0.key] != nil }
  }

  /// Evaluates every alarm; the first that is in ALARM and must take a canary back, as a trip.
  mutating func evaluateAlarms(at now: TimeSpan, wall: Timestamp) -> GuardTrip? {
    guard let since else { return nil }
    var trip: GuardTrip?
    for index in alarms.indices {
      alarms[index].evaluate(metrics, since: since, at: now.lastWholeSecond)
      if trip == nil, alarms[index].rule.rollback, alarms[index].state == .alarm {
        trip = GuardTrip(alarm: alarms[index].rule.name, reason: alarms[index].reason, at: wall)
      }
    }
    return trip
  }

  mutating func decideScale(from current: Int, at now: TimeSpan, isDeploying: Bool) -> ScalingDecision? {
    guard let since else { return nil }
    return autoscaler?.decide(
      metrics, current: current, since: since, at: now.lastWholeSecond, isDeploying: isDeploying)
  }

  func readings(at now: TimeSpan) -> (alarms: [AlarmReading], traffic: TrafficReading) {
    (alarms.map(\.reading), metrics.traffic(at: now.wholeSecond))
  }
}

/// Requests since the fleet began, as counters that only grow.
struct RequestCounters: Sendable {
  /// Upper bounds of the latency histogram, in seconds.
  static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
  /// What a request can end as, in the order of `byClass`.
  static let classes = ["2xx", "4xx", "5xx", "other", "connection_failed", "timeout"]

  private(set) var byClass = [Int64](repeating: 0, count: classes.count)
  private(set) var errors: Int64 = 0
  private(set) var userErrors: Int64 = 0
  private(set) var shielded: Int64 = 0
  /// Per bound, requests that took at most that long and longer than the bound before; the rest comes last.
  private(set) var latencies = [Int64](repeating: 0, count: bounds.count + 1)
  private(set) var latencySeconds = 0.0

  mutating func record(_ record: RequestRecord) {
    let kind =
      switch record.outcome {
      case .success: 0
      case .clientError: 1
      case .serverError: (500...599).contains(record.status ?? 0) ? 2 : 3
      case .connectionFailed: 4
      case .timeout: 5
      }
    byClass[kind] += 1
    if record.outcome != .success { errors += 1 }
    if record.userSawError { userErrors += 1 }
    if record.isShielded { shielded += 1 }
    let seconds = Double(record.modelLatencyMicroseconds) / 1_000_000
    latencySeconds += seconds
    latencies[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
  }
}

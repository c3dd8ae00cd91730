import RolloutCore
import Synchronization

/// The newest measurements, left by the controller for whoever asks `GET /metrics`.
final class MetricsBoard: Sendable {
  private let snapshot = Mutex(MetricsSnapshot())

  func show(_ new: MetricsSnapshot) { snapshot.withLock { $0 = new } }

  /// `outstanding`: requests under way at a backend.
  func text(outstanding: (Backend.ID) -> Int) -> String {
    PrometheusText(snapshot.withLock { $0 }, outstanding: outstanding).text
  }
}

/// What is measured at one moment. Sorted by endpoint, then fleet.
struct MetricsSnapshot: Sendable {
  struct Fleet: Sendable {
    var endpoint: String
    var role: VariantRole
    var revision: Digest
    var version: Int
    var desired: Int
    var ready: Int
    var backends: [Backend.ID]
    var counters: RequestCounters
    var alarms: [AlarmReading]
    /// Of the last minute.
    var latencySeconds: [(quantile: String, value: Double)]
    var cpuPercent: Double?
    var memoryPercent: Double?
    var perInstance: Double?
  }

  struct Canary: Sendable {
    var endpoint: String
    var share: Percent
    var leaseIsLive: Bool
    var isTripped: Bool
  }

  struct Refusals: Sendable {
    var endpoint: String
    var count: Int64
  }

  var refusals: [Refusals] = []
  var fleets: [Fleet] = []
  var canaries: [Canary] = []
}

extension RuntimeController {
  func snapshot(at now: TimeSpan) -> MetricsSnapshot {
    var result = MetricsSnapshot()
    for machine in sortedEndpoints {
      result.refusals.append(MetricsSnapshot.Refusals(endpoint: machine.name, count: refusals[machine.name] ?? 0))
      if let canary = machine.canary {
        result.canaries.append(
          MetricsSnapshot.Canary(
            endpoint: machine.name, share: canary.grant.share, leaseIsLive: canary.grant.isLive,
            isTripped: canary.grant.trip != nil))
      }
      for fleet in machine.fleets {
        guard let role = machine.role(of: fleet.id), let gauge = gauges[machine.title(of: fleet.id)] else { continue }
        result.fleets.append(Self.snapshot(fleet, of: machine, role: role, gauge: gauge, at: now.wholeSecond))
      }
    }
    return result
  }

  private static func snapshot(
    _ fleet: FleetMachine, of machine: EndpointMachine, role: VariantRole, gauge: FleetGauge, at second: Int64
  ) -> MetricsSnapshot.Fleet {
    func value(_ metric: MetricName, _ statistic: Statistic, last seconds: Int64) -> Double? {
      gauge.metrics.datapoint(metric: metric, statistic: statistic, from: second + 1 - seconds, to: second + 1)
    }
    let quantiles = [("0.5", 50.0), ("0.9", 90), ("0.99", 99)].compactMap { name, rank in
      value(.modelLatency, .percentile(rank), last: 60).map { (quantile: name, value: $0 / 1_000_000) }
    }
    return MetricsSnapshot.Fleet(
      endpoint: machine.name, role: role, revision: fleet.revision.digest,
      version: fleet.revision.content.model.version, desired: fleet.desired, ready: fleet.readyCount,
      backends: fleet.ready.compactMap { machine.backend($0, of: fleet)?.id }, counters: gauge.counters,
      alarms: gauge.alarms.map(\.reading), latencySeconds: quantiles, cpuPercent: value(.cpu, .average, last: 3),
      memoryPercent: value(.memory, .average, last: 3), perInstance: value(.invocationsPerInstance, .sum, last: 60))
  }
}

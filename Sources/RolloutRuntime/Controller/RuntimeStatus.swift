package import RolloutCore

/// What the runtime says about itself.
package struct RuntimeStatus: Hashable, Codable, Sendable {
  package var pid: Int32
  package var version: String
  package var since: Timestamp
  package var path: String
  /// `http://127.0.0.1:8080`: where users reach the endpoints.
  package var address: String
  package var endpoints: [EndpointStatus]
}

package struct EndpointStatus: Hashable, Codable, Sendable {
  package var name: String
  package var observation: EndpointObservation
  package var instances: [InstanceStatus]
}

package struct InstanceStatus: Hashable, Codable, Sendable {
  package var id: String
  /// `nil`: on its way out.
  package var role: VariantRole?
  package var version: Int
  /// `starting`, `ready`, `waiting to restart`, `draining`, `stopping`.
  package var state: String
  package var pid: Int32?
  package var port: Int?
  package var restarts: Int
  package var log: String
}

/// One fleet's last minute, under CloudWatch's names.
package struct FleetReport: Hashable, Codable, Sendable {
  package struct Datapoints: Hashable, Codable, Sendable {
    package var metric: MetricName
    package var sum: Double
    package var average: Double
    package var maximum: Double
    package var p50: Double
    package var p99: Double
    package var sampleCount: Double
  }

  package var endpoint: String
  package var role: VariantRole
  package var revision: Digest
  package var version: Int
  package var traffic: TrafficReading
  package var alarms: [AlarmReading]
  /// Metrics that have samples.
  package var lastMinute: [Datapoints]
}

extension FleetReport.Datapoints {
  init?(_ metric: MetricName, _ metrics: FleetMetrics, at second: Int64) {
    func value(_ statistic: Statistic) -> Double? {
      metrics.datapoint(metric: metric, statistic: statistic, from: second - 59, to: second + 1)
    }
    guard let sum = value(.sum), let average = value(.average), let maximum = value(.maximum),
      let p50 = value(.percentile(50)), let p99 = value(.percentile(99)), let count = value(.sampleCount)
    else { return nil }
    self.init(
      metric: metric, sum: sum, average: average, maximum: maximum, p50: p50, p99: p99, sampleCount: count)
  }
}

extension InstanceMachine.State {
  var title: String {
    switch self {
    case .launching, .starting: "starting"
    case .ready: "ready"
    case .backingOff: "waiting to restart"
    case .draining: "draining"
    case .terminating, .killing, .stopped: "stopping"
    }
  }
}

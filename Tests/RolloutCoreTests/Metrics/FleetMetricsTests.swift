import RolloutCore
import Testing

func request(
  _ outcome: RequestRecord.Outcome = .success, status: Int? = 200, micros: Int64 = 1_000, overhead: Int64 = 50,
  userSawError: Bool = false
) -> RequestRecord {
  RequestRecord(
    endpoint: "e", fleet: "f", role: .stable, backend: "b", status: status, outcome: outcome,
    modelLatencyMicroseconds: micros, overheadLatencyMicroseconds: overhead, userSawError: userSawError)
}

@Suite struct FleetMetricsTests {
  @Test func `no traffic is no data`() {
    let metrics = FleetMetrics()
    for metric in MetricName.allCases {
      #expect(metrics.datapoint(metric: metric, statistic: .sum, from: 0, to: 300) == nil)
      #expect(metrics.datapoint(metric: metric, statistic: .percentile(99), from: 0, to: 300) == nil)
    }
  }

  @Test func `a model error is one sample of 0 or 1 per request`() {
    var metrics = FleetMetrics()
    for index in 0..<10 { metrics.record(request(), at: Int64(index)) }
    metrics.record(request(.clientError, status: 400), at: 3)
    metrics.record(request(.serverError, status: 500), at: 4)
    metrics.record(request(.serverError, status: 302), at: 4)
    metrics.record(request(.timeout, status: nil), at: 5)
    metrics.record(request(.connectionFailed, status: nil), at: 6)
    func value(_ metric: MetricName, _ statistic: Statistic) -> Double? {
      metrics.datapoint(metric: metric, statistic: statistic, from: 0, to: 10)
    }
    #expect(value(.invocations, .sum) == 15)
    #expect(value(.invocations, .average) == 1)
    #expect(value(.modelErrors, .sum) == 5)
    #expect(value(.modelErrors, .sampleCount) == 15)
    #expect(value(.modelErrors, .average) == 5.0 / 15)
    #expect(value(.modelErrors, .minimum) == 0 && value(.modelErrors, .maximum) == 1)
    #expect(value(.modelErrors, .percentile(50)) == 0 && value(.modelErrors, .percentile(99)) == 1)
    #expect(value(.clientErrors, .sum) == 1)
    #expect(value(.serverErrors, .sum) == 1)
  }

  @Test func `a window holds its first second and not the one after its last`() {
    var metrics = FleetMetrics()
    for second in Int64(10)...20 { metrics.record(request(), at: second) }
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: 12, to: 15) == 3)
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: 20, to: 21) == 1)
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: 21, to: 30) == nil)
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: 15, to: 15) == nil)
  }

  @Test func `an invocation counts for one nth of every instance`() throws {
    var metrics = FleetMetrics()
    metrics.recordInstances(4, at: 0)
    for _ in 0..<8 { metrics.record(request(), at: 1) }
    metrics.recordInstances(2, at: 2)
    for _ in 0..<8 { metrics.record(request(), at: 3) }
    #expect(metrics.datapoint(metric: .invocationsPerInstance, statistic: .sum, from: 0, to: 60) == 6)
    #expect(metrics.datapoint(metric: .invocationsPerInstance, statistic: .maximum, from: 0, to: 60) == 0.5)
    #expect(metrics.instances(at: 1) == 4 && metrics.instances(at: 60) == 2)
  }

  @Test func `latency is in microseconds and a refused connection has none`() throws {
    var metrics = FleetMetrics()
    for index in 1...100 { metrics.record(request(micros: Int64(index) * 1_000, overhead: 80), at: 5) }
    metrics.record(request(.connectionFailed, status: nil, micros: 1), at: 5)
    func value(_ statistic: Statistic) -> Double? {
      metrics.datapoint(metric: .modelLatency, statistic: statistic, from: 0, to: 10)
    }
    #expect(value(.minimum) == 1_000 && value(.maximum) == 100_000 && value(.average) == 50_500)
    let p99 = try #require(value(.percentile(99)))
    #expect(abs(p99 - 99_000) <= 990)
    #expect(metrics.datapoint(metric: .overheadLatency, statistic: .sampleCount, from: 0, to: 10) == 101)
  }

  @Test func `CPU is averaged over instances and time`() {
    var metrics = FleetMetrics()
    metrics.recordUsage(cpuPercent: 20, memoryPercent: 40, at: 1)
    metrics.recordUsage(cpuPercent: 100, at: 1)
    metrics.recordUsage(cpuPercent: 60, at: 2)
    #expect(metrics.datapoint(metric: .cpu, statistic: .average, from: 0, to: 60) == 60)
    #expect(metrics.datapoint(metric: .cpu, statistic: .maximum, from: 0, to: 60) == 100)
    #expect(metrics.datapoint(metric: .memory, statistic: .average, from: 0, to: 60) == 40)
  }

  @Test func `nothing is lost when seconds are folded into minutes`() {
    var metrics = FleetMetrics()
    let hours = Int64(2 * 3_600)
    for second in 0..<hours { metrics.record(request(second % 10 == 0 ? .timeout : .success), at: second) }
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: 0, to: hours) == Double(hours))
    #expect(metrics.datapoint(metric: .modelErrors, statistic: .sum, from: 0, to: hours) == Double(hours / 10))
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: 3_600, to: hours) == 3_600)
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: hours - 300, to: hours) == 300)
  }

  @Test func `what is older than a day is forgotten`() {
    var metrics = FleetMetrics()
    let kept = Int64(FleetMetrics.minutesKept) * 60 + Int64(FleetMetrics.secondsKept)
    for second in stride(from: Int64(30), to: kept * 2, by: 60) { metrics.record(request(), at: second) }
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: 0, to: 60) == nil)
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: 0, to: kept * 2) == Double(kept / 60))
  }

  @Test func `a sample that comes late still counts in its own time`() {
    var metrics = FleetMetrics()
    metrics.record(request(), at: 5_000)
    metrics.record(request(), at: 4_990)
    metrics.record(request(), at: 5_000 - Int64(FleetMetrics.secondsKept))
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: 4_980, to: 5_000) == 1)
    #expect(metrics.datapoint(metric: .invocations, statistic: .sum, from: 3_000, to: 5_001) == 3)
  }

  @Test func `the traffic summary has totals for ever and rates for a minute`() throws {
    var metrics = FleetMetrics()
    for second in Int64(0)..<600 {
      metrics.record(request(second % 2 == 0 ? .serverError : .success, userSawError: second % 4 == 0), at: second)
    }
    metrics.recordUsage(cpuPercent: 33, at: 599)
    let traffic = metrics.traffic(at: 599)
    #expect(traffic.requests == 600 && traffic.errors == 300 && traffic.userErrors == 150)
    #expect(traffic.requestsPerMinute == 60 && traffic.errorRate == 0.5 && traffic.cpuPercent == 33)
    #expect(traffic.latencyP50 == 1 && traffic.latencyP99 == 1)
    #expect(metrics.traffic(at: 900).requestsPerMinute == 0)
    #expect(metrics.traffic(at: 900).latencyP50 == nil)
  }
}

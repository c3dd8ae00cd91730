/// What one fleet did and used, at one-second resolution, in bounded memory. Time is whole seconds of a monotonic clock.
package struct FleetMetrics: Sendable {
  /// One-second cells kept before they are folded into one-minute cells: 20 minutes and one to spare.
  package static let secondsKept = 1_260
  /// One-minute cells kept beyond: a day, the longest that an alarm may look back.
  package static let minutesKept = 1_440

  private var seconds: [MetricCell?] = Array(repeating: nil, count: secondsKept)
  private var minutes: [MetricCell?] = Array(repeating: nil, count: minutesKept)
  private var instances = 1
  private var totalRequests: Int64 = 0
  private var totalErrors: Int64 = 0
  private var totalUserErrors: Int64 = 0

  package init() {}

  /// Instances that share the requests from this second on. Starts as 1.
  package mutating func recordInstances(_ count: Int, at second: Int64) {
    instances = max(1, count)
    withCell(at: second) { $0.instances = count }
  }

  package mutating func record(_ record: RequestRecord, at second: Int64) {
    let share = 1 / Double(instances)
    totalRequests += 1
    if record.outcome != .success { totalErrors += 1 }
    if record.userSawError { totalUserErrors += 1 }
    withCell(at: second) { $0.record(record, instanceShare: share) }
  }

  /// One sample per instance. `cpuPercent` is 100 when the instance uses all cores it is meant to use.
  package mutating func recordUsage(cpuPercent: Double, memoryPercent: Double? = nil, at second: Int64) {
    withCell(at: second) { cell in
      cell.cpu.record(cpuPercent)
      if let memoryPercent { cell.memory.record(memoryPercent) }
    }
  }

  /// One CloudWatch datapoint over the seconds `from..<to`; `nil` when there is no sample.
  ///
  /// Seconds older than `secondsKept` are known by the minute: such a minute counts when it starts inside the window.
  package func datapoint(
    metric: MetricName, statistic: Statistic, from start: Int64, to end: Int64
  ) -> Double? {
    cells(from: start, to: end).datapoint(metric, statistic)
  }

  /// The instances last recorded at or before this second, while that second is kept.
  package func instances(at second: Int64) -> Int? {
    let newestFirst = cells(from: second - Int64(Self.secondsKept), to: second + 1).sorted { $0.start > $1.start }
    return newestFirst.lazy.compactMap(\.instances).first
  }

  /// Totals since the first request, and rates, percentiles and CPU of the last minute.
  package func traffic(at now: Int64) -> TrafficReading {
    let minute = cells(from: now - 59, to: now + 1)
    let requests = minute.datapoint(.invocations, .sum) ?? 0
    return TrafficReading(
      requests: totalRequests, errors: totalErrors, userErrors: totalUserErrors, requestsPerMinute: requests,
      errorRate: minute.datapoint(.modelErrors, .average) ?? 0,
      latencyP50: minute.datapoint(.modelLatency, .percentile(50)).map { $0 / 1_000 },
      latencyP99: minute.datapoint(.modelLatency, .percentile(99)).map { $0 / 1_000 },
      cpuPercent: minute.datapoint(.cpu, .average))
  }
}

extension FleetMetrics {
  private func cells(from start: Int64, to end: Int64) -> [MetricCell] {
    var found: [MetricCell] = []
    guard end > start else { return found }
    if end - start < Int64(Self.secondsKept) {
      for second in start..<end {
        if let cell = seconds[Self.slot(second, of: Self.secondsKept)], cell.start == second { found.append(cell) }
      }
    } else {
      found = seconds.compactMap { $0 }.filter { (start..<end).contains($0.start) }
    }
    guard let oldest = seconds.lazy.compactMap({ $0?.start }).min(), start < oldest else { return found }
    return found + minutes.compactMap { $0 }.filter { (start..<end).contains($0.start) }
  }

  private mutating func withCell(at second: Int64, _ change: (inout MetricCell) -> Void) {
    let slot = Self.slot(second, of: Self.secondsKept)
    if let old = seconds[slot], old.start != second {
      // A clock that went back further than the ring reaches: the late sample joins its minute.
      guard old.start < second else { return fold(into: second, change) }
      seconds[slot] = nil
      fold(into: old.start) { $0.merge(old) }
    }
    // In place, so that the histograms inside are not copied for every sample.
    if seconds[slot] == nil { seconds[slot] = MetricCell(start: second) }
    change(&seconds[slot]!)
  }

  private mutating func fold(into second: Int64, _ change: (inout MetricCell) -> Void) {
    let minute = second.flooredToMinute
    let slot = Self.slot(minute / 60, of: Self.minutesKept)
    if let old = minutes[slot], old.start > minute { return }
    if minutes[slot]?.start != minute { minutes[slot] = MetricCell(start: minute) }
    change(&minutes[slot]!)
  }

  private static func slot(_ index: Int64, of count: Int) -> Int {
    let rest = Int(index % Int64(count))
    return rest < 0 ? rest + count : rest
  }
}

extension Int64 {
  fileprivate var flooredToMinute: Int64 { self - ((self % 60) + 60) % 60 }
}

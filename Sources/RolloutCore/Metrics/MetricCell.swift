/// What one fleet did in one second, or one minute.
struct MetricCell: Sendable {
  /// First second it covers.
  let start: Int64
  var instances: Int?
  var requests = 0
  var modelErrors = 0
  var clientErrors = 0
  var serverErrors = 0
  var perInstance = 0.0
  var modelLatency = Distribution()
  var overheadLatency = Distribution()
  var cpu = Distribution()
  var memory = Distribution()

  init(start: Int64) { self.start = start }

  mutating func record(_ record: RequestRecord, instanceShare: Double) {
    requests += 1
    perInstance += instanceShare
    switch record.outcome {
    case .success: break
    case .clientError: clientErrors += 1
    case .serverError: if (500...599).contains(record.status ?? 0) { serverErrors += 1 }
    case .connectionFailed, .timeout: break
    }
    if record.outcome != .success { modelErrors += 1 }
    // A refused connection says nothing about how fast the model is, and would make a dead one look quick.
    if record.outcome != .connectionFailed { modelLatency.record(Double(record.modelLatencyMicroseconds)) }
    overheadLatency.record(Double(record.overheadLatencyMicroseconds))
  }

  mutating func merge(_ other: MetricCell) {
    instances = other.instances ?? instances
    requests += other.requests
    modelErrors += other.modelErrors
    clientErrors += other.clientErrors
    serverErrors += other.serverErrors
    perInstance += other.perInstance
    modelLatency.merge(other.modelLatency)
    overheadLatency.merge(other.overheadLatency)
    cpu.merge(other.cpu)
    memory.merge(other.memory)
  }
}

extension [MetricCell] {
  /// CloudWatch's definitions: one sample per request of 1 (`Invocations`), 1/n (`InvocationsPerInstance`), 0 or 1 (the
  /// error metrics) or microseconds (the latencies); one per instance and measurement for what it uses.
  func datapoint(_ metric: MetricName, _ statistic: Statistic) -> Double? {
    samples(of: metric).value(statistic)
  }

  private func samples(of metric: MetricName) -> Distribution {
    var all = Distribution()
    for cell in self {
      switch metric {
      case .invocations: all.record(1, count: cell.requests)
      // Instances change at most once in a while, so all samples of a cell are taken to be equal.
      case .invocationsPerInstance: all.record(cell.perInstance / Double(cell.requests), count: cell.requests)
      case .modelErrors: all.recordIndicator(cell.modelErrors, of: cell.requests)
      case .clientErrors: all.recordIndicator(cell.clientErrors, of: cell.requests)
      case .serverErrors: all.recordIndicator(cell.serverErrors, of: cell.requests)
      case .modelLatency: all.merge(cell.modelLatency)
      case .overheadLatency: all.merge(cell.overheadLatency)
      case .cpu: all.merge(cell.cpu)
      case .memory: all.merge(cell.memory)
      }
    }
    return all
  }
}

extension Distribution {
  fileprivate mutating func record(_ value: Double, count: Int) {
    if count > 0 { record(value, times: UInt32(clamping: count)) }
  }

  fileprivate mutating func recordIndicator(_ ones: Int, of count: Int) {
    record(1, count: ones)
    record(0, count: count - ones)
  }

  fileprivate func value(_ statistic: Statistic) -> Double? {
    guard count > 0 else { return nil }
    return switch statistic {
    case .sum: sum
    case .average: average
    case .minimum: minimum
    case .maximum: maximum
    case .sampleCount: Double(count)
    case .percentile(let rank): percentile(rank)
    }
  }
}

import RolloutCore
import RolloutEngine

extension SageMakerTarget {
  /// Alarms and traffic of both fleets, for people. What cannot be read is left out: nothing depends on it.
  func addFigures(to observation: inout EndpointObservation, _ facts: Facts) async {
    let readings = facts.alarms.map {
      AlarmReading(name: $0.name, state: AlarmReading.State(rawValue: $0.state) ?? .insufficientData)
    }
    observation.stable?.alarms = readings
    guard let endpoint = facts.endpoint, let variant = endpoint.variants.first?.name else { return }
    let end = now()
    let fresh = endpoint.pending?.configuration
    guard
      let series = try? await cloudWatch.values(
        Self.queries(endpoint.name, variant, fresh: fresh), from: end + (.zero - Self.span), to: end)
    else { return }
    let figures = Dictionary(series.map { ($0.id, $0.points.map(\.value)) }) { first, _ in first }
    let whole = TrafficReading(figures, prefix: "all", minutes: Self.minutes)
    observation.stable?.traffic = whole
    guard fresh != nil else { return }
    let canary = TrafficReading(figures, prefix: "new", minutes: Self.minutes)
    observation.canary?.fleet.traffic = canary
    // Traffic is what was counted.
    if whole.requests > 0, let share = Percent(min(100, 100 * Double(canary.requests) / Double(whole.requests))) {
      observation.canary?.share = share
    }
  }

  private static let minutes: Int64 = 5
  private static var span: TimeSpan { .minutes(minutes) }

  /// The whole endpoint, and of a new fleet what its own dimension tells.
  private static func queries(_ endpoint: String, _ variant: String, fresh: String?) -> [MetricQuery] {
    let whole = ["EndpointName": endpoint, "VariantName": variant]
    var places = [("all", whole)]
    if let fresh { places.append(("new", whole.merging(["EndpointConfigName": fresh]) { $1 })) }
    return places.flatMap { prefix, dimensions in
      let measured = { (id: String, metric: String, statistic: String) in
        MetricQuery(
          prefix + id,
          .metric(
            Metric(namespace: "AWS/SageMaker", name: metric, dimensions: dimensions), statistic: statistic,
            period: .minutes(1)))
      }
      return [
        measured("Requests", "Invocations", "Sum"), measured("Errors", "InvocationModelErrors", "Sum"),
        measured("P50", "ModelLatency", "p50"), measured("P99", "ModelLatency", "p99"),
      ]
    }
  }
}

extension TrafficReading {
  /// CloudWatch's figures of some minutes; latencies come in microseconds.
  fileprivate init(_ figures: [String: [Double]], prefix: String, minutes: Int64) {
    let sum = { (id: String) in figures[prefix + id]?.reduce(0, +) ?? 0 }
    let latest = { (id: String) in figures[prefix + id]?.last.map { $0 / 1_000 } }
    let (requests, errors) = (sum("Requests"), sum("Errors"))
    self.init(
      requests: Int64(requests), errors: Int64(errors), userErrors: Int64(errors),
      requestsPerMinute: requests / Double(minutes), errorRate: requests > 0 ? errors / requests : 0,
      latencyP50: latest("P50"), latencyP99: latest("P99"))
  }
}

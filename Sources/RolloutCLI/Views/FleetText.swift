import RolloutCore

/// Stable and canary side by side, and what their alarms say.
struct FleetText {
  var observation: EndpointObservation
  var style: Style

  private static let header = ["", "version", "share", "req/min", "errors", "p50", "p99", "CPU", "ready"]
  private static let alignment: [Layout.Alignment] =
    [.left, .left, .right, .right, .right, .right, .right, .right, .right]

  /// A row for each variant under a heading; empty when nothing serves.
  func table(indent: Int) -> [String] {
    let rows = variants.map { row($0.name, $0.fleet, $0.share) }
    guard !rows.isEmpty else { return [] }
    return Layout.table([Self.header.map(style.dim)] + rows, indent: indent, alignment: Self.alignment)
  }

  /// `version 8 answered 14 of 480 requests with an error; users saw 0 of them`: what the shield kept from users.
  var shielded: String? {
    guard let canary = observation.canary?.fleet, canary.traffic.errors > 0 else { return nil }
    let traffic = canary.traffic
    return "version \(canary.model.version) answered \(Figures.count(traffic.errors)) of "
      + "\(Figures.count(traffic.requests)) requests with an error; users saw \(Figures.count(traffic.userErrors)) of them"
  }

  /// What keeps a fleet from becoming ready.
  var failures: [String] {
    variants.compactMap { variant in
      variant.fleet.failure.map { "\(variant.name) cannot serve: \(Printable.line($0))" }
    }
  }

  private var variants: [(name: String, fleet: FleetObservation, share: Percent?)] {
    let canaryShare = observation.canary?.share ?? .none
    let rest = Percent(100 - canaryShare.value)
    return [
      observation.stable.map { ("stable", $0, rest) },
      observation.canary.map { ("canary", $0.fleet, $0.share) },
      observation.standby.map { ("standby", $0, nil) },
    ].compactMap { $0 }
  }

  private func row(_ name: String, _ fleet: FleetObservation, _ share: Percent?) -> [String] {
    let traffic = fleet.traffic
    // What SageMaker shifts is not counted in servers that are ready.
    let ready = fleet.activity == nil ? "\(fleet.ready)/\(fleet.desired)" : style.dash
    return [
      name, "\(fleet.model.version)", share.map { "\($0)" } ?? "warm", Figures.perMinute(traffic.requestsPerMinute),
      traffic.errorRate > 0 ? style.red(Figures.rate(traffic.errorRate)) : Figures.rate(0),
      traffic.latencyP50.map(Figures.milliseconds) ?? style.dash,
      traffic.latencyP99.map(Figures.milliseconds) ?? style.dash,
      traffic.cpuPercent.map { Figures.fixed($0, 0) + "%" } ?? style.dash,
      fleet.activity == nil && fleet.ready < fleet.desired ? style.yellow(ready) : ready,
    ]
  }
}

/// Alarms as they stand.
enum AlarmText {
  /// The alarms after a label, wrapped between them.
  static func lines(_ readings: [AlarmReading], rules: [AlarmRule], label: String, _ style: Style) -> [String] {
    let items = items(readings, rules: rules, style)
    return Layout.flow(
      items.dropLast().map { $0 + "," } + items.suffix(1), prefix: "  \(style.dim(label))  ",
      hanging: 4 + label.count, width: style.width)
  }

  /// `model-errors OK 0 (> 5)` for each; `rules` give the thresholds and units.
  static func items(_ readings: [AlarmReading], rules: [AlarmRule], _ style: Style) -> [String] {
    readings.sorted { $0.name < $1.name }.map { reading in
      let rule = rules.first { $0.name == reading.name }
      let value = reading.value.map { " " + text($0, rule) } ?? ""
      let threshold = rule.map { " (\($0.thresholdText))" } ?? ""
      return "\(reading.name) \(paint(reading.state, style))\(value)\(threshold)"
    }
  }

  private static func text(_ value: Double, _ rule: AlarmRule?) -> String {
    let rounded = shortNumber((value * 100).rounded() / 100)
    return switch rule?.metric.unit {
    case .percent: Figures.fixed(value, 0) + " %"
    case .microseconds: Figures.milliseconds(value / 1_000)
    case .count, nil: rounded
    }
  }

  private static func paint(_ state: AlarmReading.State, _ style: Style) -> String {
    switch state {
    case .ok: style.green("OK")
    case .alarm: style.red("ALARM")
    case .insufficientData: style.dim("no data yet")
    }
  }
}

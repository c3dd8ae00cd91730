package import RolloutCore

/// A rollout while it runs.
package enum ProgressView {
  /// A block for a live terminal, no line wider than `style.width`; empty when nothing was ever started.
  package static func lines(
    _ state: LaneState, _ observation: EndpointObservation?, now: Timestamp, style: Style
  ) -> [String] {
    guard let rollout = state.rollout else { return [] }
    let standing = Standing(rollout, observation, now: now)
    let started = "started by \(rollout.startedBy.name) \(Figures.duration(now - rollout.startedAt)) ago"
    var lines = ["\(style.bold(rollout.id))  \(rollout.title), \(started)"] + head(standing, style)
    if let command = standing.command { lines.append("  \(style.dim("type"))      \(style.bold(command))") }
    if let observation, !standing.isOver { lines += traffic(observation, rollout, style) }
    if let lease = state.lease {
      lines.append(style.dim("  led by  \(lease.holder.title) since \(Figures.clock(lease.since)) UTC"))
    }
    return lines.map { Layout.cut($0, to: style.width, style) }
  }

  /// One line of the same for a log; `nil` when nothing is under way.
  package static func line(
    _ state: LaneState, _ observation: EndpointObservation?, now: Timestamp, style: Style = .plain
  ) -> String? {
    guard let rollout = state.liveRollout else { return nil }
    let standing = Standing(rollout, observation, now: now)
    var parts = [standing.action + (standing.detail.map { "  \($0)" } ?? "")]
    for fleet in [observation?.canary?.fleet, observation?.stable].compactMap({ $0 }) { parts.append(summary(fleet)) }
    if let alarms = observation?.canary?.fleet.alarms, !alarms.isEmpty {
      let tripped = alarms.filter { $0.state == .alarm }.map(\.name).sorted()
      parts.append(tripped.isEmpty ? "no alarm" : "ALARM \(tripped.joined(separator: ", "))")
    }
    let column = rollout.program.stages.map { Layout.width($0.environment) }.max() ?? 0
    let place = Layout.padded(standing.environment, column)
    return "\(style.dim("\(Figures.clock(now))  \(place)"))  \(parts.joined(separator: "; "))"
  }

  private static let barCells = 20

  /// `production  step 6 of 11  bake for 10m at 10%  █████░░░░░░░░░░░░░░░  7m16s left`
  private static func head(_ standing: Standing, _ style: Style) -> [String] {
    let step = standing.step.map { "  step \($0.number) of \($0.count)" } ?? ""
    let bar = standing.fraction.map { "  " + style.bar($0, cells: barCells) } ?? ""
    let prefix = style.bold(standing.environment) + step + "  "
    let pieces = [standing.action + bar] + (standing.detail.map { [" \($0)"] } ?? [])
    let line = prefix + standing.paint(pieces.joined(separator: " "), style)
    if Layout.width(line) <= style.width { return [line] }
    return Layout.wrap(pieces.joined(separator: " "), prefix: prefix, hanging: 2, width: style.width).map {
      standing.paint($0, style)
    }
  }

  private static func traffic(
    _ observation: EndpointObservation, _ rollout: RolloutState, _ style: Style
  ) -> [String] {
    let fleets = FleetText(observation: observation, style: style)
    var lines = fleets.table(indent: 2)
    if let canary = observation.canary, !canary.fleet.alarms.isEmpty {
      lines += AlarmText.lines(
        canary.fleet.alarms, rules: rollout.stage.revision.content.alarms, label: "alarms", style)
    }
    for note in [fleets.shielded].compactMap({ $0 }) + fleets.failures { lines.append("  " + style.red(note)) }
    return lines
  }

  private static func summary(_ fleet: FleetObservation) -> String {
    let traffic = fleet.traffic
    let latency = traffic.latencyP99.map { ", p99 \(Figures.milliseconds($0))" } ?? ""
    return "version \(fleet.model.version): \(Figures.perMinute(traffic.requestsPerMinute))/min, "
      + "errors \(Figures.rate(traffic.errorRate))\(latency)"
  }
}

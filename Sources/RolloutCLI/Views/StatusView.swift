import RolloutCore

/// What is live, what is under way, and what it waits for.
package enum StatusView {
  package static func text(_ input: Input, style: Style) -> String {
    var lines = [style.bold(input.service)]
    for environment in input.stages { lines += [""] + place(environment, input, style) }
    lines += [""] + runtime(input, style) + [""] + rollout(input, style)
    return lines.joined(separator: "\n")
  }

  private static func place(_ environment: String, _ input: Input, _ style: Style) -> [String] {
    let state = input.state.environments[environment]
    var pieces = ["nothing was ever deployed"]
    if let live = state?.live {
      pieces = ["revision \(live.number):", live.revision.content.model.title]
      if let since = input.liveSince[environment] {
        pieces[1] += ","
        pieces.append("live since \(Figures.moment(since.at)) (\(since.rollout))")
      }
    }
    let column = input.stages.map(Layout.width).max() ?? 0
    var lines = Layout.flow(
      pieces, prefix: style.bold(Layout.padded(environment, column)) + "  ", hanging: 2, width: style.width)
    guard let observation = input.observations[environment] else { return lines }
    if observation.stable == nil, observation.canary == nil, state?.live != nil {
      return lines + ["  " + style.red("nothing serves there, although the journal says so: rollout plan")]
    }
    lines += traffic(observation, state, input, style)
    return lines
  }

  private static func traffic(
    _ observation: EndpointObservation, _ state: EnvironmentState?, _ input: Input, _ style: Style
  ) -> [String] {
    let fleets = FleetText(observation: observation, style: style)
    var lines = fleets.table(indent: 2)
    let known = (state?.revisions.map(\.revision) ?? []) + (input.state.rollout?.program.stages.map(\.revision) ?? [])
    for fleet in [observation.stable, observation.canary?.fleet].compactMap({ $0 }) where !fleet.alarms.isEmpty {
      let rules = known.last { $0.digest == fleet.revision }?.content.alarms ?? []
      lines += AlarmText.lines(fleet.alarms, rules: rules, label: "alarms of version \(fleet.model.version)", style)
    }
    var notes = [fleets.shielded].compactMap { $0 } + fleets.failures
    if let trip = observation.canary?.trip {
      notes.append("alarm \(trip.alarm) took the canary's traffic away at \(Figures.clock(trip.at)): \(trip.reason)")
    } else if let canary = observation.canary, !canary.leaseIsLive, canary.fleet.traffic.requests > 0 {
      notes.append("nobody kept the canary's share, so it has none until somebody goes on")
    }
    for note in notes {
      lines += Layout.wrap(Printable.line(note), prefix: "  ", hanging: 4, width: style.width).map(style.yellow)
    }
    return lines
  }

  private static func runtime(_ input: Input, _ style: Style) -> [String] {
    if let address = input.runtimeAddress { return ["The runtime serves at \(address)."] }
    return [
      style.red("The runtime is not running: nothing serves.") + " Start it: \(style.bold("rollout runtime start"))"
    ]
  }

  private static func rollout(_ input: Input, _ style: Style) -> [String] {
    guard let live = input.state.liveRollout, let standing = input.standing else { return last(input, style) }
    let started = "started by \(live.startedBy.name) \(Figures.duration(input.now - live.startedAt)) ago"
    var lines = Layout.wrap(
      "\(live.title), \(started)", prefix: "Rollout \(style.bold(live.id))  ", hanging: 2, width: style.width)
    lines += Layout.wrap(standing.sentence, prefix: "  ", hanging: 4, width: style.width).map {
      standing.paint($0, style)
    }
    if standing.code == .quarantined {
      lines += Layout.wrap(
        "Its target would not go back. See why (rollout show \(live.id)), mend that, then let it go on.", prefix: "  ",
        hanging: 2, width: style.width)
    }
    if let command = standing.command { lines.append("  type: \(style.bold(command))") }
    return lines + lead(input, standing, style)
  }

  private static func lead(_ input: Input, _ standing: Standing, _ style: Style) -> [String] {
    guard let lease = input.state.lease, input.leaseIsLive else {
      let gone = input.state.lease.map { "\($0.holder.title) led it and is gone" } ?? "nobody leads it"
      return Layout.wrap(
        standing.code == .waitingForApproval || standing.code == .quarantined
          ? "\(gone)." : "\(gone). To go on, type: \(style.bold("rollout apply"))",
        prefix: "  ", hanging: 2, width: style.width)
    }
    return Layout.wrap(
      "led by \(lease.holder.title) since \(Figures.moment(lease.since)), "
        + "until it is done or was not heard of for \(lease.ttl)", prefix: "  ", hanging: 4, width: style.width)
  }

  private static func last(_ input: Input, _ style: Style) -> [String] {
    guard let last = input.state.past.last else { return ["No rollout yet. Start with: \(style.bold("rollout plan"))"] }
    let ago = Figures.duration(input.now - last.endedAt)
    return Layout.wrap(
      "No rollout is under way. The last one, \(last.id) (\(last.title)), ended \(ago) ago: \(last.ending).",
      hanging: 2, width: style.width)
  }
}

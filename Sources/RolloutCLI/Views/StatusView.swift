import RolloutCore
import RolloutEngine

/// What is live, what is under way, and what it waits for.
package enum StatusView {
  package static func text(_ input: Input, style: Style) -> String {
    var lines = [style.bold(input.service)]
    for environment in input.places { lines += [""] + place(environment, input, style) }
    let runtime = runtime(input, style)
    lines += (runtime.isEmpty ? [] : [""] + runtime) + [""] + rollout(input, style)
    return lines.joined(separator: "\n")
  }

  private static func sealed(_ seal: Emergency, _ style: Style) -> [String] {
    let why = seal.reason.isEmpty ? "" : ", because: \(Printable.line(seal.reason))"
    return Layout.wrap(
      "sealed by the emergency rollback \(seal.id) of \(Printable.line(seal.by)) at \(Figures.moment(seal.at))\(why); "
        + "it obeys nobody until the journal knows. The runtime tells it; so does \(style.bold("rollout apply"))",
      prefix: "  ", hanging: 4, width: style.width
    ).map(style.red)
  }

  private static func place(_ environment: String, _ input: Input, _ style: Style) -> [String] {
    let state = input.state.environments[environment]
    var pieces = ["nothing was ever deployed"]
    let isGone = !input.stages.contains(environment)
    if let live = state?.live {
      pieces = ["revision \(live.number):", live.revision.content.model.title]
      if let since = state?.liveSince {
        pieces[1] += ","
        pieces.append("live since \(Figures.moment(since.at)) (\(since.rollout))")
      }
    }
    let column = input.places.map(Layout.width).max() ?? 0
    var lines = Layout.flow(
      pieces, prefix: style.bold(Layout.padded(environment, column)) + "  ", hanging: 2, width: style.width)
    if isGone {
      lines += Layout.wrap(
        "not in the pipeline's stages any more, and nothing takes it away: put it back, or leave it to serve",
        prefix: "  ", hanging: 4, width: style.width
      ).map(style.yellow)
    }
    if let why = input.unseen[environment] {
      lines += Layout.wrap(
        "what serves there now is not known: \(Printable.line(why))", prefix: "  ", hanging: 4, width: style.width
      ).map(style.red)
    }
    guard let observation = input.observations[environment] else { return lines }
    if let seal = observation.seal { lines += sealed(seal, style) }
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
    } else if let left = observation.canary?.leaseLeft {
      notes.append("the canary keeps its share for \(Figures.duration(left)) more unless somebody renews it")
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
    guard input.needsRuntime else { return [] }
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
    lines += gate(live, style)
    if !live.remedies.isEmpty {
      lines.append("  what a person can do, in this order:")
      for (index, remedy) in live.remedies.enumerated() {
        lines += Layout.wrap(
          "\(style.bold(remedy.command)): \(remedy.purpose)", prefix: "    \(index + 1). ", hanging: 7,
          width: style.width)
      }
    } else if let command = standing.command {
      lines.append("  type: \(style.bold(command))")
    }
    return lines + lead(input, standing, style)
  }

  /// Who has decided about the gate, and who may still.
  private static func gate(_ rollout: RolloutState, _ style: Style) -> [String] {
    guard let gate = rollout.openGate else { return [] }
    let approved = gate.approvals.isEmpty ? "nobody yet" : gate.approvals.map(\.by).joined(separator: ", ")
    return Layout.wrap(
      "approved by \(Printable.line(approved)); open to \(Printable.line(rollout.approversLeft)) until "
        + Figures.moment(gate.expires), prefix: "  ", hanging: 4, width: style.width)
  }

  private static func lead(_ input: Input, _ standing: Standing, _ style: Style) -> [String] {
    let text =
      switch input.state.lease {
      case let lease? where input.lease.isLive: holder(lease, input)
      case let lease?: gone(lease, input) + ". " + successor(input, standing, style)
      case nil: "nobody leads it. " + successor(input, standing, style)
      }
    return Layout.wrap(text, prefix: "  ", hanging: 4, width: style.width)
  }

  private static func holder(_ lease: LaneState.Lease, _ input: Input) -> String {
    let left = input.lease.left.map { "its lease lasts \(Figures.duration($0)) more" } ?? "its lease lasts \(lease.ttl)"
    let place = input.lease.reach.suffix
    return "led by \(lease.holder.title)\(place) since \(Figures.moment(lease.since)); \(left) unless it is renewed"
  }

  private static func gone(_ lease: LaneState.Lease, _ input: Input) -> String {
    let why = input.lease.holderLives == false ? "is gone" : "was not heard of for \(lease.ttl)"
    return "\(lease.holder.title) led it since \(Figures.moment(lease.since)) and \(why)"
  }

  private static func successor(_ input: Input, _ standing: Standing, _ style: Style) -> String {
    let apply = style.bold("rollout apply")
    switch standing.code {
    case .waitingForApproval: return "Once that is decided, type: \(apply)"
    case .quarantined: return "Nobody will before a person has decided."
    case .running, .baking, .paused, .turningRound, .succeeded, .ended:
      return input.runtimeAddress == nil
        ? "To go on, type: \(apply)" : "The runtime goes on with it in a few seconds; so does \(apply)"
    }
  }

  private static func last(_ input: Input, _ style: Style) -> [String] {
    guard let last = input.state.past.last else { return ["No rollout yet. Start with: \(style.bold("rollout plan"))"] }
    let ago = Figures.duration(input.now - last.endedAt)
    return Layout.wrap(
      "No rollout is under way. The last one, \(last.id) (\(last.title)), ended \(ago) ago: \(last.ending).",
      hanging: 2, width: style.width)
  }
}

extension LeaseVerdict.Reach {
  /// Where a leader is, if not beside whoever reads this.
  var suffix: String {
    switch self {
    case .process: ""
    case .clock: " in another container"
    case .renewals: " on another host"
    }
  }
}

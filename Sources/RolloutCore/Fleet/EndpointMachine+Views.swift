extension EndpointMachine {
  /// What the router may do with this endpoint's requests; `nil` when nobody could answer for it.
  package var route: EndpointRoute? {
    guard let template = (stable ?? canary?.fleet)?.revision.content.template else { return nil }
    let share = canary?.grant.share ?? .none
    var variants: [VariantRoute] = []
    if let stable { variants.append(variant(.stable, stable, share: share.rest)) }
    if let canary {
      variants.append(variant(.canary, canary.fleet, share: share, until: canary.grant.until))
    }
    if let standby { variants.append(variant(.standby, standby.fleet, share: .none)) }
    return EndpointRoute(
      name: name, bodyBytesMax: template.bodyBytesMax, requestTimeout: template.requestTimeout,
      shield: template.shield, variants: variants)
  }

  private func variant(
    _ role: VariantRole, _ fleet: FleetMachine, share: Percent, until: TimeSpan? = nil
  ) -> VariantRoute {
    VariantRoute(
      role: role, fleet: title(of: fleet.id), revision: fleet.revision.digest, share: share, until: until,
      backends: fleet.ready.compactMap { backend($0, of: fleet) })
  }

  /// A process has its own name, so that what its predecessor has under way is not waited for.
  package func backend(_ instance: InstanceMachine, of fleet: FleetMachine) -> Backend? {
    guard let process = instance.process else { return nil }
    return Backend(
      id: "\(name)/\(instance.id)/\(process.pid)", host: "127.0.0.1", port: process.port,
      concurrencyMax: fleet.revision.content.serve.concurrencyMax)
  }

  /// What the endpoint says about itself. `readings` knows what a fleet measured.
  package func observation(
    at now: TimeSpan, readings: (Int) -> (alarms: [AlarmReading], traffic: TrafficReading)
  ) -> EndpointObservation {
    func observe(_ fleet: FleetMachine) -> FleetObservation {
      let (alarms, traffic) = readings(fleet.id)
      return FleetObservation(
        revision: fleet.revision.digest, model: fleet.revision.content.model, desired: fleet.desired,
        ready: fleet.readyCount, alarms: alarms, traffic: traffic, failure: fleet.failure)
    }
    var canary = self.canary
    canary?.grant.advance(to: now)
    return EndpointObservation(
      fence: fence, stable: stable.map(observe),
      canary: canary.map {
        CanaryObservation(
          fleet: observe($0.fleet), share: $0.grant.share, leaseIsLive: $0.grant.isLive, baked: $0.grant.baked(at: now),
          trip: $0.grant.trip, leaseLeft: $0.grant.left(at: now))
      },
      // A fleet that is on its way to take over is shown where people look for the revision before.
      standby: (incoming ?? standby?.fleet).map(observe), lineage: lineage, seal: seal)
  }
}

extension Percent {
  /// What this share leaves of the whole.
  package var rest: Percent {
    guard let rest = Percent(Double(Percent.all.basisPoints - basisPoints) / 100) else {
      preconditionFailure("a share is part of the whole")
    }
    return rest
  }
}

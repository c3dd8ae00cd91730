extension GuardedEndpoint {
  /// The endpoint as drivers and people see it. What SageMaker shifts is the canary until it is promoted, also with all
  /// the traffic. `unknown` names a configuration that none of ours put there.
  package func observation(_ facts: GuardedFacts, unknown: (String) -> Digest, at now: Timestamp)
    -> EndpointObservation
  {
    EndpointObservation(
      fence: fence, stable: stableFleet(facts, unknown), canary: canary(facts, at: now), lineage: lineage)
  }

  private func stableFleet(_ facts: GuardedFacts, _ unknown: (String) -> Digest) -> FleetObservation? {
    guard let endpoint = facts.endpoint else { return nil }
    if let serving = proven(as: endpoint.configuration) { return fleet(serving, endpoint, isServing: true) }
    // What is on its way, or is taken back, is the canary.
    if ([underWay].compactMap { $0 } + revoked).contains(where: { $0.configuration == endpoint.configuration }) {
      return stable.map { fleet($0, endpoint, isServing: true) }
    }
    let model = DeployedModel(
      group: "endpoint configuration \(endpoint.configuration)", version: 0, digest: unknown(endpoint.configuration),
      variant: ModelPackage.fullVariant, metrics: [:], sizeBytes: 0, registryPath: "")
    return FleetObservation(
      revision: unknown(endpoint.configuration), model: model, desired: endpoint.desired, ready: endpoint.current)
  }

  /// What a configuration deploys that is proven, under its own name or as a tombstone.
  private func proven(as configuration: String) -> GuardedDeployment? {
    let back = underWay.flatMap { $0.isGuarded ? nil : $0 }
    if let own = [back, stable].compactMap({ $0 }).first(where: { $0.configuration == configuration }) { return own }
    let content = retired.last { $0.configuration == configuration && $0.isTombstone }?.content
    return stable.flatMap { $0.revision.digest == content ? $0 : nil }
  }

  private func canary(_ facts: GuardedFacts, at now: Timestamp) -> CanaryObservation? {
    let forward = underWay.flatMap { $0.isGuarded ? $0 : nil }
    guard let deployment = forward ?? revoked.first else { return nil }
    let isThere = facts.serves(deployment)
    var fleet = fleet(deployment, facts.endpoint, isServing: isThere)
    if !isThere { fleet.activity = facts.endpoint?.activity ?? facts.stack.map { "the stack is in \($0.status)" } }
    var trip: GuardTrip?
    if forward != nil, !isThere, facts.hasEnded(deployment) {
      if facts.endpoint == nil || facts.failure?.isBeforeTraffic == true {
        fleet.failure = facts.reason ?? "the endpoint could not be made"
      } else {
        trip = GuardTrip(alarm: facts.tripped?.name ?? "guardrail", reason: backReason(facts), at: now)
      }
    }
    return CanaryObservation(
      fleet: fleet, share: isThere ? .all : .none, leaseIsLive: trip == nil, baked: .zero, trip: trip)
  }

  private func backReason(_ facts: GuardedFacts) -> String {
    if let alarm = facts.tripped { return alarm.reason.isEmpty ? "it is in ALARM" : alarm.reason.withoutStop }
    return facts.reason ?? "SageMaker went back to \(facts.endpoint?.configuration ?? "nothing") and does not say why"
  }

  private func fleet(
    _ deployment: GuardedDeployment, _ endpoint: GuardedFacts.Endpoint?, isServing: Bool
  ) -> FleetObservation {
    let content = deployment.revision.content
    let desired = max(endpoint?.desired ?? content.endpoint.instances, 1)
    let doesServe = isServing && endpoint?.serves ?? true
    return FleetObservation(
      revision: deployment.revision.digest, model: content.model, desired: desired,
      ready: doesServe ? max(endpoint?.current ?? desired, 1) : 0,
      failure: isServing && !doesServe
        ? endpoint.map { "\(name) is \($0.status): \($0.reason ?? "nobody says why")" } : nil
    )
  }
}

extension GuardedFacts {
  /// The alarm that ended a deployment, as far as it can be told afterwards.
  var tripped: Alarm? { alarms.first { $0.state == .alarm } }
}

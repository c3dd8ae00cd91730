import RolloutCore
import RolloutEngine

extension SageMakerTarget {
  /// What AWS shows, for decisions and for people.
  struct Facts: Sendable {
    var decisive: GuardedFacts
    /// Identifiers of change sets, by their names.
    var changeSetIDs: [String: String]
    var endpoint: EndpointDescription?
    var alarms: [Alarm]

    var activity: String { decisive.endpoint?.activity ?? decisive.stack?.status ?? "nothing is there" }
  }

  func facts(for record: GuardedEndpoint, withAlarms: Bool = true) async throws(TargetError) -> Facts {
    var sets: [String: GuardedFacts.ChangeSet] = [:]
    var ids: [String: String] = [:]
    // In this order: what a change set is told to be over for is then seen in the stack, and what the stack is over with
    // in the endpoint. The other way round, a process that slept in between would take a deployment for one that failed.
    for deployment in [record.underWay].compactMap({ $0 }) + record.revoked {
      let name = deployment.changeSet
      let found = try await asking { () async throws(AWSError) in
        try await cloudFormation.changeSet(name, stack: place.stack)
      }
      guard let found else { continue }
      sets[name] = GuardedFacts.ChangeSet(found)
      ids[name] = found.id
    }
    let stack = try await asking { () async throws(AWSError) in try await cloudFormation.stack(place.stack) }
    let endpoint = try await asking { () async throws(AWSError) in try await sageMaker.endpoint(place.endpoint) }
    let alarms = withAlarms ? try await alarms(of: endpoint) : []
    var decisive = GuardedFacts(
      endpoint: endpoint.map { GuardedFacts.Endpoint($0) }, stack: stack.map { GuardedFacts.Stack($0) },
      changeSets: sets, alarms: alarms.map { GuardedFacts.Alarm($0) })
    if let deployment = record.underWay, decisive.hasEnded(deployment), !decisive.serves(deployment) {
      decisive.failure = try await failure(of: deployment)
    }
    return Facts(decisive: decisive, changeSetIDs: ids, endpoint: endpoint, alarms: alarms)
  }

  /// The first thing that went wrong: all later ones follow from it.
  private func failure(of deployment: GuardedDeployment) async throws(TargetError) -> GuardedFacts.Failure? {
    try await asking { () async throws(AWSError) in
      let events = try await cloudFormation.events(of: place.stack, limit: Self.eventsMax)
      let own = events.filter {
        $0.token == deployment.changeSet && $0.status.hasSuffix("_FAILED") && $0.type != "AWS::CloudFormation::Stack"
      }
      return own.last.map {
        GuardedFacts.Failure(logicalID: $0.logicalID, type: $0.type, reason: $0.reason ?? $0.status)
      }
    }
  }

  private static let eventsMax = 200

  /// Those that would take a deployment back. After a way back, which nothing watches, the endpoint names none, and the
  /// stack's own tell.
  private func alarms(of endpoint: EndpointDescription?) async throws(TargetError) -> [Alarm] {
    guard let endpoint else { return [] }
    return try await asking { () async throws(AWSError) in
      var names = endpoint.rollbackAlarms
      if names.isEmpty {
        names = try await cloudFormation.resources(of: place.stack)
          .filter { $0.type == "AWS::CloudWatch::Alarm" }.compactMap(\.physicalID)
      }
      return try await cloudWatch.alarms(named: names).sorted { $0.name < $1.name }
    }
  }
}

extension GuardedFacts.Endpoint {
  init(_ endpoint: EndpointDescription) {
    let stages = endpoint.pending?.variants.flatMap(\.stages) ?? endpoint.variants.flatMap(\.stages)
    self.init(
      status: endpoint.status, configuration: endpoint.configuration, isPending: endpoint.pending != nil,
      reason: endpoint.failureReason.flatMap { $0.isEmpty ? nil : $0 },
      activity: endpoint.status == "InService" ? nil : stages.last.map(\.words) ?? endpoint.status,
      desired: endpoint.variants.compactMap(\.desired).reduce(0, +),
      current: endpoint.variants.compactMap(\.current).reduce(0, +))
  }
}

extension EndpointDescription.Stage {
  /// Its message as a part of a sentence.
  fileprivate var words: String {
    guard let message, !message.isEmpty else { return status }
    return message.hasSuffix(".") ? String(message.dropLast()) : message
  }
}

extension GuardedFacts.Stack {
  init(_ stack: StackDescription) {
    self.init(
      name: stack.name, id: stack.id, status: stack.status, reason: stack.reason, changeSet: stack.changeSet,
      configuration: stack.parameters["EndpointConfigName"])
  }
}

extension GuardedFacts.ChangeSet {
  init(_ description: ChangeSetDescription) {
    switch (description.status, description.executionStatus) {
    case ("FAILED", _): self = description.isEmpty ? .empty : .failed(description.reason ?? "it does not say why")
    case (_, "AVAILABLE"): self = .ready(replacesEndpoint: description.changes.contains(where: \.replacesEndpoint))
    case (_, "EXECUTE_IN_PROGRESS"): self = .started
    case (_, "EXECUTE_COMPLETE"), (_, "EXECUTE_FAILED"): self = .finished
    case (_, "OBSOLETE"): self = .failed("the stack was changed after it was made")
    default: self = .creating
    }
  }
}

extension ResourceChange {
  /// The live endpoint would be deleted and made anew, or deleted.
  package var replacesEndpoint: Bool {
    type == "AWS::SageMaker::Endpoint"
      && (action == "Remove" || action == "Modify" && (replacement == "True" || replacement == "Conditional"))
  }
}

extension GuardedFacts.Alarm {
  init(_ alarm: Alarm) {
    self.init(
      name: alarm.name, state: AlarmReading.State(rawValue: alarm.state) ?? .insufficientData, reason: alarm.reason,
      isAbort: alarm.namespace == "Rollout" && alarm.metric == "Abort")
  }
}

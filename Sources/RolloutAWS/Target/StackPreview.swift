package import RolloutCore
import RolloutEngine

/// Asks CloudFormation what a deployment would do, and leaves nothing behind.
package struct StackPreview: Sendable {
  private let place: SageMakerTarget.Place
  private let target: SageMakerTarget
  private let sleep: @Sendable (TimeSpan) async throws -> Void

  package init(
    _ target: SageMakerTarget,
    sleep: @escaping @Sendable (TimeSpan) async throws -> Void = { try await Task.sleep(for: $0.duration) }
  ) {
    place = target.place
    self.target = target
    self.sleep = sleep
  }

  /// `name` is the change set's, which nobody else uses. A stack that is not there yet is not asked about: CloudFormation
  /// would begin it. `quota`: instances of its type that all endpoints together may have, where that is known.
  package func change(for revision: Revision, named name: String, quota: Int?) async throws -> StackChange? {
    guard let spec = revision.content.sageMaker else { return nil }
    let endpoint = try await target.asking { () async throws(AWSError) in
      try await target.sageMaker.endpoint(place.endpoint)
    }
    let stack = try await target.asking { () async throws(AWSError) in
      try await target.cloudFormation.stack(place.stack)
    }
    let instances = max(endpoint?.variants.compactMap(\.desired).reduce(0, +) ?? 0, revision.content.endpoint.instances)
    try await refuseLastingObstacle(
      to: revision,
      GuardedFacts(endpoint: endpoint.map { GuardedFacts.Endpoint($0) }, stack: stack.map { GuardedFacts.Stack($0) }))
    let isNew = stack.map { GuardedFacts.Stack($0).isEmpty } ?? true
    let resources = isNew ? [] : try await resources(of: revision, named: name)
    return StackChange(spec, resources: resources, isNew: isNew, instances: instances, quota: quota)
  }

  /// Whoever reads a plan that could not begin hears it now. What passes by itself is no reason against a plan.
  private func refuseLastingObstacle(to revision: Revision, _ facts: GuardedFacts) async throws(TargetError) {
    let record = try await target.load().record
    let deployment = GuardedDeployment(revision, fence: 0, lineage: "plan", isGuarded: true)
    if let why = record.lastingObstacle(to: deployment, facts) { throw TargetError(.refused, "no plan: \(why)") }
  }

  private func resources(of revision: Revision, named name: String) async throws -> [StackChange.Resource] {
    var deployment = GuardedDeployment(revision, fence: 0, lineage: "plan", isGuarded: true)
    deployment.changeSet = name
    try await target.create(deployment, endpointExists: true, isNew: false)
    do {
      let changes = try await described(name)
      try await delete(name)
      return changes
    } catch {
      // Whatever went wrong is what there is to say; a change set that stays changes nothing.
      try? await delete(name)
      throw error
    }
  }

  private func delete(_ name: String) async throws(TargetError) {
    try await target.asking { () async throws(AWSError) in
      try await target.cloudFormation.deleteChangeSet(name, stack: place.stack)
    }
  }

  private func described(_ name: String) async throws -> [StackChange.Resource] {
    var waited = TimeSpan.zero
    var pause = TimeSpan.milliseconds(200)
    while waited < Self.patience {
      let found = try await target.asking { () async throws(AWSError) in
        try await target.cloudFormation.changeSet(name, stack: place.stack)
      }
      guard let found else { throw TargetError(.refused, "somebody deleted the change set \(name) of \(place.stack)") }
      if found.isEmpty { return [] }
      if found.status == "FAILED" {
        throw TargetError(.refused, "CloudFormation refuses the change set: \(found.reason ?? "it does not say why")")
      }
      if found.status == "CREATE_COMPLETE" { return found.changes.map { StackChange.Resource($0) } }
      try await sleep(pause)
      waited = waited + pause
      pause = min(pause * 2, .seconds(5))
    }
    throw TargetError(.ambiguous, "CloudFormation still works on the change set \(name) after \(Self.patience)")
  }

  private static let patience = TimeSpan.minutes(5)
}

extension StackChange.Resource {
  init(_ change: ResourceChange) {
    let action: StackChange.Action =
      switch (change.action, change.replacement) {
      case ("Add", _), ("Import", _): .add
      case ("Remove", _): .remove
      case (_, "True"), (_, "Conditional"): .replace
      default: .modify
      }
    let properties = Set(change.details.map { $0.name ?? $0.attribute }).sorted()
    self.init(
      logicalID: change.logicalID, type: change.type, action: action, properties: properties,
      isKept: change.policyAction?.contains("Retain") ?? false)
  }
}

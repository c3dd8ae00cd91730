import RolloutCore
import RolloutEngine

extension SageMakerTarget {
  /// The record first, then the request: whoever dies in between leaves a record that says what may have happened.
  func carryOut(_ act: GuardedAct, _ kept: Kept, _ facts: Facts) async throws(TargetError) -> Kept {
    switch act {
    case .create(let deployment):
      let kept = try await change(kept) { $0.creating(deployment, facts.decisive) }
      try await create(
        deployment, endpointExists: facts.decisive.endpoint != nil, isNew: facts.decisive.stack?.isEmpty ?? true)
      return kept
    case .execute(let deployment):
      let kept = try await change(kept) { $0.ordered() }
      guard let id = facts.changeSetIDs[deployment.changeSet] else { return kept }
      // Without an answer it is looked for; by this identifier it can be carried out once at most.
      try await asking { () async throws(AWSError) in
        try await cloudFormation.execute(changeSet: id, stack: place.stack, token: deployment.changeSet)
      }
      return kept
    case .begin(let revision): return try await change(kept) { $0.begin(revision, at: now()) }
    case .withdraw(let deployment):
      guard let id = facts.changeSetIDs[deployment.changeSet] else { return kept }
      try await asking { () async throws(AWSError) in
        try await cloudFormation.deleteChangeSet(id, stack: place.stack)
      }
      return kept
    case .abort:
      _ = try await change(kept) { $0.aborting(true) }
      try await put(abort: 1)
      throw TargetError(.throttled, "SageMaker was told to go back; \(facts.activity)")
    case .calm(let isInTheWay):
      try await put(abort: 0)
      let kept = try await change(kept) { $0.aborting(false) }
      guard isInTheWay else { return kept }
      throw TargetError(.throttled, "the abort alarm of \(place.endpoint) is not OK again yet")
    case .bury(let deployment, let good): return try await bury(deployment, like: good, kept)
    case .deleteStack(let id):
      try await asking { () async throws(AWSError) in
        try await cloudFormation.deleteStack(id, token: "rollout-delete-\(kept.record.fence)")
      }
      throw TargetError(
        .throttled, "CloudFormation deletes the stack \(place.stack), which was made for this deployment")
    case .wait, .refuse, .done: preconditionFailure("these are answers, not acts")
    }
  }

  private func put(abort value: Double) async throws(TargetError) {
    try await asking { () async throws(AWSError) in try await cloudWatch.put(abort: value, of: place.endpoint) }
  }

  func create(
    _ deployment: GuardedDeployment, endpointExists: Bool, isNew: Bool
  ) async throws(TargetError) {
    guard let spec = deployment.revision.content.sageMaker else {
      throw TargetError(.refused, "\(deployment.revision.content.model.title) was not planned for SageMaker")
    }
    let template = try await sendable(spec.template)
    let parameters = StackParameters.values(for: deployment, endpointExists: endpointExists)
    try await asking { () async throws(AWSError) in
      _ = try await cloudFormation.createChangeSet(
        stack: place.stack, name: deployment.changeSet, isNew: isNew, template: template, parameters: parameters,
        capabilities: ["CAPABILITY_IAM"], token: deployment.changeSet, tags: ["rollout:endpoint": place.endpoint])
    }
  }

  private func sendable(
    _ template: StackTemplate
  ) async throws(TargetError) -> CloudFormationService.Template {
    guard template.text.utf8.count > StackTemplate.requestBytesMax else { return .inline(template.text) }
    guard let store = place.templates else {
      throw TargetError(
        .refused,
        "\(template.name) has \(template.text.utf8.count) bytes, more than the \(StackTemplate.requestBytesMax) that "
          + "CloudFormation takes in a request, and there is no bucket for it: keep the state in S3")
    }
    return try await asking { () async throws(AWSError) in
      .url(
        try await S3Bucket(store.bucket, client).keep(template: template.text, under: store.prefix))
    }
  }

  /// Deletes a configuration and gives its name to the content of another one. Told once it is seen to be so.
  private func bury(
    _ deployment: GuardedDeployment, like good: String?, _ kept: Kept
  ) async throws(TargetError) -> Kept {
    let name = deployment.configuration
    let models = try await asking { () async throws(AWSError) in
      let good = if let good { try await sageMaker.configuration(good) } else { EndpointConfiguration?.none }
      let present = try await sageMaker.configuration(name)
      if let present, let good, present.content == good.content { return [String]() }
      if present != nil { try await sageMaker.deleteConfiguration(name) }
      guard let good else { return present?.models ?? [] }
      _ = try await sageMaker.create(
        good, named: name,
        tags: ["rollout:tombstone": "given to good content after \(deployment.changeSet) was taken back"])
      return present?.models ?? []
    }
    let isThere =
      try await asking { () async throws(AWSError) in try await sageMaker.configuration(name) } != nil
    guard isThere == (good != nil) else { return kept }
    return try await change(kept) { $0.buried(deployment, like: good, models: models, at: now()) }
  }

  /// Configurations, and the models behind them, that nothing needs any more. What cannot be deleted now is tried again
  /// after the next promotion: it costs nothing and serves nobody.
  func removeLeftovers(_ kept: Kept) async {
    var kept = kept
    guard let serving = kept.record.stable?.configuration else { return }
    do {
      let needed = try await sageMaker.configuration(serving)?.models ?? []
      for left in kept.record.removable(at: now()) where left.configuration != serving {
        let models = try await sageMaker.configuration(left.configuration)?.models ?? []
        try await sageMaker.deleteConfiguration(left.configuration)
        for model in Set(models + left.models).subtracting(needed).sorted() { try await sageMaker.deleteModel(model) }
        kept = try await change(kept) { $0.removed(left.configuration) }
      }
    } catch { return }
  }

  /// AWS's refusals in the engine's words.
  func asking<Output>(_ ask: () async throws(AWSError) -> Output) async throws(TargetError) -> Output {
    do throws(AWSError) { return try await ask() } catch { throw TargetError(error) }
  }

  var sageMaker: SageMakerService { SageMakerService(client) }
  var cloudFormation: CloudFormationService { CloudFormationService(client) }
  var cloudWatch: CloudWatchService { CloudWatchService(client) }
}

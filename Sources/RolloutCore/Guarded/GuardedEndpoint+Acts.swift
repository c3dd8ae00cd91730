extension GuardedEndpoint {
  /// What to do next for an order that was accepted, by what AWS shows now.
  package func next(for order: TargetOrder, _ facts: GuardedFacts) -> GuardedAct {
    switch order {
    case .prepare: prepare(facts)
    case .shift: .refuse("SageMaker shifts traffic by itself")
    case .promote: promote(facts)
    case .restore(let base): restore(base, facts)
    }
  }

  private func prepare(_ facts: GuardedFacts) -> GuardedAct {
    guard let deployment = underWay else { return .refuse("\(name) was told otherwise meanwhile") }
    return carryOut(deployment, facts) { obstacle(to: deployment, facts) }
  }

  /// Change set, execution, and no further: what becomes of it is observed.
  private func carryOut(
    _ deployment: GuardedDeployment, _ facts: GuardedFacts, unless obstacle: () -> GuardedAct?
  ) -> GuardedAct {
    switch facts.changeSets[deployment.changeSet] {
    case .started, .finished: .done
    // Those that were executed are not kept for ever.
    case nil where deployment.isOrdered: .done
    case nil: obstacle() ?? .create(deployment)
    case .creating: .wait("CloudFormation works out what would change")
    case .empty: .refuse("CloudFormation sees nothing to change in \(stackName(deployment))")
    case .failed(let reason): .refuse("CloudFormation refuses the change set: \(reason)")
    case .ready(replacesEndpoint: true):
      .refuse("this would delete the live endpoint \(name) and make it anew")
    case .ready: obstacle() ?? .execute(deployment)
    }
  }

  private func stackName(_ deployment: GuardedDeployment) -> String {
    deployment.revision.content.sageMaker?.stack ?? "the stack"
  }

  private func promote(_ facts: GuardedFacts) -> GuardedAct {
    guard let deployment = underWay else { return .done }
    return facts.serves(deployment) ? .done : .refuse("\(name) does not serve \(deployment.configuration) any more")
  }
}

// MARK: - Preflight

extension GuardedEndpoint {
  /// Why a deployment cannot begin now.
  private func obstacle(to deployment: GuardedDeployment, _ facts: GuardedFacts) -> GuardedAct? {
    if let stack = facts.stack {
      guard stack.isEmpty || ownsStack else {
        return .refuse("there is a stack \(stackName(deployment)) already, which was not made for \(name)")
      }
      if let act = obstacle(in: stack, of: deployment) { return act }
    }
    guard let endpoint = facts.endpoint else { return nil }
    guard facts.stack.map({ !$0.isEmpty }) ?? false else {
      return .refuse(
        "\(name) exists already, and not by the stack \(stackName(deployment)): it was made by somebody else")
    }
    guard endpoint.isSettled else {
      let reason = endpoint.status == "Failed" ? "only deleting it helps" : "another deployment is under way"
      return .refuse("\(name) is \(endpoint.status): \(reason)")
    }
    guard deployment.isGuarded else { return nil }
    guard knows(endpoint.configuration) else {
      return .refuse("\(name) serves \(endpoint.configuration), which was put there by hand")
    }
    let tripped = facts.alarms.filter { $0.state == .alarm && !$0.isAbort }.map { "\($0.name) (\($0.reason))" }
    guard tripped.isEmpty else {
      return .refuse(
        "SageMaker would go back at once, because of alarms that are in ALARM: \(tripped.joined(separator: ", "))")
    }
    // Calmed after the last way back, it is OK again within a minute.
    if facts.abortHasTripped { return isAborting ? .calm : .wait("the abort alarm is not OK again yet") }
    return nil
  }

  private func obstacle(in stack: GuardedFacts.Stack, of deployment: GuardedDeployment) -> GuardedAct? {
    let title = "the stack \(stackName(deployment)) is in \(stack.status)"
    switch stack.status {
    case let status where status.hasSuffix("CLEANUP_IN_PROGRESS"): return .wait("\(title): old resources are removed")
    case _ where stack.isBusy:
      return deployment.isGuarded ? .refuse("\(title): somebody else is changing it") : .wait(title)
    case "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED":
      return .refuse(
        "\(title) and can only be deleted: aws cloudformation delete-stack --stack-name \(stackName(deployment))")
    case "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED":
      return .refuse(
        "\(title): first let it end: aws cloudformation continue-update-rollback --stack-name \(stackName(deployment))")
    default: return nil
    }
  }

  /// Whether one of ours put it there.
  package func knows(_ configuration: String) -> Bool {
    stable?.configuration == configuration || underWay?.configuration == configuration
      || revoked.contains { $0.configuration == configuration }
      || retired.contains { $0.configuration == configuration }
  }
}

// MARK: - The way back

extension GuardedEndpoint {
  private func restore(_ base: Revision?, _ facts: GuardedFacts) -> GuardedAct {
    if let act = stop(facts) { return act }
    guard let base else {
      if ownsStack, let stack = facts.stack, stack.status != "DELETE_COMPLETE" { return .deleteStack }
      return bury(like: nil)
    }
    if facts.endpoint?.status == "Failed" { return .refuse("\(name) is Failed: only deleting it helps") }
    if serves(base, facts) { return bury(like: facts.endpoint?.configuration) }
    guard let back = underWay, !back.isGuarded, back.revision.digest == base.digest else { return .begin(base) }
    guard facts.hasEnded(back) else {
      let act = carryOut(back, facts) { obstacle(to: back, facts) }
      return act == .done ? .wait("CloudFormation deploys \(back.configuration)") : act
    }
    // Tried under this very order, it is for the driver to say what follows; another order tries again.
    guard back.fence == fence else { return .begin(base) }
    return .refuse("\(name) could not be given \(back.configuration): \(facts.reason ?? "AWS does not say why")")
  }

  /// Nothing that is taken back may still begin, and what has begun goes back before anything else is done. `nil` once
  /// everything stands still.
  private func stop(_ facts: GuardedFacts) -> GuardedAct? {
    for deployment in revoked {
      switch facts.changeSets[deployment.changeSet] {
      case .creating: return .wait("CloudFormation works out a change set that is to be withdrawn")
      case .ready: return .withdraw(deployment)
      case .started, .finished, .empty, .failed, nil: continue
      }
    }
    if facts.isQuiet { return nil }
    if let back = underWay, facts.stack?.changeSet == back.changeSet {
      return .wait("CloudFormation deploys \(back.configuration)")
    }
    let isGoingBack = facts.stack?.isGoingBack ?? false
    if revoked.contains(where: \.isOrdered), !isGoingBack {
      return isAborting && facts.abortHasTripped
        ? .wait("SageMaker takes the traffic back: \(facts.endpoint?.activity ?? facts.endpoint?.status ?? "")")
        : .abort
    }
    return .wait("\(name) is not at rest yet: \(facts.endpoint?.activity ?? facts.stack?.status ?? "")")
  }

  /// The last steps of a way back.
  private func bury(like good: String?) -> GuardedAct {
    if let deployment = revoked.first { return .bury(deployment, like: good) }
    return isAborting ? .calm : .done
  }

  /// Users are on this revision, and CloudFormation knows it.
  private func serves(_ base: Revision, _ facts: GuardedFacts) -> Bool {
    guard let configuration = facts.endpoint?.configuration,
      let deployment = [underWay, stable].compactMap({ $0 }).first(where: { $0.configuration == configuration }),
      deployment.revision.digest == base.digest
    else { return false }
    return facts.stack?.configuration.map { $0 == configuration } ?? true
  }
}

extension GuardedFacts {
  /// Success, and nothing else is: in service, on this configuration, nothing pending, and CloudFormation has seen it.
  package func serves(_ deployment: GuardedDeployment) -> Bool {
    guard let endpoint, let stack else { return false }
    return endpoint.isSettled && endpoint.configuration == deployment.configuration && !stack.isBusy
      && !stack.isGoingBack
  }

  /// It was carried out and everything stands still again, or it is on its way back. A stack shows the state before for
  /// a moment after it was told to change.
  package func hasEnded(_ deployment: GuardedDeployment) -> Bool {
    guard deployment.isOrdered, let stack, !stack.isEmpty, stack.changeSet == deployment.changeSet else { return false }
    if changeSets[deployment.changeSet] != .started, isQuiet { return true }
    return stack.isBusy && stack.isGoingBack && endpoint?.isSettled ?? true
  }

  /// Why the endpoint is not where it should be.
  package var reason: String? { endpoint?.reason ?? stack?.reason }

  var abortHasTripped: Bool { alarms.contains { $0.isAbort && $0.state == .alarm } }
}

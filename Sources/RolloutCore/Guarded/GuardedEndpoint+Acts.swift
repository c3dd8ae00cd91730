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
  func carryOut(
    _ deployment: GuardedDeployment, _ facts: GuardedFacts, unless obstacle: () -> GuardedAct?
  ) -> GuardedAct {
    switch facts.changeSets[deployment.changeSet] {
    case .started, .finished: .done
    // Those that were executed are not kept for ever.
    case nil where deployment.isOrdered: .done
    case nil: obstacle() ?? .create(deployment)
    case .creating: .wait("CloudFormation works out what would change")
    case .empty: .refuse("CloudFormation sees nothing to change in \(deployment.stack)")
    case .failed(let reason): .refuse("CloudFormation refuses the change set: \(reason)")
    case .ready(replacesEndpoint: true):
      .refuse("this would delete the live endpoint \(name) and make it anew")
    case .ready: obstacle() ?? .execute(deployment)
    }
  }

  private func promote(_ facts: GuardedFacts) -> GuardedAct {
    guard let deployment = underWay, !facts.serves(deployment) else { return .done }
    // Scaling, which was held up while it was deployed, may come in between.
    if let endpoint = facts.endpoint, endpoint.configuration == deployment.configuration, endpoint.isBrieflyBusy {
      return .wait("\(name) is \(endpoint.status): it scales")
    }
    return .refuse("\(name) does not serve \(deployment.configuration) any more")
  }
}

// MARK: - Preflight

extension GuardedEndpoint {
  /// Why a deployment cannot begin now.
  func obstacle(to deployment: GuardedDeployment, _ facts: GuardedFacts) -> GuardedAct? {
    if let why = lastingObstacle(to: deployment, facts) { return .refuse(why) }
    if let stack = facts.stack, stack.isBusy {
      let title = "the stack \(stack.name) is in \(stack.status)"
      if stack.status.hasSuffix("CLEANUP_IN_PROGRESS") { return .wait("\(title): old resources are removed") }
      return deployment.isGuarded ? .refuse("\(title): somebody else is changing it") : .wait(title)
    }
    guard deployment.isGuarded, let endpoint = facts.endpoint else { return nil }
    if endpoint.isBrieflyBusy { return .wait("\(name) is \(endpoint.status): it scales, or AWS looks after it") }
    guard endpoint.isSettled else {
      let reason = endpoint.isAtRest ? "what it was given last failed" : "another deployment is under way"
      return .refuse(
        "\(name) is \(endpoint.status): \(endpoint.status == "Failed" ? "only deleting it helps" : reason)")
    }
    guard knows(endpoint.configuration) else {
      return .refuse("\(name) serves \(endpoint.configuration), which was put there by hand")
    }
    let tripped = facts.alarms.filter { $0.state == .alarm && !$0.isAbort }.map { "\($0.name) (\($0.reason))" }
    guard tripped.isEmpty else {
      return .refuse(
        "SageMaker would go back at once, because of alarms that are in ALARM: \(tripped.joined(separator: ", "))")
    }
    // Whoever set it off last, nothing can bake before it is OK again.
    if facts.abortHasTripped { return .calm(isInTheWay: true) }
    return nil
  }

  /// Why none could begin, now or later, before somebody has done something about it.
  package func lastingObstacle(to deployment: GuardedDeployment, _ facts: GuardedFacts) -> String? {
    guard let stack = facts.stack, !stack.isEmpty else {
      guard facts.endpoint != nil else { return nil }
      return "\(name) exists already, and not by the stack \(deployment.stack): it was made by somebody else"
    }
    // One that holds nothing any more is in nobody's way but ours.
    guard ownStack == stack.name || stack.status == "ROLLBACK_COMPLETE" else {
      return "there is a stack \(stack.name) already, which was not made for \(name): give the environment another one "
        + "(target.stack)"
    }
    if let why = stack.lastingObstacle { return why }
    guard facts.endpoint == nil, !stack.isBusy else { return nil }
    return "the stack \(stack.name) is there and its endpoint \(name) is not: delete what is left of it: "
      + "aws cloudformation delete-stack --stack-name \(stack.name)"
  }

  /// Whether one of ours put it there.
  package func knows(_ configuration: String) -> Bool {
    stable?.configuration == configuration || underWay?.configuration == configuration
      || revoked.contains { $0.configuration == configuration }
      || retired.contains { $0.configuration == configuration }
  }
}

extension GuardedFacts.Stack {
  fileprivate var lastingObstacle: String? {
    let title = "the stack \(name) is in \(status)"
    switch status {
    case "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED":
      return "\(title) and can only be deleted: aws cloudformation delete-stack --stack-name \(name)"
    case "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED":
      return "\(title): first let it end: aws cloudformation continue-update-rollback --stack-name \(name)"
    default: return nil
    }
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
  package var reason: String? { (failure?.text ?? endpoint?.reason ?? stack?.reason)?.withoutStop }

  var abortHasTripped: Bool { alarms.contains { $0.isAbort && $0.state == .alarm } }
}

extension String {
  /// AWS's sentence as a part of ours.
  var withoutStop: String { hasSuffix(".") ? String(dropLast()) : self }
}

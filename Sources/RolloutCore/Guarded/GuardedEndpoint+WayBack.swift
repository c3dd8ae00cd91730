extension GuardedEndpoint {
  func restore(_ base: Revision?, _ facts: GuardedFacts) -> GuardedAct {
    if facts.endpoint?.status == "Failed", base != nil { return .refuse("\(name) is Failed: only deleting it helps") }
    if base == nil, let act = endStack(facts) { return act }
    if let act = stop(facts) { return act }
    guard let base else { return bury(like: nil) }
    if serves(base, facts) { return bury(like: facts.endpoint?.configuration) }
    if let configuration = facts.endpoint?.configuration, !knows(configuration), !revoked.contains(where: \.isOrdered) {
      return .refuse(
        "\(name) serves \(configuration), which was put there by hand; nothing of this rollout was begun, and it is left "
          + "as it is")
    }
    guard let back = underWay, !back.isGuarded, back.revision.digest == base.digest else { return .begin(base) }
    return back.fence == fence ? goBack(back, facts) : adopt(back, base, facts)
  }

  /// What this very order began. Once it cannot come to anything, it is for the driver to say what follows.
  private func goBack(_ back: GuardedDeployment, _ facts: GuardedFacts) -> GuardedAct {
    if facts.hasEnded(back) || isLost(back, facts) {
      return .refuse("\(name) could not be given \(back.configuration): \(facts.reason ?? "AWS does not say why")")
    }
    let act = carryOut(back, facts) { obstacle(to: back, facts) }
    return act == .done ? .wait("CloudFormation deploys \(back.configuration)") : act
  }

  /// What an older order began goes on as long as it can come to something; else it is begun anew.
  private func adopt(_ back: GuardedDeployment, _ base: Revision, _ facts: GuardedFacts) -> GuardedAct {
    switch facts.changeSets[back.changeSet] {
    case .creating, .ready, .started: goBack(back, facts)
    case .finished, .empty, .failed, nil: .begin(base)
    }
  }

  /// It was told to begin and never did, and nothing of it is left to be told again.
  private func isLost(_ back: GuardedDeployment, _ facts: GuardedFacts) -> Bool {
    back.isOrdered && facts.changeSets[back.changeSet] == nil && facts.isQuiet
      && facts.stack?.changeSet != back.changeSet
  }

  /// There was nothing before, so that there is nothing for SageMaker to go back to. `nil` once the stack is gone, or where
  /// it is not ours to end.
  private func endStack(_ facts: GuardedFacts) -> GuardedAct? {
    guard let stack = facts.stack, stack.name == ownStack, stack.status != "DELETE_COMPLETE" else { return nil }
    switch stack.status {
    case "DELETE_IN_PROGRESS": return .wait("CloudFormation deletes the stack \(stack.name)")
    case "DELETE_FAILED":
      return .refuse("the stack \(stack.name) cannot be deleted: \(stack.reason ?? "CloudFormation does not say why")")
    default: return .deleteStack(id: stack.id)
    }
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
    let activity = facts.endpoint?.activity ?? facts.stack?.status ?? ""
    if let back = underWay, facts.stack?.changeSet == back.changeSet {
      return .wait("CloudFormation deploys \(back.configuration): \(activity)")
    }
    guard revoked.contains(where: \.isOrdered), !(facts.stack?.isGoingBack ?? false) else {
      return .wait("\(name) is not at rest yet: \(activity)")
    }
    return isAborting && facts.abortHasTripped ? .wait("SageMaker takes the traffic back: \(activity)") : .abort
  }

  /// The last steps of a way back.
  private func bury(like good: String?) -> GuardedAct {
    if let deployment = revoked.first { return .bury(deployment, like: good) }
    return isAborting ? .calm(isInTheWay: false) : .done
  }

  /// Users are on this revision, and CloudFormation knows it.
  private func serves(_ base: Revision, _ facts: GuardedFacts) -> Bool {
    guard let endpoint = facts.endpoint, endpoint.isSettled,
      let deployment = [underWay, stable].compactMap({ $0 }).first(where: { $0.configuration == endpoint.configuration }
      ),
      deployment.revision.digest == base.digest
    else { return false }
    return facts.stack?.configuration.map { $0 == endpoint.configuration } ?? true
  }
}

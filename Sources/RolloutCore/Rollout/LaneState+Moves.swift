/// What an event means to the machine, and what the machine's refusals mean to people.
extension LaneState {
  /// The event without its words. Throws where the words themselves are wrong: a revision that never was, evidence or a
  /// promotion about another environment.
  func move(for entry: Entry) throws(Refusal) -> Move {
    switch entry.event {
    case .laneCreated: .laneCreated
    case .rolloutStarted(let id, let plan, let program):
      .rolloutStarted(try unused(id, program).course, plan: Token(plan))
    case .rollbackStarted(let id, let environment, let endpoint, let record, _):
      try rollback(of: environment, endpoint, to: record, as: id)
    case .approvalGranted(let approval): .approvalGranted(try signed(approval))
    case .approvalDenied(let approval): .approvalDenied(decision(approval))
    case .approvalRevoked(let id, let gate, let name, _):
      .approvalRevoked(
        rollout: number(of: id), gate: gate, of: person(name),
        isEntitled: rollout?.mayRevoke(entry.actor.name, approvalOf: name) ?? false)
    case .abortRequested(let id, _, let isRollback): .abortRequested(rollout: number(of: id), isRollback: isRollback)
    case .holdSet(let id, _): .holdSet(rollout: number(of: id))
    case .holdCleared(let id): .holdCleared(rollout: number(of: id))
    case .bakeSkipped(let id, let position): .bakeSkipped(rollout: number(of: id), position)
    case .operatorResolved(let id, _): .operatorResolved(rollout: number(of: id))
    case .leaseAcquired(_, let why): .leaseAcquired(why)
    case .emergencyReverted(let emergency): revert(emergency)
    case .revisionAdopted(let environment, let record): try adoption(of: record, in: environment)
    case .leaseReleased: .leaseReleased
    default: try driven(entry.event)
    }
  }

  /// Where no rollout is under way, neither of the two has anything for the machine to do.
  private func adoption(of record: RevisionRecord, in environment: String) throws(Refusal) -> Move {
    if liveRollout != nil { throw Refusal("a rollout is under way") }
    if environments[environment]?.live != nil { throw Refusal("this journal knows what is live in \(environment)") }
    let endpoint = record.revision.content.endpoint.name
    if let owner = self.environment(of: endpoint), owner != environment {
      throw Refusal("\(endpoint) belongs to \(owner)")
    }
    return .emergencyReverted(stage: nil, restored: nil)
  }

  /// Of a revision that this journal has never deployed it would not know what to go back to.
  private func revert(_ emergency: Emergency) -> Move {
    let isUnderWay = liveRollout?.stage.endpoint == emergency.endpoint
    return .emergencyReverted(
      stage: isUnderWay ? liveRollout?.position.stage : nil,
      restored: wayBack(of: emergency).map { Token($0.record.revision.digest) })
  }

  /// The one that has deployed to an endpoint.
  func environment(of endpoint: String) -> String? {
    environments.keys.sorted().first { name in
      environments[name]?.revisions.contains { $0.revision.content.endpoint.name == endpoint } == true
    }
  }

  private func unused(_ id: String, _ program: Program) throws(Refusal) -> Program {
    if past.contains(where: { $0.id == id }) || liveRollout?.id == id { throw Refusal("there was a rollout \(id)") }
    if program.stages.contains(where: { $0.approval.map { $0.minimum < 1 } == true }) {
      throw Refusal("a gate that nobody has to pass is none")
    }
    return program
  }

  /// Where an emergency led, as this journal knows it; `nil`: it has never deployed that.
  package func wayBack(of emergency: Emergency) -> (environment: String, record: RevisionRecord)? {
    // Whoever was in a hurry may have called it by another name.
    let name = environment(of: emergency.endpoint) ?? emergency.environment
    return environments[name]?.revisions.first { $0.revision.digest == emergency.restored }.map { (name, $0) }
  }

  private func driven(_ event: Event) throws(Refusal) -> Move {
    switch event {
    case .stepStarted(let position, _, let direction): return .stepStarted(position, direction)
    case .stepSucceeded(let position, _): return .stepSucceeded(position)
    case .stepFailed(let position, let isFinal, _): return .stepFailed(position, isFinal: isFinal)
    case .stepSuperseded(let position, _): return .stepSuperseded(position)
    case .evidenceRecorded(let evidence):
      guard let stage = rollout?.position.stage, evidence.environment == rollout?.stage.environment else {
        throw Refusal("evidence belongs to the step that measured it")
      }
      return .evidenceRecorded(
        Proven(stage: stage, kind: evidence.kind, passed: evidence.passed, root: Token(evidence.root)))
    case .gateOpened(let position, let root, let expires):
      guard root == rollout?.shown else { throw Refusal("the gate is about other evidence") }
      return .gateOpened(position, evidenceRoot: Token(root), expires: expires)
    case .gateExpired(let position): return .gateExpired(position)
    case .canaryLapsed(let position): return .canaryLapsed(position)
    case .guardTripped(let position, _): return .guardTripped(position)
    case .unwindStarted(let cause): return .unwindStarted(cause.kind)
    case .revisionPromoted(let environment, let record):
      guard let stage = rollout?.stage, environment == stage.environment, record.revision == stage.revision else {
        throw Refusal("this rollout does not promote that")
      }
      return .revisionPromoted
    case .rolloutCompleted(let outcome):
      if let rollout, rollout.isUnwinding, outcome != rollout.cause.map(Outcome.init(unwoundBy:)) {
        throw Refusal("that is not how it ended")
      }
      return .rolloutCompleted(outcome.kind)
    case .quarantined: return .quarantined
    default: preconditionFailure("anybody's events are translated above")
    }
  }

  private func rollback(
    of environment: String, _ endpoint: String, to record: RevisionRecord, as id: String
  ) throws(Refusal) -> Move {
    if past.contains(where: { $0.id == id }) || liveRollout?.id == id { throw Refusal("there was a rollout \(id)") }
    guard environments[environment]?.revisions.contains(record) == true,
      record.revision.content.endpoint.name == endpoint
    else { throw Refusal("\(environment) never had that revision") }
    let digest = Token(record.revision.digest)
    return .rollbackStarted(Course(stages: [Course.Stage(steps: [], revision: digest, base: digest)]))
  }

  private func signed(_ approval: Approval) throws(Refusal) -> Decision {
    if rollout?.lacksSignature(approval) == true { throw Refusal(ApprovalRefusal.unsigned.text) }
    return decision(approval)
  }

  /// 0 for any other rollout than the one under way.
  private func number(of id: String) -> Int { rollout.map { $0.id == id ? $0.machine.number : 0 } ?? 0 }

  private func person(_ name: String) -> Person { rollout?.person(name) ?? .author }

  private func decision(_ approval: Approval) -> Decision {
    rollout?.decision(approval)
      ?? Decision(
        rollout: 0, gate: approval.gate, plan: .foreign, evidenceRoot: .foreign, by: .author, isEntitled: false)
  }
}

extension RolloutState {
  /// Somebody new is the next one.
  func person(_ name: String) -> Person { Person(index: people.firstIndex(of: name) ?? people.count) }

  /// What a gate opened now would be about.
  var shown: Digest? { evidenceRoot ?? plan }

  func decision(_ approval: Approval) -> Decision {
    Decision(
      rollout: approval.rollout == id ? machine.number : 0, gate: approval.gate,
      plan: approval.plan == plan ? Token(approval.plan) : .foreign,
      evidenceRoot: approval.evidenceRoot == gate?.evidenceRoot ? Token(approval.evidenceRoot) : .foreign,
      by: person(approval.by), isEntitled: isApprover(approval.by))
  }

  /// Whether a signature is asked for and is not there; whether one is good, who checks signatures says.
  package func lacksSignature(_ approval: Approval) -> Bool {
    stage.approval?.signers != nil && approval.signature == nil
  }

  private func isApprover(_ name: String) -> Bool {
    guard let policy = stage.approval else { return false }
    return policy.approvers.isEmpty || policy.approvers.contains(name)
  }

  func mayRevoke(_ name: String, approvalOf approver: String) -> Bool {
    name == approver || stage.approval?.approvers.contains(name) == true
  }
}

extension Cause {
  package var kind: CauseKind {
    switch self {
    case .guardTripped: .guardTripped
    case .proofFailed: .proofFailed
    case .stepFailed: .stepFailed
    case .canaryLapsed: .canaryLapsed
    case .denied: .denied
    case .gateExpired: .gateExpired
    case .approvalRevoked: .approvalRevoked
    case .emergency: .emergency
    case .requested: .requested
    }
  }
}

extension Outcome {
  package var kind: OutcomeKind {
    switch self {
    case .promoted: .promoted
    case .rolledBack: .rolledBack
    case .failed: .failed
    case .rejected: .rejected
    }
  }

  /// What a turn for this cause ends as.
  package init(unwoundBy cause: Cause) {
    self =
      switch cause.kind.outcome {
      case .promoted: preconditionFailure("no turn ends in a promotion")
      case .rolledBack: .rolledBack(cause)
      case .failed: .failed(cause)
      case .rejected: .rejected(cause)
      }
  }
}

extension LaneState {
  /// The machine's refusal in words, about what was asked for.
  func words(for refusal: MoveRefusal, _ entry: Entry) -> String {
    switch refusal {
    case .hole: "entry \(entry.sequence) cannot follow \(sequence): the journal has a hole"
    case .notTheHolder: "its writer does not hold the lease"
    case .createdTwice: "a journal is created once"
    case .notCreated: "the journal has not been created"
    case .otherRolloutUnderWay: "another rollout is under way"
    case .noSteps: "a rollout needs a step"
    case .tooManyStages: "a rollout has at most \(RolloutMachine.stagesMax) stages"
    case .noRollout: "no rollout is under way"
    case .leaseNotFree: "the lease is not free"
    case .noLease: "there is no lease that could have expired"
    case .notTurned: "only a rollout that turned round may be taken from its driver"
    case .turnedAlready: "its driver is turning it round already"
    default: rolloutWords(for: refusal, entry.event)
    }
  }

  private func rolloutWords(for refusal: MoveRefusal, _ event: Event) -> String {
    let id = event.rolloutNamed ?? rollout?.id ?? ""
    return switch refusal {
    case .cannotTurn: "rollout \(id) cannot be turned round any more"
    case .cannotHold: "rollout \(id) cannot be paused"
    case .notHeld: "rollout \(id) is not paused"
    case .notBaking: "rollout \(id) is not baking at that step"
    case .isHeld: event.rolloutNamed == nil ? "the rollout is paused" : "rollout \(id) is paused; resume it first"
    case .notQuarantined: "rollout \(id) is not quarantined"
    case .stepUnderWay: "a step is under way"
    case .notAtThatStep: "the rollout is not at that step"
    case .notForward: "the rollout has turned round"
    case .notUnwinding: "the rollout has not turned round"
    case .notApproved: "the stage is not approved"
    case .notUnderWay: "that step is not under way"
    case .notProven: "nothing proves that step"
    case .gateNotPassed: "the gate is not passed"
    case .foreignEvidence: "evidence belongs to the step that measured it"
    case .notAGate: "this step is no gate"
    case .gateIsOpen: "the gate is open"
    case .otherEvidence: "the gate is about other evidence"
    case .noSuchGate: "no such gate is open"
    case .notPromoting: "this rollout does not promote that"
    case .stepsLeft: "steps are left"
    case .notUndone: "it is not undone yet"
    case .wrongOutcome: "that is not how it ended"
    case .mustBeDecided: "a person must decide first"
    default: decisionWords(for: refusal, event)
    }
  }

  private func decisionWords(for refusal: MoveRefusal, _ event: Event) -> String {
    switch event {
    case .approvalGranted(let approval), .approvalDenied(let approval):
      ApprovalRefusal(refusal, of: approval.by, in: rollout).text
    case .approvalRevoked(_, _, let name, _): ApprovalRefusal(refusal, of: name, in: rollout).text
    default: "it may not follow"
    }
  }
}

extension Event {
  /// The rollout that the event itself names.
  fileprivate var rolloutNamed: String? {
    switch self {
    case .abortRequested(let id, _, _), .holdSet(let id, _), .holdCleared(let id), .bakeSkipped(let id, _),
      .operatorResolved(let id, _):
      id
    default: nil
    }
  }
}

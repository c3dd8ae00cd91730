/// Why a person's decision about a gate does not count. A decision is never re-targeted: what was decided on evidence
/// that has changed since is asked again.
package enum ApprovalRefusal: Error, Hashable, Sendable {
  case noGate
  case otherRollout
  case evidenceChanged
  case expired(Timestamp)
  case notAnApprover(String, approvers: [String])
  case ownRollout(String)
  case alreadyApproved(String)
  case neverApproved(String)
  case notTheirs(approver: String)
  case tooManyPeople
  case unsigned

  package var text: String {
    switch self {
    case .noGate: "nothing waits for approval"
    case .otherRollout: "the decision is about another rollout"
    case .evidenceChanged: "the plan or its evidence changed since it was reviewed"
    case .expired(let at): "the time for approval ended at \(at)"
    case .notAnApprover(let name, let approvers):
      "\(name) is not one of the approvers (\(approvers.joined(separator: ", ")))"
    case .ownRollout(let name): "\(name) started this rollout, and this environment wants somebody else to approve it"
    case .alreadyApproved(let name): "\(name) has approved it already"
    case .neverApproved(let name): "\(name) has not approved it"
    case .notTheirs(let approver): "only \(approver) and the other approvers may take that approval back"
    case .unsigned: "this environment wants signed approvals, and this one has no signature"
    case .tooManyPeople: "more than \(Person.countMax) people have decided about this rollout"
    }
  }
}

extension ApprovalRefusal {
  /// The machine's refusal of what `name` decided, or of taking back what `name` approved.
  init(_ refusal: MoveRefusal, of name: String, in rollout: RolloutState?) {
    self =
      switch refusal {
      case .otherRollout: .otherRollout
      case .evidenceChanged: .evidenceChanged
      case .expired: .expired(rollout?.gate?.expires ?? Timestamp(milliseconds: 0))
      case .notAnApprover: .notAnApprover(name, approvers: rollout?.stage.approval?.approvers ?? [])
      case .ownRollout: .ownRollout(name)
      case .alreadyApproved: .alreadyApproved(name)
      case .neverApproved: .neverApproved(name)
      case .notTheirs: .notTheirs(approver: name)
      case .tooManyPeople: .tooManyPeople
      default: .noGate
      }
  }
}

extension RolloutState {
  package func approvalRefusal(_ approval: Approval, at now: Timestamp) -> ApprovalRefusal? {
    machine.refusal(of: .approvalGranted(decision(approval)), at: now)
      .map { ApprovalRefusal($0, of: approval.by, in: self) }
  }

  /// Whoever may approve may reject, and so may the person who started the rollout.
  package func denialRefusal(_ approval: Approval, at now: Timestamp) -> ApprovalRefusal? {
    machine.refusal(of: .approvalDenied(decision(approval)), at: now)
      .map { ApprovalRefusal($0, of: approval.by, in: self) }
  }

  /// An approval may be taken back by whoever gave it and, where approvers are named, by any of them, until the stage
  /// that it opened is promoted.
  package func revocationRefusal(
    _ position: Position, of approver: String, by name: String, at now: Timestamp
  ) -> ApprovalRefusal? {
    let move = Move.approvalRevoked(
      rollout: machine.number, gate: position, of: person(approver), isEntitled: mayRevoke(name, approvalOf: approver))
    return machine.refusal(of: move, at: now).map { ApprovalRefusal($0, of: approver, in: self) }
  }
}

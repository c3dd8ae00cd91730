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
  case notTheirs(String, approver: String)

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
    case .notTheirs(let name, let approver): "\(name) may not take back what \(approver) approved"
    }
  }
}

extension RolloutState {
  package func approvalRefusal(_ approval: Approval, at now: Timestamp) -> ApprovalRefusal? {
    if let refusal = denialRefusal(approval, at: now) { return refusal }
    guard let gate, let policy = stage.approval else { return .noGate }
    if !policy.selfApproval, approval.by == startedBy.name { return .ownRollout(approval.by) }
    if !policy.approvers.isEmpty, !policy.approvers.contains(approval.by) {
      return .notAnApprover(approval.by, approvers: policy.approvers)
    }
    if gate.approvals.contains(where: { $0.by == approval.by }) { return .alreadyApproved(approval.by) }
    return nil
  }

  /// An approval may be taken back by whoever gave it and, where approvers are named, by any of them, until the stage
  /// that it opened is promoted.
  package func revocationRefusal(_ position: Position, of approver: String, by name: String) -> ApprovalRefusal? {
    guard mode == .forward, let gate, gate.position == position, position.stage == self.position.stage,
      let policy = stage.approval
    else { return .noGate }
    guard gate.approvals.contains(where: { $0.by == approver }) else { return .neverApproved(approver) }
    return name == approver || policy.approvers.contains(name) ? nil : .notTheirs(name, approver: approver)
  }

  /// Whoever may approve may reject, and so may the person who started the rollout.
  package func denialRefusal(_ approval: Approval, at now: Timestamp) -> ApprovalRefusal? {
    guard approval.rollout == id else { return .otherRollout }
    guard mode == .forward, let gate, gate.position == position, let policy = stage.approval else { return .noGate }
    guard approval.gate == gate.position, approval.plan == plan, approval.evidenceRoot == gate.evidenceRoot,
      gate.evidenceRoot == (evidenceRoot ?? plan)
    else { return .evidenceChanged }
    if now > gate.expires { return .expired(gate.expires) }
    if !policy.approvers.isEmpty, !policy.approvers.contains(approval.by), approval.by != startedBy.name {
      return .notAnApprover(approval.by, approvers: policy.approvers)
    }
    return nil
  }
}

import RolloutCore

extension RolloutState {
  /// The gate it waits at.
  var openGate: Gate? { mode == .forward ? gate.flatMap { $0.position == position ? $0 : nil } : nil }

  /// Who of those who are asked has not approved yet; nobody in particular where nobody is named.
  var approversLeftNames: [String] {
    let done = Set(openGate?.approvals.map(\.by) ?? [])
    let author = stage.approval?.selfApproval == false ? startedBy.name : nil
    return (stage.approval?.approvers ?? []).filter { !done.contains($0) && $0 != author }
  }

  /// `ben, release`, or who may do it where nobody is named.
  var approversLeft: String {
    guard stage.approval?.approvers.isEmpty ?? true else {
      return approversLeftNames.isEmpty ? "nobody else" : approversLeftNames.joined(separator: ", ")
    }
    return stage.approval?.selfApproval == false ? "anybody but \(startedBy.name)" : "anybody"
  }
}

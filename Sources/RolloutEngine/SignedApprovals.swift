package import RolloutCore
import RolloutDigest

/// Looks at a stage's approvals as somebody who trusts neither the journal's file nor the plan's: before every order that
/// goes forward, and by `verify`.
package struct SignedApprovals: Sendable {
  private let journal: any Journal
  private let authority: any ApprovalAuthority

  package init(journal: any Journal, authority: any ApprovalAuthority) {
    self.journal = journal
    self.authority = authority
  }

  /// Why a rollout may not go forward in the stage that it is in; `nil` when it may, or when nobody has to sign.
  package func objection(to live: RolloutState, lineage: String) async throws -> String? {
    let environment = live.stage.environment
    let pinned = live.stage.approval?.signers
    let now = try await authority.policy(over: live.stage.endpoint)
    if let now, now.environment != environment {
      let owner = now.environment.map { "belongs to \($0)" } ?? "is in no environment's file"
      return "\(live.stage.endpoint) \(owner), and this rollout calls it \(environment)"
    }
    let current = now?.approval
    guard let pinned else {
      return current?.signers.map {
        "\(environment) asks for approvals signed by a key in \($0.path), and this rollout was planned without"
      }
    }
    guard let plan = live.plan, try await isPlanned(live, plan) else {
      return "what this rollout does is not what plan \(live.plan?.short ?? "") says"
    }
    guard let gate = live.gate else { return "nobody was asked" }
    var objections: [String] = []
    var good = 0
    for approval in gate.approvals {
      if let current, !current.approvers.isEmpty, !current.approvers.contains(approval.by) {
        objections.append("\(approval.by) is not one of the approvers any more")
      } else if let objection = try await objection(
        to: approval, gate, lineage, environment, [pinned.text, current?.signers?.text])
      {
        objections.append("the approval of \(approval.by) does not count: \(objection)")
      } else {
        good += 1
      }
    }
    // Never fewer than the files ask for now, whatever a journal says that somebody may have written.
    let minimum = max(1, live.stage.approval?.minimum ?? 1, current?.minimum ?? 1)
    if good >= minimum { return nil }
    return objections.isEmpty ? "\(good) of \(minimum) approvals" : objections.joined(separator: "; ")
  }

  /// The same about one approval before it is recorded.
  package func objection(to approval: Approval, of live: RolloutState, lineage: String) async throws -> String? {
    guard let pinned = live.stage.approval?.signers, let gate = live.gate else { return nil }
    let current = try await authority.policy(over: live.stage.endpoint)?.approval?.signers
    return try await objection(
      to: approval, gate, lineage, live.stage.environment, [pinned.text, current?.text])
  }

  /// The same about one that was recorded long ago: who may sign now, and whose key has expired since, say nothing about
  /// it.
  package func objection(
    toRecorded approval: Approval, at moment: Timestamp, of rollout: RolloutState, lineage: String
  ) async throws -> String? {
    guard let pinned = rollout.stage.approval?.signers, let gate = rollout.gate else { return nil }
    return try await objection(to: approval, gate, lineage, rollout.stage.environment, [pinned.text], at: moment)
  }

  /// Held against the signers that were reviewed with the plan and against those of now: a key that was removed stops
  /// counting at once, and one that was added later has approved nothing.
  private func objection(
    to approval: Approval, _ gate: RolloutState.Gate, _ lineage: String, _ environment: String, _ signers: [String?],
    at moment: Timestamp? = nil
  ) async throws -> String? {
    guard let signature = approval.signature else { return "it is not signed" }
    guard approval.expires == gate.expires else { return "it was given for another time" }
    guard approval.head == (try await journal.head(at: gate.sequence)) else {
      return "it was given for another history than this journal's"
    }
    let statement = try ApprovalStatement(approval, lineage: lineage, environment: environment).bytes
    for (index, text) in signers.enumerated() {
      guard let text else { continue }
      let objection = try await authority.objection(
        to: signature, over: statement, by: approval.by, among: text, at: moment)
      if let objection {
        let whose = index == 0 ? "the signers reviewed with the plan" : "the signers of now"
        return "no key of \(approval.by) among \(whose) made that signature (\(objection))"
      }
    }
    return nil
  }

  private func isPlanned(_ live: RolloutState, _ digest: Digest) async throws -> Bool {
    let plan = try CanonicalJSON.value(Plan.self, from: try await journal.blob(digest))
    return plan.program == live.program
  }
}

package import RolloutCore
package import RolloutEngine

/// What a person reads before deciding about a gate.
package enum ApprovalView {
  package static func text(
    _ rollout: RolloutState, plan: Plan, digest: Digest, documents: [Digest: EvidenceDocument], now: Timestamp,
    style: Style
  ) -> String {
    let environment = rollout.stage.environment
    var lines = ["Rollout \(style.bold(rollout.id)) waits for approval for \(style.bold(environment))."]
    lines += Layout.wrap(
      "Started by \(rollout.startedBy.title) on \(Figures.moment(rollout.startedAt)), plan \(digest.short).",
      width: style.width)
    lines += ["", heading("What changes", style)] + changes(rollout, plan, style)
    lines += ["", heading("What was measured", style)]
    for evidence in rollout.evidence {
      lines += EvidenceText.lines(evidence, documents[evidence.digest], indent: 2, answers: true, style)
    }
    if rollout.evidence.isEmpty { lines.append("  " + style.yellow("nothing")) }
    lines += ["", heading("What happens when it is approved", style)] + schedule(rollout, style)
    lines += ["", heading("Who decides", style)] + deciders(rollout, now, style)
    return lines.joined(separator: "\n")
  }

  private static func heading(_ text: String, _ style: Style) -> String { style.bold(text) }

  private static func changes(_ rollout: RolloutState, _ plan: Plan, _ style: Style) -> [String] {
    guard let stage = plan.stageTexts(style).first(where: { $0.stage.environment == rollout.stage.environment }) else {
      return ["  " + style.yellow("the plan says nothing about \(rollout.stage.environment)")]
    }
    let model = stage.stage.to
    var lines = Layout.flow(stage.change, prefix: "  \(model.group) ", hanging: 4, width: style.width)
    lines.append("  model digest \(model.digest.short)")
    if let reason = stage.stage.variantReason {
      lines += Layout.wrap("build \(reason)", prefix: "  ", hanging: 4, width: style.width)
    }
    for change in stage.stage.from == nil ? [] : stage.stage.configuration {
      lines += Layout.wrap("\(change.name) \(change.text(style))", prefix: "  ", hanging: 4, width: style.width)
    }
    return lines
  }

  private static func schedule(_ rollout: RolloutState, _ style: Style) -> [String] {
    var after = TimeSpan.zero
    var rows: [[String]] = []
    for step in rollout.stage.steps.dropFirst(rollout.position.step + 1) {
      if case .bake(let time) = step {
        after = after + time
      } else {
        rows.append(["+\(after)", words(step)])
      }
    }
    let guards = rollout.stage.revision.content.alarms.filter(\.rollback).map(\.name)
    let back = rollout.stage.base.map { "version \($0.content.model.version)" } ?? "nothing"
    let sentence =
      guards.isEmpty
      ? "No alarm takes it back by itself."
      : "It goes back to \(back) by itself when one of these trips: \(guards.joined(separator: ", "))."
    return Layout.table(rows, indent: 2, alignment: [.right])
      + Layout.wrap(sentence, prefix: "  ", hanging: 2, width: style.width)
  }

  private static func words(_ step: Program.Step) -> String {
    switch step {
    case .shift(let share): "\(share) of the traffic to the new version"
    case .deploy(let guardrails, let within): "\(guardrails); all done within \(within)"
    case .promote(let keepWarm) where keepWarm > .zero: "done; the old version stays warm for \(keepWarm)"
    case .promote: "done"
    case .verify, .approve, .prepare, .smoke, .bake: step.name
    }
  }

  private static func deciders(_ rollout: RolloutState, _ now: Timestamp, _ style: Style) -> [String] {
    guard let gate = rollout.gate, let policy = rollout.stage.approval else { return ["  nobody is asked"] }
    let who = policy.approvers.isEmpty ? "anybody" : policy.approvers.joined(separator: ", ")
    let own = policy.selfApproval ? "" : ", not by \(rollout.startedBy.name), who started it"
    var text = ["\(Figures.counted(policy.minimum, "approval")) by \(who)\(own)."]
    if let signers = policy.signers { text.append("Signed by a key in \(signers.path).") }
    if !gate.approvals.isEmpty {
      text.append("Approved already by \(gate.approvals.map(\.by).joined(separator: ", ")).")
    }
    text.append("Open until \(Figures.moment(gate.expires)), \(Figures.duration(gate.expires - now)) from now.")
    text.append("A decision is about evidence \(gate.evidenceRoot.short); when that changes it is void.")
    return text.flatMap { Layout.wrap($0, prefix: "  ", hanging: 2, width: style.width) }
  }
}

package import RolloutCore

extension PlanView {
  /// For a pull request: a table per environment, the rest folded away. The first line lets a bot find its own comment
  /// again and replace it.
  package static func markdown(_ plan: Plan, digest: Digest) -> String {
    var lines = ["<!-- rollout plan: \(plan.service) -->", "## Plan for \(plan.service)", ""]
    guard plan.hasChanges else { return (lines + [noChanges(plan)]).joined(separator: "\n") }
    lines += [summary(plan, digest: digest)]
    for stage in plan.stageTexts(Style()) {
      lines += ["", "### `\(stage.plainSymbol)` \(stage.stage.environment): `\(stage.stage.endpoint)`", ""]
      lines.append(cell(stage.change.joined(separator: " ")))
      if let rejection = stage.stage.rejection { lines += ["", "Rejected: \(cell(rejection))."] }
      if stage.stage.change != .none { lines += changes(stage) + details(stage) }
    }
    return lines.joined(separator: "\n")
  }

  private static func changes(_ stage: StageText) -> [String] {
    let plan = stage.stage
    var rows: [(name: String, from: String, to: String)] = []
    if plan.change == .model || plan.change == .firstDeployment {
      rows.append(("version", plan.from.map { "\($0.version)" } ?? "", "\(plan.to.version)"))
      let old = plan.from?.metrics ?? [:]
      for name in ModelText.names(old.merging(plan.to.metrics) { $1 }) {
        rows.append((name, old[name].map(Figures.metric) ?? "", plan.to.metrics[name].map(Figures.metric) ?? ""))
      }
      rows.append(("size", plan.from.map { Figures.size($0.sizeBytes) } ?? "", Figures.size(plan.to.sizeBytes)))
    }
    if plan.from != nil {
      rows += plan.configuration.map { ("`\($0.name)`", $0.from.map(code) ?? "", $0.to.map(code) ?? "") }
    }
    guard !rows.isEmpty else { return [] }
    return ["", "| | from | to |", "| --- | --- | --- |"] + rows.map { "| \($0.name) | \($0.from) | \($0.to) |" }
  }

  private static func details(_ stage: StageText) -> [String] {
    let plan = stage.stage
    var lines: [String] = []
    if let strategy = stage.strategy {
      lines += ["", "Strategy: \(strategy)."]
    }
    if let stack = plan.stack {
      lines += ["", "Stack `\(stack.stack)`\(stack.isNew ? " (new)" : ""):", ""]
      lines += stack.resources.map { "- \(cell($0.text))" }
      lines += stack.effects.map { "  - \(cell($0.name)): \(cell($0.text(Style())))" }
      lines += stack.phases.map { "- \(cell($0))" }
      lines += stack.notes.map { "- \(cell($0))" }
    }
    if let reason = plan.variantReason { lines += ["", "Build: \(cell(reason))."] }
    let alarms = plan.alarms + (plan.scaling?.alarms ?? [])
    lines += [
      "", "<details>",
      "<summary>\(Figures.counted(alarms.count, "alarm")), \(Figures.counted(plan.gates.count, "gate"))</summary>",
    ]
    if !alarms.isEmpty {
      lines += ["", "| alarm | condition | then |", "| --- | --- | --- |"]
      lines += plan.alarms.map { row($0, then: $0.rollback ? "takes it back" : "reports") }
      lines += (plan.scaling?.alarms ?? []).map { row($0, then: "scales") }
    }
    if let scaling = plan.scaling { lines += ["", "Scaling: \(scaling.text(Style()))."] }
    if !plan.gates.isEmpty { lines += ["", "Gates:", ""] + plan.gates.map { "- \(cell($0))" } }
    return lines + ["", "</details>"]
  }

  private static func row(_ alarm: PlannedAlarm, then: String) -> String {
    "| \(cell(alarm.name)) | \(cell(alarm.conditionAndReach)) | \(then) |"
  }

  /// Text that can end neither a cell nor start a tag.
  private static func cell(_ text: String) -> String {
    Printable.line(text).map { character in
      switch character {
      case "|": "\\|"
      case "<": "&lt;"
      case "&": "&amp;"
      default: String(character)
      }
    }.joined()
  }

  /// As code, which no sign inside can end.
  private static func code(_ text: String) -> String { "<code>\(cell(text))</code>" }
}

extension StageText {
  fileprivate var plainSymbol: String {
    switch stage.change {
    case .none: "="
    case .firstDeployment, .redeployment: "+"
    case .model, .configuration: "~"
    }
  }
}

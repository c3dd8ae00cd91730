package import RolloutCore
import RolloutDigest

/// What would change, for whoever reviews it.
package enum PlanView {
  /// Readable in ten seconds: a block per environment, the sum in the last line.
  package static func text(_ plan: Plan, digest: Digest, style: Style) -> String {
    let stages = plan.stageTexts(style)
    guard plan.hasChanges else { return noChanges(plan) }
    var lines: [String] = []
    let names = stages.map { Layout.width($0.stage.environment) }.max() ?? 0
    let endpoints = stages.map { Layout.width($0.stage.endpoint) }.max() ?? 0
    for stage in stages {
      let prefix =
        "\(stage.symbol) \(style.bold(Layout.padded(stage.stage.environment, names)))  "
        + Layout.padded(stage.stage.endpoint, endpoints) + "  "
      lines += Layout.flow(stage.change, prefix: prefix, hanging: 4, width: style.width)
      if let rejection = stage.stage.rejection { lines += labelled("rejected", [Printable.line(rejection)], style) }
      if stage.stage.change != .none { lines += details(of: stage, style) }
      lines.append("")
    }
    lines += Layout.wrap(summary(plan, digest: digest), width: style.width)
    return lines.joined(separator: "\n")
  }

  /// `{"schema":"rollout/plan/1","digest":…,"plan":{…}}`: what a script reads and what `apply` takes back.
  package static func json(_ plan: Plan, digest: Digest) throws -> String {
    try CanonicalJSON.pretty(PlanDocument(digest: digest, plan: plan))
  }

  package static func problems(_ problems: [PlanProblem], style: Style) -> String {
    var lines = [style.red("No plan: \(Figures.counted(problems.count, "problem")).")]
    for problem in problems {
      lines.append("")
      lines += Layout.wrap(
        Printable.line(problem.message), prefix: "  \(style.bold(problem.environment)): ", hanging: 4,
        width: style.width)
      lines += Layout.wrap(problem.help, prefix: "    help: ", hanging: 10, width: style.width)
    }
    return lines.joined(separator: "\n")
  }

  /// `Plan: 2 environments change (staging, production), 30m of bakes, 1 approval. Digest 1a2b3c4d5e6f.`
  static func summary(_ plan: Plan, digest: Digest) -> String {
    let changed = plan.stages.filter { $0.change != .none }.map(\.environment)
    let approvals = plan.program.stages.reduce(0) { $0 + ($1.approval?.minimum ?? 0) }
    let asked = approvals == 0 ? "no approval" : Figures.counted(approvals, "approval")
    let bakes = plan.bakes == .zero ? "no bake" : "\(plan.bakes) of bakes"
    return "Plan: \(Figures.counted(changed.count, "environment")) change\(changed.count == 1 ? "s" : "") "
      + "(\(changed.joined(separator: ", "))), \(bakes), \(asked). Digest \(digest.short)."
  }

  static func noChanges(_ plan: Plan) -> String {
    let names = plan.stages.map(\.environment)
    let list = names.dropLast().joined(separator: ", ") + (names.count > 1 ? " and " : "") + (names.last ?? "nothing")
    let rejections = Set(plan.stages.compactMap(\.rejection)).sorted().map { " On its way, \(Printable.line($0))." }
    return "No changes. \(list.prefix(1).uppercased() + list.dropFirst()) \(names.count == 1 ? "is" : "are") "
      + "as the files say." + rejections.joined()
  }
}

extension PlanView {
  private static func details(of stage: StageText, _ style: Style) -> [String] {
    let plan = stage.stage
    var lines: [String] = []
    if let reason = plan.variantReason { lines += labelled("build", [reason], style) }
    if !plan.configuration.isEmpty, plan.change != .firstDeployment {
      lines.append("  " + style.dim("configuration"))
      let names = plan.configuration.map { Layout.width($0.name) }.max() ?? 0
      for change in plan.configuration {
        lines += Layout.wrap(
          change.text(style), prefix: "    \(Layout.padded(change.name, names))  ", hanging: 6, width: style.width)
      }
    }
    lines += alarms(plan.alarms.filter(\.rollback), "alarms that take it back", style)
    lines += alarms(plan.alarms.filter { !$0.rollback }, "alarms that only report", style)
    if !plan.alarms.contains(where: \.rollback) {
      lines.append("  " + style.yellow("no alarm takes it back"))
    }
    if let scaling = plan.scaling {
      lines += labelled("scaling", [scaling.text(style)], style)
      lines += rows(scaling.alarms, style)
    }
    if let stack = plan.stack { lines += StackText(stack, style).lines }
    if let strategy = stage.strategy {
      lines += labelled("strategy", [strategy], style)
    }
    return lines + labelled("gates", plan.gates, style)
  }

  private static func alarms(_ alarms: [PlannedAlarm], _ title: String, _ style: Style) -> [String] {
    alarms.isEmpty ? [] : ["  " + style.dim(title)] + rows(alarms, style)
  }

  private static func rows(_ alarms: [PlannedAlarm], _ style: Style) -> [String] {
    let names = alarms.map { Layout.width($0.name) }.max() ?? 0
    return alarms.flatMap {
      Layout.wrap(
        $0.conditionAndReach, prefix: "    \(Layout.padded($0.name, names))  ", hanging: 6, width: style.width)
    }
  }

  /// A label and, beside it, one item a line.
  private static func labelled(_ label: String, _ items: [String], _ style: Style) -> [String] {
    items.enumerated().flatMap { index, item in
      let prefix = "  " + (index == 0 ? style.dim(Layout.padded(label, 8)) : String(repeating: " ", count: 8)) + "  "
      return Layout.wrap(item, prefix: prefix, hanging: 12, width: style.width)
    }
  }
}

extension PlannedAlarm {
  /// The condition, and where it has no time to be met.
  var conditionAndReach: String {
    blindBakes.isEmpty ? condition : "\(condition); cannot trip within \(blindBakes.joined(separator: ", "))"
  }
}

/// A plan as it is printed, saved and taken back.
package struct PlanDocument: Hashable, Codable, Sendable {
  package var schema: String
  package var digest: Digest
  package var plan: Plan

  package init(digest: Digest, plan: Plan) {
    schema = Plan.schema
    self.digest = digest
    self.plan = plan
  }
}

extension Plan {
  /// Every environment with its steps, which it has only if something is done about it.
  func stageTexts(_ style: Style) -> [StageText] {
    stages.map { stage in
      let steps = program.stages.first { $0.environment == stage.environment }?.steps ?? []
      return StageText(stage: stage, steps: steps, style: style)
    }
  }
}

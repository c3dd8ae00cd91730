import RolloutCore

/// What plan, approval and Markdown say alike about one environment's part of a plan.
struct StageText {
  var stage: StagePlan
  /// Its steps, where it has any.
  var steps: [Program.Step]
  var style: Style

  /// `version 7 → 8 (quantised)`, metrics and size, in pieces that stay whole when a line is wrapped.
  var change: [String] {
    switch stage.change {
    case .none:
      return ["version \(stage.to.version), no change" + (steps.isEmpty ? "" : "; proved again for what follows")]
    case .firstDeployment:
      return ["version \(versionText(stage.to))"] + ModelText.figures(stage.to) + ["first deployment"]
    case .redeployment:
      return ["version \(versionText(stage.to))", "again: the target does not serve it any more"]
    case .configuration:
      return [
        "version \(versionText(stage.to)) stays,",
        "\(Figures.counted(stage.configuration.count, "setting")) change\(stage.configuration.count == 1 ? "s" : "")",
      ]
    case .model:
      guard let from = stage.from else { return ["version \(versionText(stage.to))"] }
      return ["version \(style.change(versionText(from), versionText(stage.to)))"]
        + ModelText.figures(from: from, to: stage.to, style)
    }
  }

  private func versionText(_ model: DeployedModel) -> String {
    "\(model.version)" + (model.variant == ModelPackage.fullVariant ? "" : " (\(model.variant))")
  }

  var symbol: String {
    switch stage.change {
    case .none: style.dim("=")
    case .firstDeployment, .redeployment: style.green("+")
    case .model, .configuration: style.yellow("~")
    }
  }

  /// `10% 10m → 50% 10m → 100% 10m (old version kept warm 1h), 30m of bakes`; `nil` when no traffic moves.
  var strategy: String? {
    var shares: [String] = []
    var warm = TimeSpan.zero
    for step in steps {
      switch step {
      case .deploy(let guardrails, _): return "\(guardrails)"
      case .shift(let share): shares.append("\(share)")
      case .bake(let time) where !shares.isEmpty: shares[shares.count - 1] += " \(time)"
      case .promote(let keepWarm): warm = keepWarm
      case .bake, .verify, .approve, .prepare, .smoke: break
      }
    }
    guard !shares.isEmpty else { return nil }
    let old = stage.from == nil || warm == .zero ? "" : " (old version kept warm \(warm))"
    let sum = bakes == .zero ? "no bake" : "\(bakes) of bakes"
    return "\(shares.joined(separator: " \(style.arrow) "))\(old), \(sum)"
  }

  var bakes: TimeSpan { steps.reduce(.zero) { if case .bake(let time) = $1 { $0 + time } else { $0 } } }
}

extension PlannedScaling {
  /// `1…4 instances, target 70/min per instance, cooldowns 5m out / 10m in`.
  func text(_ style: Style) -> String {
    let range = minimum == maximum ? "\(minimum)" : "\(minimum)\(style.ellipsis)\(maximum)"
    return "\(range) instances, target \(shortNumber(target))/min per instance, "
      + "cooldowns \(scaleOutCooldown) out / \(scaleInCooldown) in"
  }
}

extension ConfigurationChange {
  func text(_ style: Style) -> String {
    switch (from, to) {
    case (nil, let to?): "added: \(Printable.line(to))"
    case (let from?, nil): "removed, was \(Printable.line(from))"
    default: style.change(Printable.line(from ?? ""), Printable.line(to ?? ""))
    }
  }
}

/// A model's figures.
enum ModelText {
  /// `(accuracy 0.60, size 300 MB)` in pieces.
  static func figures(_ model: DeployedModel) -> [String] {
    bracketed(
      names(model.metrics).map { "\($0) \(Figures.metric(model.metrics[$0] ?? .nan))" }
        + ["size \(Figures.size(model.sizeBytes))"])
  }

  /// `(accuracy 0.60 → 0.62, size 300 → 290 MB)` in pieces.
  static func figures(from: DeployedModel, to: DeployedModel, _ style: Style) -> [String] {
    let all = names(from.metrics.merging(to.metrics) { $1 })
    return bracketed(
      all.map { name in
        let old = from.metrics[name].map(Figures.metric) ?? "unknown"
        return "\(name) \(style.change(old, to.metrics[name].map(Figures.metric) ?? "unknown"))"
      } + ["size \(Figures.sizeChange(from.sizeBytes, to.sizeBytes, style))"])
  }

  /// Accuracy first, the rest by name.
  static func names(_ metrics: [String: Double]) -> [String] {
    metrics.keys.sorted { ($0 == "accuracy" ? 0 : 1, $0) < ($1 == "accuracy" ? 0 : 1, $1) }
  }

  private static func bracketed(_ pieces: [String]) -> [String] {
    pieces.enumerated().map { index, piece in
      (index == 0 ? "(" : "") + piece + (index == pieces.count - 1 ? ")" : ",")
    }
  }
}

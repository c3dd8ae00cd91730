import RolloutCore

/// What CloudFormation would do, and what runs then.
struct StackText {
  private let stack: StackChange
  private let style: Style

  init(_ stack: StackChange, _ style: Style) {
    self.stack = stack
    self.style = style
  }

  var lines: [String] {
    var lines = ["  " + style.dim("stack") + "     \(stack.stack)" + (stack.isNew ? ", which is new" : "")]
    for resource in stack.resources {
      lines += Layout.wrap(
        resource.text, prefix: "    \(symbol(resource.action)) ", hanging: 8, width: style.width)
    }
    for effect in stack.effects {
      lines += Layout.wrap(
        "\(effect.name): \(effect.text(style))", prefix: "      ", hanging: 8, width: style.width)
    }
    lines.append("  " + style.dim("deployment"))
    for (index, phase) in stack.phases.enumerated() {
      lines += Layout.wrap(phase, prefix: "    \(index + 1). ", hanging: 7, width: style.width)
    }
    for note in stack.notes { lines += Layout.wrap(note, prefix: "    ", hanging: 4, width: style.width) }
    return lines
  }

  private func symbol(_ action: StackChange.Action) -> String {
    switch action {
    case .add: style.green("+")
    case .modify: style.yellow("~")
    case .replace: style.yellow("±")
    case .remove: style.red("-")
    }
  }
}

extension StackChange.Resource {
  /// `EndpointConfig (AWS::SageMaker::EndpointConfig) is made anew, the old one is kept: ProductionVariants`.
  var text: String {
    let what =
      switch action {
      case .add: "is added"
      case .modify: "changes in place"
      case .replace: "is made anew" + (isKept ? ", the old one is kept until the new version is proven" : "")
      case .remove: "is removed" + (isKept ? " from the stack and kept" : "")
      }
    return "\(logicalID) (\(type)) \(what)" + (properties.isEmpty ? "" : ": \(properties.joined(separator: ", "))")
  }
}

import RolloutDiagnostics

extension YAMLNode.Scalar {
  var hasVariables: Bool { text.contains("${") }
}

extension Shape {
  /// Takes `${NAME}` from the process environment. Only for what says where things are and never what they hold: a plan
  /// and the journal keep everything else, and a variable may hold a secret.
  var withVariables: Shape {
    Shape(schema: schema) { node, reading in reading.fillingVariables { read(node, &$0) } }
  }
}

extension Reading {
  /// The scalar with each `${NAME}` filled in from the process environment, where that is allowed; `$${` stands for
  /// `${` itself.
  mutating func filled(_ scalar: YAMLNode.Scalar, at node: YAMLNode) -> YAMLNode.Scalar? {
    guard scalar.hasVariables else { return scalar }
    var text = ""
    var isWhole = true
    for part in VariablePart.parts(of: scalar.text) {
      switch part {
      case .text(let plain): text += plain
      case .variable(let name) where !fillsVariables:
        isWhole = false
        report(
          .variableNotAllowed, "\(subject) takes no variable, and this names '\(name)'", at: node,
          help: "write the value itself: plans and the journal keep it, and a variable may hold a secret")
      case .variable(let name):
        if let value = variables[name] {
          text += value
        } else {
          isWhole = false
          reportUndefined(name, at: node)
        }
      case .malformed(let written):
        isWhole = false
        reportMalformedVariable(written, at: node)
      }
    }
    return isWhole ? YAMLNode.Scalar(text: text, isPlain: scalar.isPlain) : nil
  }

  /// Whether text that is kept as written would be filled in later without surprise.
  mutating func checkVariables(in text: String, at node: YAMLNode) -> Bool {
    var isSound = true
    for case .malformed(let written) in VariablePart.parts(of: text) {
      isSound = false
      reportMalformedVariable(written, at: node)
    }
    return isSound
  }

  private mutating func reportUndefined(_ name: String, at node: YAMLNode) {
    let help = name.nearest(in: variables.keys).map { "set it, or did you mean '${\($0)}'?" } ?? "export \(name)=…"
    report(.undefinedVariable, "the environment has no variable '\(name)'", at: node, help: help)
  }

  private mutating func reportMalformedVariable(_ written: String, at node: YAMLNode) {
    report(
      .undefinedVariable, "'\(written)' names no variable", at: node,
      help: "write '${NAME}' with letters, digits and '_', or '$${' for the characters themselves")
  }
}

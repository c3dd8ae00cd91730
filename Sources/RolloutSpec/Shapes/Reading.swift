import RolloutDiagnostics

/// One reading of one file: what `${NAME}` means, where relative paths start, and the problems found so far.
struct Reading {
  /// The process environment, or what a test puts in its place.
  let variables: [String: String]
  /// The absolute directory of the file.
  let directory: String
  var diagnostics = Diagnostics()
  /// What is being read, as messages name it: `'period'`, or `the file`.
  private(set) var subject = "the file"

  init(variables: [String: String], directory: String) {
    self.variables = variables
    self.directory = directory
  }

  /// Reads a value under the name that messages shall give it.
  mutating func about<Value>(_ subject: String, _ body: (inout Reading) -> Value) -> Value {
    let outer = self.subject
    self.subject = subject
    defer { self.subject = outer }
    return body(&self)
  }
}

extension Reading {
  mutating func report(
    _ code: DiagnosticCode, _ message: String, at node: YAMLNode, _ label: String = "", help: String?
  ) {
    diagnostics.report(Diagnostic(code, message, at: Label(node.range, label), help: help))
  }

  mutating func reportType(_ node: YAMLNode, _ expected: String, help: String) {
    report(.wrongType, "\(subject) must be \(expected)", at: node, "this is \(node.kindName)", help: help)
  }

  mutating func reportMalformed(_ node: YAMLNode, _ expected: String, label: String = "", help: String) {
    report(.malformedValue, "\(subject) must be \(expected)", at: node, label, help: help)
  }

  mutating func reportRange(_ node: YAMLNode, _ rule: String, label: String = "", help: String) {
    report(.valueOutOfRange, "\(subject) \(rule)", at: node, label, help: help)
  }

  mutating func reportMissing(_ name: String, in owner: YAMLNode) {
    // The first line of a mapping is its first key: the place to look, rather than everything it holds.
    var place = owner.range
    if case .mapping(let entries) = owner.content, let first = entries.first { place = first.keyRange }
    let holder = subject == "the file" ? "the file" : subject
    diagnostics.report(
      Diagnostic(
        .missingKey, "\(holder) lacks '\(name)'", at: Label(place, "'\(name)' belongs beside this"),
        help: "add '\(name): …'; 'rollout schema' describes it"))
  }

  mutating func mapping(_ node: YAMLNode) -> [YAMLNode.Entry]? {
    guard case .mapping(let entries) = node.content else {
      reportType(node, "a mapping", help: "write 'key: value' lines, indented below it")
      return nil
    }
    return entries
  }

  mutating func reportUnknownKeys(in entries: [YAMLNode.Entry], known: [String]) {
    for entry in entries where !known.contains(entry.key) {
      let help =
        entry.key.nearest(in: known).map { "did you mean '\($0)'?" }
        ?? "the keys here are \(known.sorted().joined(separator: ", "))"
      diagnostics.report(
        Diagnostic(.unknownKey, "unknown key '\(entry.key)'", at: Label(entry.keyRange), help: help))
    }
  }
}

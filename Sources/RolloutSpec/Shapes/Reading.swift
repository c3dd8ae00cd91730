import RolloutDiagnostics

/// One reading of one file: what `${NAME}` means, where relative paths start, and the problems found so far.
struct Reading {
  /// The process environment, or what a test puts in its place.
  let variables: [String: String]
  /// The absolute directory of the file.
  let directory: String
  /// Messages show paths from here.
  let workingDirectory: String
  var diagnostics = Diagnostics()
  /// What is being read, as messages name it: `'period'`, or `the file`.
  private(set) var subject = "the file"
  /// Whether `${NAME}` may be written here.
  private(set) var fillsVariables = false

  init(variables: [String: String], directory: String, workingDirectory: String) {
    self.variables = variables
    self.directory = directory
    self.workingDirectory = workingDirectory
  }

  /// Reads a value under the name that messages shall give it.
  mutating func about<Value>(_ subject: String, _ body: (inout Reading) -> Value) -> Value {
    let outer = self.subject
    self.subject = subject
    defer { self.subject = outer }
    return body(&self)
  }

  mutating func fillingVariables<Value>(_ body: (inout Reading) -> Value) -> Value {
    let outer = fillsVariables
    fillsVariables = true
    defer { fillsVariables = outer }
    return body(&self)
  }
}

extension Reading {
  mutating func report(
    _ code: DiagnosticCode, _ message: String, at node: YAMLNode, _ label: String = "", help: String?
  ) {
    diagnostics.report(Diagnostic(code, message, at: Label(node.shortRange, label), help: help))
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

  mutating func reportMissing(_ names: [String], in owner: YAMLNode) {
    let listed = names.map { "'\($0)'" }.joined(separator: ", ")
    diagnostics.report(
      Diagnostic(
        .missingKey, "\(subject) lacks \(listed)",
        at: Label(
          owner.firstKeyRange ?? owner.range, "\(names.count == 1 ? "it belongs" : "they belong") beside this"),
        help: "add \(names.count == 1 ? "'\(names[0]): …'" : "them"); 'rollout schema' describes each key"))
  }

  mutating func mapping(_ node: YAMLNode) -> [YAMLNode.Entry]? {
    guard case .mapping(let entries) = node.content else {
      reportType(node, "a mapping", help: "write 'key: value' lines, indented below it")
      return nil
    }
    return entries
  }

  /// Keys that nobody knows, and keys that are not there. A key that was only misspelt is not missing.
  mutating func reportKeys(of entries: [YAMLNode.Entry], in owner: YAMLNode, known: [String], required: [String]) {
    var given = Set(entries.map(\.key))
    for entry in entries where !known.contains(entry.key) {
      let meant = entry.key.nearest(in: known.filter { !given.contains($0) })
      if let meant { given.insert(meant) }
      diagnostics.report(
        Diagnostic(
          .unknownKey, "unknown key '\(entry.key)'", at: Label(entry.keyRange),
          help: meant.map { "did you mean '\($0)'?" } ?? "the keys here are \(known.sorted().joined(separator: ", "))"))
    }
    let missing = required.filter { !given.contains($0) }
    if !missing.isEmpty { reportMissing(missing, in: owner) }
  }

  /// Whether exactly one of these keys is given.
  mutating func hasOne(of keys: [String], in owner: YAMLNode) -> Bool {
    guard case .mapping(let entries) = owner.content else { return false }
    let given = entries.filter { keys.contains($0.key) }
    if given.count == 1 { return true }
    let choices = keys.map { "'\($0)'" }
    let listed = choices.dropLast().joined(separator: ", ") + " or " + (choices.last ?? "")
    guard let first = given.first else {
      report(.missingKey, "\(subject) lacks \(listed)", at: owner, "none is given", help: "add one of them")
      return false
    }
    diagnostics.report(
      Diagnostic(
        .choicesCombined, "\(subject) takes only one of \(listed)", at: Label(given[1].keyRange, "this as well"),
        and: [Label(first.keyRange, "this is given")], help: "keep one of them"))
    return false
  }
}

import RolloutDiagnostics

/// Builds a node tree from libyaml's events. Resolves aliases itself, within a budget, and labels both places of a
/// duplicate key.
struct YAMLComposer: ~Copyable {
  static let depthMax = 64
  /// Values in a file once its aliases are written out. A bomb of a few hundred bytes means billions.
  static let valuesMax = 100_000

  /// The file cannot be read further; the reason has been reported.
  private struct Stop: Error {}

  private enum Anchor {
    case open(SourceRange)
    case closed(YAMLNode, valueCount: Int)
  }

  /// What a file may hold beside plain YAML.
  enum Dialect {
    /// No tags, and keys that are text.
    case plain
    /// CloudFormation's short forms, `!Ref Name`, which become the long ones, `{Ref: Name}`; keys of any kind, since
    /// account numbers are common ones.
    case template
  }

  private var events: YAMLEvents
  private let bytes: [UInt8]
  private let file: SourceFile
  private let dialect: Dialect
  private var anchors: [String: Anchor] = [:]
  private var valueCount = 0
  private var diagnostics = Diagnostics()

  private init(_ bytes: [UInt8], _ file: SourceFile, _ dialect: Dialect) {
    events = YAMLEvents(bytes)
    self.bytes = bytes
    self.file = file
    self.dialect = dialect
  }

  /// The one document in a file, or `nil` and at least one error.
  static func compose(
    _ bytes: [UInt8], file: SourceFile, as dialect: Dialect = .plain, into diagnostics: inout Diagnostics
  ) -> YAMLNode? {
    var composer = YAMLComposer(bytes, file, dialect)
    let root = try? composer.document()
    diagnostics.report(contentsOf: composer.diagnostics.sorted)
    return root
  }

  private mutating func document() throws(Stop) -> YAMLNode? {
    var root: YAMLNode?
    var firstStart: SourceRange?
    while true {
      let event = try next()
      switch event.kind {
      case .streamEnd: return nonEmpty(root)
      case .documentStart:
        if let firstStart {
          diagnostics.report(
            Diagnostic(
              .severalDocuments, "a file holds one document", at: Label(range(event), "a second one begins here"),
              and: [Label(firstStart, "the first one")], help: "move it to a file of its own"))
          throw Stop()
        }
        firstStart = range(event)
        root = try node(from: try next(), depth: 0)
      default: continue
      }
    }
  }

  private mutating func nonEmpty(_ root: YAMLNode?) -> YAMLNode? {
    if let root, root.kindName != "empty" { return root }
    diagnostics.report(
      Diagnostic(
        .emptyFile, "the file says nothing", at: Label(SourceRange(file)),
        help: "'rollout init' writes a working set of files"))
    return nil
  }

  private mutating func node(from event: YAMLEvent, depth: Int) throws(Stop) -> YAMLNode {
    try spend(1, at: event)
    guard depth < Self.depthMax else {
      try stop(.nestingTooDeep, "values nest more than \(Self.depthMax) deep", at: event, help: "nest them less")
    }
    switch event.kind {
    case .alias(let name):
      if dialect == .template { reportAlias(name, at: event) }
      return try resolve(name, at: event)
    case .scalar(let text, let isPlain, let properties):
      let function = function(tagged: properties.tag)
      let isText = function == nil && accept(tag: properties.tag, on: "tag:yaml.org,2002:str", at: event)
      let scalar = YAMLNode.Scalar(text: text, isPlain: isPlain && !isText)
      let node = applying(function, to: YAMLNode(content: .scalar(scalar), range: range(event)))
      if let name = properties.anchor { anchors[name] = .closed(node, valueCount: 1) }
      return node
    case .sequenceStart(let properties):
      let function = function(tagged: properties.tag)
      if function == nil { accept(tag: properties.tag, on: "tag:yaml.org,2002:seq", at: event) }
      return try anchored(properties.anchor, event) { (composer) throws(Stop) in
        composer.applying(function, to: try composer.sequence(from: event, depth: depth))
      }
    case .mappingStart(let properties):
      let function = function(tagged: properties.tag)
      if function == nil { accept(tag: properties.tag, on: "tag:yaml.org,2002:map", at: event) }
      return try anchored(properties.anchor, event) { (composer) throws(Stop) in
        composer.applying(function, to: try composer.mapping(from: event, depth: depth))
      }
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
      preconditionFailure("libyaml sends a node where a node must be")
    }
  }

  private mutating func anchored(
    _ name: String?, _ event: YAMLEvent, _ body: (inout YAMLComposer) throws(Stop) -> YAMLNode
  ) throws(Stop) -> YAMLNode {
    let before = valueCount
    if let name { anchors[name] = .open(place(ofAnchor: name, event)) }
    let node = try body(&self)
    if let name { anchors[name] = .closed(node, valueCount: valueCount - before + 1) }
    return node
  }

  private mutating func sequence(from start: YAMLEvent, depth: Int) throws(Stop) -> YAMLNode {
    var items: [YAMLNode] = []
    while true {
      let event = try next()
      if case .sequenceEnd = event.kind {
        return YAMLNode(content: .sequence(items), range: range(start, event, lastChild: items.last?.range))
      }
      items.append(try node(from: event, depth: depth + 1))
    }
  }

  private mutating func mapping(from start: YAMLEvent, depth: Int) throws(Stop) -> YAMLNode {
    var entries: [YAMLNode.Entry] = []
    var places: [String: SourceRange] = [:]
    while true {
      let event = try next()
      if case .mappingEnd = event.kind {
        return YAMLNode(content: .mapping(entries), range: range(start, event, lastChild: entries.last?.value.range))
      }
      let key = try node(from: event, depth: depth + 1)
      let value = try node(from: try next(), depth: depth + 1)
      guard let name = keyName(key) else { continue }
      if let first = places[name] {
        diagnostics.report(
          Diagnostic(
            .duplicateKey, "'\(name)' is given twice", at: Label(key.range, "again here"),
            and: [Label(first, "first given here")], help: "keep one of them"))
      } else {
        places[name] = key.range
        entries.append(YAMLNode.Entry(key: name, keyRange: key.range, value: value))
      }
    }
  }

  /// The function that a tag is the short form of.
  private func function(tagged tag: String?) -> TemplateFunction? {
    guard dialect == .template, let tag, tag.hasPrefix("!") else { return nil }
    return TemplateFunction(shortForm: String(tag.dropFirst()))
  }

  /// The long form of what stands behind a tag.
  private func applying(_ function: TemplateFunction?, to node: YAMLNode) -> YAMLNode {
    guard let function else { return node }
    let entry = YAMLNode.Entry(key: function.key, keyRange: node.range, value: function.argument(node))
    return YAMLNode(content: .mapping([entry]), range: node.range)
  }

  /// The text of a key; anything else is reported.
  private mutating func keyName(_ key: YAMLNode) -> String? {
    if dialect == .template, case .scalar(let scalar) = key.content, scalar.text != "<<" { return scalar.text }
    guard case .scalar(let scalar) = key.content, case .text(let name) = CoreScalar(scalar) else {
      var help = "keys are single words"
      if case .scalar(let scalar) = key.content { help = "write \"\(scalar.text)\", with the quotes" }
      diagnostics.report(
        Diagnostic(.keyNotText, "a key must be text", at: Label(key.range, "this is \(key.kindName)"), help: help))
      return nil
    }
    if name == "<<", scalar.isPlain {
      diagnostics.report(
        Diagnostic(
          .mergeKey, "merge keys are not supported", at: Label(key.range), help: "write the keys out where they apply"))
      return nil
    }
    return name
  }

  /// CloudFormation reads templates itself, and refuses aliases.
  private mutating func reportAlias(_ name: String, at event: YAMLEvent) {
    diagnostics.report(
      Diagnostic(
        .templateAlias, "CloudFormation takes no aliases, and this is '*\(name)'", at: Label(range(event)),
        help: "write the value out"))
  }

  private mutating func resolve(_ name: String, at event: YAMLEvent) throws(Stop) -> YAMLNode {
    switch anchors[name] {
    case .closed(let node, let count):
      try spend(count - 1, at: event)
      return node
    case .open(let start):
      diagnostics.report(
        Diagnostic(
          .cyclicAlias, "'*\(name)' stands inside the value that it names",
          at: Label(range(event), "this would go round for ever"), and: [Label(start, "'&\(name)' begins here")],
          help: "write the inner value out"))
      throw Stop()
    case nil:
      try stop(
        .undefinedAnchor, "'*\(name)' names nothing", at: event,
        help: "name a value '&\(name)' above, or quote the text if it should begin with '*'")
    }
  }

  /// Whether the tag is this standard one. Other tags would change what a value means, so they are reported.
  @discardableResult
  private mutating func accept(tag: String?, on standard: String, at event: YAMLEvent) -> Bool {
    guard let tag, tag != standard else { return tag != nil }
    diagnostics.report(
      Diagnostic(.tagUnsupported, "the tag '\(tag)' means nothing here", at: Label(range(event)), help: "remove it"))
    return false
  }

  private mutating func spend(_ count: Int, at event: YAMLEvent) throws(Stop) {
    valueCount += count
    guard valueCount > Self.valuesMax else { return }
    try stop(
      .valuesTooMany, "the file holds more than \(Self.valuesMax) values once its aliases are written out", at: event,
      help: "use fewer aliases inside aliases, or split the file")
  }

  private mutating func stop(
    _ code: DiagnosticCode, _ message: String, at event: YAMLEvent, help: String
  ) throws(Stop) -> Never {
    diagnostics.report(Diagnostic(code, message, at: Label(range(event)), help: help))
    throw Stop()
  }

  private mutating func next() throws(Stop) -> YAMLEvent {
    do {
      return try events.next()
    } catch {
      diagnostics.report(Diagnostic(error, in: file, bytes))
      throw Stop()
    }
  }

  private func place(ofAnchor name: String, _ event: YAMLEvent) -> SourceRange {
    let end = SourcePosition(line: event.start.line, column: event.start.column + name.unicodeScalars.count + 1)
    return SourceRange(file, from: event.start, to: end)
  }

  private func range(_ event: YAMLEvent) -> SourceRange { SourceRange(file, from: event.start, to: event.end) }

  /// libyaml ends a block where the next token begins, lines later; its last child's end is where people see it.
  private func range(_ start: YAMLEvent, _ end: YAMLEvent, lastChild: SourceRange?) -> SourceRange {
    let isFlow = end.start < end.end
    let childEnd = lastChild?.span?.upperBound ?? start.end
    return SourceRange(file, from: start.start, to: isFlow ? end.end : max(start.end, childEnd))
  }
}

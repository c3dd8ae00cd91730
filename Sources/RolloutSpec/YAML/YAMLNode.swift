import RolloutDiagnostics

/// A value in a YAML file and where it stands. Aliases are resolved: an alias is the node that its anchor names.
struct YAMLNode: Sendable {
  struct Scalar: Hashable, Sendable {
    var text: String
    /// Written without quotes, so that `70` is a number and `true` a truth value.
    var isPlain: Bool
  }

  struct Entry: Sendable {
    var key: String
    var keyRange: SourceRange
    var value: YAMLNode
  }

  enum Content: Sendable {
    case scalar(Scalar)
    case sequence([YAMLNode])
    /// In the order of the file, without duplicate keys.
    case mapping([Entry])
  }

  var content: Content
  var range: SourceRange
}

extension YAMLNode {
  enum Step: Hashable, Sendable {
    case key(String)
    case index(Int)
  }

  subscript(key: String) -> YAMLNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// Where the value at a path is seen best: itself when it is on one line, else its key. Of a path that ends early,
  /// the last key on the way: an absent value is shown at what should hold it.
  func place(of path: some Sequence<Step>) -> SourceRange {
    var node = self
    var key = firstKeyRange ?? range
    for step in path {
      switch (step, node.content) {
      case (.key(let name), .mapping(let entries)):
        guard let entry = entries.first(where: { $0.key == name }) else { return key }
        key = entry.keyRange
        node = entry.value
      case (.index(let index), .sequence(let items)) where items.indices.contains(index):
        node = items[index]
        key = node.firstKeyRange ?? key
      default: return key
      }
    }
    return node.isOnOneLine && node.kindName != "empty" ? node.range : key
  }

  /// The value, or its first key when it goes over several lines.
  var shortRange: SourceRange { isOnOneLine ? range : firstKeyRange ?? range }

  private var isOnOneLine: Bool { range.span.map { $0.lowerBound.line == $0.upperBound.line } ?? false }

  /// The first line of a mapping: the place to look, rather than everything it holds.
  var firstKeyRange: SourceRange? {
    if case .mapping(let entries) = content { entries.first?.keyRange } else { nil }
  }

  /// What people call this kind of value.
  var kindName: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(let scalar):
      switch CoreScalar(scalar) {
      case .null: "empty"
      case .bool: "a truth value"
      case .integer, .number: "a number"
      case .text: "text"
      }
    }
  }
}

/// What a scalar means by YAML 1.2's core schema: `yes`, `no`, `on` and `off` are text.
enum CoreScalar: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// May be infinite or NaN.
  case number(Double)
  case text(String)

  init(_ scalar: YAMLNode.Scalar) {
    guard scalar.isPlain else {
      self = .text(scalar.text)
      return
    }
    switch scalar.text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .bool(true)
    case "false", "False", "FALSE": self = .bool(false)
    case ".nan", ".NaN", ".NAN": self = .number(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": self = .number(.infinity)
    case "-.inf", "-.Inf", "-.INF": self = .number(-.infinity)
    default: self = Self.number(in: scalar.text) ?? .text(scalar.text)
    }
  }

  private static func number(in text: String) -> CoreScalar? {
    if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16).map { .integer($0) } }
    if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8).map { .integer($0) } }
    // `Double` reads more than YAML calls a number: "nan", "inf" and hexadecimal fractions.
    guard text.utf8.contains(where: { (48...57).contains($0) }),
      text.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) })
    else { return nil }
    return Int(text).map { .integer($0) } ?? Double(text).map { .number($0) }
  }
}

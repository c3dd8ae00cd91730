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

  /// The node at a path, or the last one on the way to it: an absent key is shown at what should hold it.
  func deepest(_ path: some Sequence<Step>) -> YAMLNode {
    var node = self
    for step in path {
      switch (step, node.content) {
      case (.key(let key), .mapping):
        guard let value = node[key] else { return node }
        node = value
      case (.index(let index), .sequence(let items)) where items.indices.contains(index): node = items[index]
      default: return node
      }
    }
    return node
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

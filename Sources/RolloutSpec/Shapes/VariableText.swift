/// Text that is kept as written until it is needed, because what its variables stand for is a secret.
package enum VariableText {
  /// With each `${NAME}` filled in; `nil` when a variable is missing or empty.
  package static func filled(_ text: String, from variables: [String: String]) -> String? {
    var out = ""
    for part in VariablePart.parts(of: text) {
      switch part {
      case .text(let plain): out += plain
      case .variable(let name):
        guard let value = variables[name], !value.isEmpty else { return nil }
        out += value
      case .malformed: return nil
      }
    }
    return out
  }

  /// Whether it is one variable and nothing else: then it may be shown, for it tells nothing.
  package static func isOneVariable(_ text: String) -> Bool {
    text.wholeMatch(of: /\$\{[A-Za-z_][A-Za-z0-9_]*\}/) != nil
  }
}

/// A piece of text with variables in it.
enum VariablePart {
  case text(String)
  case variable(String)
  case malformed(String)

  static func parts(of text: String) -> [VariablePart] {
    var parts: [VariablePart] = []
    var rest = Substring(text)
    while let dollar = rest.firstIndex(of: "$") {
      parts.append(.text(String(rest[..<dollar])))
      rest = rest[dollar...]
      if rest.hasPrefix("$${") {
        parts.append(.text("${"))
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${") {
        let name = rest.dropFirst(2).prefix { $0 != "}" }
        let isClosed = name.endIndex < rest.endIndex
        let isName = name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil
        let written = rest.prefix(name.count + (isClosed ? 3 : 2))
        parts.append(isClosed && isName ? .variable(String(name)) : .malformed(String(written)))
        rest = rest.dropFirst(written.count)
      } else {
        parts.append(.text("$"))
        rest = rest.dropFirst()
      }
    }
    parts.append(.text(String(rest)))
    return parts
  }
}

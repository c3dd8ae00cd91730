/// A place in a JSON document: `$`, `.name`, `['name']`, `["name"]`, `[0]`, `[-1]` (from the end).
package struct JSONPath: Hashable, Sendable, CustomStringConvertible {
  package enum Step: Hashable, Sendable {
    case member(String)
    case element(Int)
  }

  package let steps: [Step]

  package init(steps: [Step] = []) { self.steps = steps }

  package var description: String { "$" + steps.map(\.text).joined() }

  /// The value at this place, or why there is none.
  package func value(in document: JSONValue) -> Result<JSONValue, JSONPathMiss> {
    var value = document
    for (depth, step) in steps.enumerated() {
      guard let next = step.value(in: value) else {
        return .failure(JSONPathMiss(parent: JSONPath(steps: Array(steps[..<depth])), step: step, found: value))
      }
      value = next
    }
    return .success(value)
  }
}

extension JSONPath.Step {
  fileprivate var text: String {
    switch self {
    case .member(let name):
      let isPlain = !name.isEmpty && name.utf8.allSatisfy(JSONPathReader.isPlain)
      return isPlain
        ? ".\(name)" : "['\(name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'"))']"
    case .element(let index): return "[\(index)]"
    }
  }

  fileprivate func value(in value: JSONValue) -> JSONValue? {
    switch (self, value) {
    case (.member(let name), .object(let members)): return members[name]
    case (.element(let index), .array(let elements)):
      let position = index < 0 ? elements.count + index : index
      return elements.indices.contains(position) ? elements[position] : nil
    default: return nil
    }
  }
}

/// Where a path leaves the document.
package struct JSONPathMiss: Error, Hashable, Sendable, CustomStringConvertible {
  /// The last place that exists, the step that does not, and what was found at the former.
  package var parent: JSONPath
  package var step: JSONPath.Step
  package var found: JSONValue

  /// `$ has no nsfw, only safe and score`.
  package var description: String {
    switch (step, found) {
    case (.member(let name), .object(let members)):
      let names = members.keys.sorted()
      let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
      return "\(parent) has no \(name), \(names.isEmpty ? "it is empty" : "only \(shown)")"
    case (.element, .array(let elements)):
      return "\(parent) has \(elements.count) element\(elements.count == 1 ? "" : "s")"
    default:
      return "\(parent) is \(found.kind)"
    }
  }
}

extension JSONPath {
  /// Reads a path as a file writes it.
  package init(_ text: String) throws(JSONPathError) {
    var reader = JSONPathReader(text)
    steps = try reader.read()
  }
}

/// A text that is not a path.
package struct JSONPathError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Counted in UTF-8 bytes from the start of the path.
  package var offset: Int
  package var message: String

  package var description: String { message }
}

private struct JSONPathReader {
  private let text: String
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  /// What a name may hold without quotes: letters, digits, `_`, `-`, and anything beyond ASCII.
  static func isPlain(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95 || byte == 45
      || byte >= 128
  }

  mutating func read() throws(JSONPathError) -> [JSONPath.Step] {
    guard next("$") else { throw failure("a path begins with $, the whole document") }
    var steps: [JSONPath.Step] = []
    while position < bytes.count {
      if next(".") {
        steps.append(.member(try plainName()))
      } else if next("[") {
        steps.append(try bracket())
      } else {
        throw failure("expected .name, ['name'] or [0] after \(prefix)")
      }
    }
    return steps
  }

  private mutating func plainName() throws(JSONPathError) -> String {
    let start = position
    while position < bytes.count, Self.isPlain(bytes[position]) { position += 1 }
    guard position > start else { throw failure("expected a name after \(prefix)") }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func bracket() throws(JSONPathError) -> JSONPath.Step {
    let step: JSONPath.Step
    if next("'") {
      step = .member(try quotedName(until: UInt8(ascii: "'")))
    } else if next("\"") {
      step = .member(try quotedName(until: UInt8(ascii: "\"")))
    } else {
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: "]") { position += 1 }
      let number = String(decoding: bytes[start..<position], as: UTF8.self)
      guard let index = Int(number), !number.hasPrefix("+") else {
        position = start
        throw failure("expected a number or a quoted name after \(prefix)")
      }
      step = .element(index)
    }
    guard next("]") else { throw failure("expected ] after \(prefix)") }
    return step
  }

  private mutating func quotedName(until quote: UInt8) throws(JSONPathError) -> String {
    var name: [UInt8] = []
    while position < bytes.count, bytes[position] != quote {
      if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count { position += 1 }
      name.append(bytes[position])
      position += 1
    }
    guard position < bytes.count else { throw failure("the quoted name has no end") }
    position += 1
    return String(decoding: name, as: UTF8.self)
  }

  private mutating func next(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private var prefix: String { "'" + String(decoding: bytes[..<position], as: UTF8.self) + "'" }

  private func failure(_ message: String) -> JSONPathError { JSONPathError(offset: position, message: message) }
}

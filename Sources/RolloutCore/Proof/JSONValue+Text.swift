extension JSONValue {
  /// What it is, for a sentence: `a number`, `an object`.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a text"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// As JSON on one line, keys sorted, cut after `max` characters.
  package func text(max: Int = 80) -> String {
    var writer = BoundedText(left: max)
    writer.write(self)
    return writer.text
  }
}

/// Writes JSON until it has had enough, however large the value is.
private struct BoundedText {
  var text = ""
  var left: Int

  mutating func write(_ value: JSONValue) {
    guard left > 0 else { return }
    switch value {
    case .null: append("null")
    case .bool(let flag): append(flag ? "true" : "false")
    case .number(let number): append(shortNumber(number))
    case .string(let string): append(quoted(string))
    case .array(let elements):
      list("[", elements, "]") { writer, element in writer.write(element) }
    case .object(let members):
      list("{", members.sorted { $0.key < $1.key }, "}") { writer, member in
        writer.append(writer.quoted(member.key) + ":")
        writer.write(member.value)
      }
    }
  }

  private mutating func list<Item>(
    _ open: String, _ items: [Item], _ close: String, _ write: (inout BoundedText, Item) -> Void
  ) {
    append(open)
    for (index, item) in items.enumerated() where left > 0 {
      if index > 0 { append(",") }
      write(&self, item)
    }
    append(close)
  }

  mutating func append(_ piece: String) {
    guard left > 0 else { return }
    guard piece.count > left else {
      text += piece
      left -= piece.count
      return
    }
    text += piece.prefix(left) + "…"
    left = 0
  }

  func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.prefix(left + 1).unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 32 || scalar.value == 127:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

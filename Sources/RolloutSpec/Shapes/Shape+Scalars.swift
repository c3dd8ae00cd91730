import RolloutCore
import RolloutDiagnostics

extension Shape {
  /// A scalar of a certain form. `parse` gets the text with its variables filled in; messages never show that text,
  /// because it may hold a secret.
  static func written(
    _ expected: String, example: String, schema: JSONValue, isNumber: Bool = false,
    parse: @escaping @Sendable (CoreScalar, _ text: String) -> Value?
  ) -> Shape {
    Shape(schema: schema) { node, reading in
      guard case .scalar(let scalar) = node.content else {
        reading.reportType(node, expected, help: "write it like '\(example)'")
        return nil
      }
      guard let filled = reading.filled(scalar, at: node) else { return nil }
      // A variable in a flow mapping must be quoted, also where a number is meant.
      let isPlain = scalar.isPlain || scalar.hasVariables
      let meaning = CoreScalar(YAMLNode.Scalar(text: filled.text, isPlain: isPlain))
      if case .number(let number) = meaning, !number.isFinite {
        reading.report(.notANumber, "\(reading.subject) must be a finite number", at: node, help: "write \(example)")
        return nil
      }
      if let value = parse(meaning, filled.text) { return value }
      let help = "write it like '\(example)'"
      switch meaning {
      case .integer, .number:
        if isNumber { reading.reportRange(node, "must be \(expected)", help: help) } else { fallthrough }
      case .text where !isNumber: reading.reportMalformed(node, expected, help: help)
      default: reading.reportType(node, expected, help: help)
      }
      return nil
    }
  }
}

extension Shape where Value == String {
  /// Any text that is not empty.
  static var text: Shape { text("text", example: "some text", pattern: nil) { !$0.isEmpty } }

  static func text(
    _ expected: String, example: String, pattern: String?, isValid: @escaping @Sendable (String) -> Bool
  ) -> Shape {
    var schema: [String: JSONValue] = ["type": "string", "minLength": 1]
    if let pattern { schema["pattern"] = .string(pattern) }
    return Shape(schema: .object(schema)) { node, reading in
      guard case .scalar(let scalar) = node.content, let filled = reading.filled(scalar, at: node) else {
        if case .scalar = node.content { return nil }
        reading.reportType(node, expected, help: "write it like '\(example)'")
        return nil
      }
      let isPlain = scalar.isPlain && !scalar.hasVariables
      guard case .text(let text) = CoreScalar(YAMLNode.Scalar(text: filled.text, isPlain: isPlain)) else {
        let isQuotable = CoreScalar(filled) != .null && isValid(filled.text)
        reading.reportType(node, expected, help: isQuotable ? "put quotes round it" : "write it like '\(example)'")
        return nil
      }
      guard isValid(text) else {
        reading.reportMalformed(node, expected, help: "write it like '\(example)'")
        return nil
      }
      return text
    }
  }

  /// A name that is safe in paths, URLs and other people's systems.
  static var name: Shape {
    text(
      "a name of up to 63 letters, digits and '-'",
      example: "eye-catcher", pattern: "^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
    ) { $0.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?/) != nil }
  }

  /// A title for people.
  static var title: Shape {
    text("a title of at most 100 characters", example: "a safe picture", pattern: "^[^\\n]{1,100}$") {
      !$0.isEmpty && $0.count <= 100 && !$0.contains(where: \.isNewline)
    }
  }

  /// Kept as written: `${NAME}` is filled in where the text is used, so that a secret goes nowhere else. Numbers and
  /// truth values are taken as their text.
  static var verbatim: Shape {
    Shape(schema: ["type": ["string", "number", "boolean"]]) { node, reading in
      guard case .scalar(let scalar) = node.content else {
        reading.reportType(node, "text", help: "write it on one line")
        return nil
      }
      return reading.checkVariables(in: scalar.text, at: node) ? scalar.text : nil
    }
  }

  /// A path, made absolute against the directory of the file that names it.
  static var path: Shape {
    text("a path", example: "../Alarms/cpu.yaml", pattern: nil) { !$0.isEmpty && !$0.contains("\0") }
      .withVariables.refined { path, _, reading in absolutePath(path, from: reading.directory) }
  }
}

extension Shape where Value == Bool {
  static var boolean: Shape {
    written("true or false", example: "true", schema: ["type": "boolean"]) { scalar, _ in
      if case .bool(let value) = scalar { value } else { nil }
    }
  }

  /// A key that can only be said, not denied.
  static var alwaysTrue: Shape {
    written("true", example: "true", schema: ["const": true]) { scalar, _ in scalar == .bool(true) ? true : nil }
  }
}

extension Shape where Value == Int {
  static func integer(_ range: ClosedRange<Int>) -> Shape {
    written(
      "a whole number from \(range.lowerBound) to \(range.upperBound)", example: String(range.lowerBound),
      schema: [
        "type": "integer", "minimum": .number(Double(range.lowerBound)), "maximum": .number(Double(range.upperBound)),
      ], isNumber: true
    ) { scalar, _ in
      if case .integer(let value) = scalar, range.contains(value) { value } else { nil }
    }
  }

  /// Bytes, as `6MiB`, `500kB` or a plain number.
  static var byteSize: Shape {
    let units = [("B", 1), ("kB", 1_000), ("KiB", 1_024), ("MB", 1_000_000), ("MiB", 1_048_576)]
    return written(
      "a size in bytes", example: "6MiB",
      schema: ["type": ["string", "integer"], "pattern": "^[0-9]+(B|kB|KiB|MB|MiB)$", "minimum": 1]
    ) { scalar, text in
      if case .integer(let bytes) = scalar { return bytes > 0 ? bytes : nil }
      let digits = text.prefix { $0.isASCII && $0.isNumber }
      guard let count = Int(digits), count > 0, count <= 1_000_000_000,
        let unit = units.first(where: { $0.0 == text.dropFirst(digits.count) })
      else { return nil }
      return count * unit.1
    }
  }
}

extension Shape where Value == Double {
  static func number(_ range: ClosedRange<Double>, _ expected: String, example: String) -> Shape {
    var schema: [String: JSONValue] = ["type": "number"]
    if range.lowerBound > -.greatestFiniteMagnitude { schema["minimum"] = .number(range.lowerBound) }
    if range.upperBound < .greatestFiniteMagnitude { schema["maximum"] = .number(range.upperBound) }
    return written(expected, example: example, schema: .object(schema), isNumber: true) { scalar, _ in
      switch scalar {
      case .integer(let value) where range.contains(Double(value)): Double(value)
      case .number(let value) where range.contains(value): value
      default: nil
      }
    }
  }

  static var anyNumber: Shape {
    number(-.greatestFiniteMagnitude ... .greatestFiniteMagnitude, "a number", example: "0.61")
  }
}

extension Shape where Value == TimeSpan {
  /// A duration. One below zero is read, so that a rule can say what is wrong with it.
  static var duration: Shape {
    written(
      "a duration", example: "10m",
      schema: ["anyOf": [["type": "string", "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$"], ["const": 0]]]
    ) { _, text in TimeSpan(text) }
  }
}

extension Shape where Value == Percent {
  static var percent: Shape {
    written(
      "a share from 0% to 100%", example: "10%",
      schema: ["type": "string", "pattern": "^(100(\\.0+)?|[0-9]{1,2}(\\.[0-9]+)?)%$"]
    ) { _, text in
      guard text.last == "%", let number = Double(text.dropLast()) else { return nil }
      return Percent(number)
    }
  }
}

extension Shape where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the names of an enumeration.
  static var choice: Shape { choice(Value.allCases.map { ($0.rawValue, $0) }) }
}

extension Shape {
  /// One of these words.
  static func choice(_ choices: [(name: String, value: Value)]) -> Shape {
    let names = choices.map(\.name)
    return Shape(schema: ["enum": .array(names.map { .string($0) })]) { node, reading in
      guard let text = Shape<String>.text.read(node, &reading) else { return nil }
      if let known = choices.first(where: { $0.name == text }) { return known.value }
      // As written, not as filled in: a variable may hold a secret.
      let written = if case .scalar(let scalar) = node.content { scalar.text } else { text }
      reading.report(
        .unknownChoice, "\(reading.subject) cannot be '\(written)'", at: node,
        help: text.nearest(in: names).map { "did you mean '\($0)'?" }
          ?? "choose one of \(names.joined(separator: ", "))")
      return nil
    }
  }
}

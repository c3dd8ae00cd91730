/// A share of 0 to 100 %, to a hundredth of a percent.
package struct Percent: Hashable, Comparable, Sendable {
  /// Hundredths of a percent, 0 to 10,000.
  package let basisPoints: Int

  package init?(_ value: Double) {
    guard value.isFinite, (0...100).contains(value) else { return nil }
    basisPoints = Int((value * 100).rounded())
  }

  private init(basisPoints: Int) { self.basisPoints = basisPoints }

  package static let none = Percent(basisPoints: 0)
  package static let all = Percent(basisPoints: 10_000)

  package var value: Double { Double(basisPoints) / 100 }
  package var fraction: Double { Double(basisPoints) / 10_000 }

  package static func < (left: Percent, right: Percent) -> Bool { left.basisPoints < right.basisPoints }
}

extension Percent: Codable, CustomStringConvertible {
  package init(from decoder: any Decoder) throws {
    let number = try decoder.singleValueContainer().decode(Double.self)
    guard let value = Percent(number) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "\(number) is not between 0 and 100"))
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  /// `10%`, `0.5%`.
  package var description: String { shortNumber(value) + "%" }
}

/// `70` for 70.0, `0.6` for 0.6: the way people write numbers.
package func shortNumber(_ value: Double) -> String {
  if value.rounded() == value, value.magnitude < 1e15 { return String(Int64(value)) }
  return String(value)
}

/// A SHA-256 digest: 32 bytes, written as 64 lower-case hexadecimal digits.
package struct Digest: Hashable, Comparable, Sendable {
  /// The bytes in order, eight to a word, the first one in the highest place.
  package let words: (UInt64, UInt64, UInt64, UInt64)

  package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  package init?(hex: String) {
    guard hex.utf8.count == 64 else { return nil }
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    for (index, byte) in hex.utf8.enumerated() {
      let digit: UInt64
      switch byte {
      case 48...57: digit = UInt64(byte) - 48
      case 97...102: digit = UInt64(byte) - 87
      default: return nil
      }
      switch index / 16 {
      case 0: words.0 = words.0 << 4 | digit
      case 1: words.1 = words.1 << 4 | digit
      case 2: words.2 = words.2 << 4 | digit
      default: words.3 = words.3 << 4 | digit
      }
    }
    self.words = words
  }

  package var hex: String {
    String(unsafeUninitializedCapacity: 64) { buffer in
      for (place, word) in [words.0, words.1, words.2, words.3].enumerated() {
        for digit in 0..<16 {
          let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * digit)) & 15
          buffer[place * 16 + digit] = value < 10 ? value + 48 : value + 87
        }
      }
      return 64
    }
  }

  /// The first twelve digits: enough for people to tell digests apart.
  package var short: String { String(hex.prefix(12)) }

  package static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }
  package static func < (left: Digest, right: Digest) -> Bool { left.words < right.words }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}

extension Digest: Codable, CustomStringConvertible {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard text.hasPrefix("sha256:"), let value = Digest(hex: String(text.dropFirst(7))) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not a sha256 digest"))
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  package var description: String { "sha256:" + hex }
}

/// A bound that a number must keep: `>= 0.60`, `< 5`.
package struct Comparison: Hashable, Sendable {
  package enum Relation: String, Codable, Sendable, CaseIterable {
    case greater = ">"
    case greaterOrEqual = ">="
    case less = "<"
    case lessOrEqual = "<="
    case equal = "=="
  }

  package var relation: Relation
  package var bound: Double

  package init(_ relation: Relation, _ bound: Double) {
    precondition(bound.isFinite, "a bound is a number")
    self.relation = relation
    self.bound = bound
  }

  /// Whether `value` keeps the bound. NaN keeps none.
  package func holds(for value: Double) -> Bool {
    switch relation {
    case .greater: value > bound
    case .greaterOrEqual: value >= bound
    case .less: value < bound
    case .lessOrEqual: value <= bound
    case .equal: value == bound
    }
  }
}

extension Comparison: Codable, CustomStringConvertible {
  /// `>= 0.6`; read back by `init(_:)` below, without units.
  package var description: String { "\(relation.rawValue) \(shortNumber(bound))" }

  package init?(_ text: String) {
    for relation in [Relation.greaterOrEqual, .lessOrEqual, .equal, .greater, .less]
    where text.hasPrefix(relation.rawValue) {
      let rest = text.dropFirst(relation.rawValue.count).drop { $0 == " " }
      guard let bound = Double(rest), bound.isFinite else { return nil }
      self.init(relation, bound)
      return
    }
    return nil
  }

  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = Comparison(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not a comparison"))
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Any JSON document. Objects keep no order; writers sort their keys.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

extension JSONValue: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

/// A length of time in whole milliseconds, written as people write it: `250ms`, `30s`, `10m`, `1h30m`, `72h`.
package struct TimeSpan: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count) }
  package static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count * 1_000) }
  package static func minutes(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count * 60_000) }
  package static func hours(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count * 3_600_000) }
  package static let zero = TimeSpan(milliseconds: 0)

  package var seconds: Double { Double(milliseconds) / 1_000 }
  package var duration: Duration { .milliseconds(milliseconds) }

  package static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.milliseconds < right.milliseconds }
  package static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
    TimeSpan(milliseconds: left.milliseconds + right.milliseconds)
  }
  package static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
    TimeSpan(milliseconds: left.milliseconds - right.milliseconds)
  }
  package static func * (left: TimeSpan, right: Int) -> TimeSpan {
    TimeSpan(milliseconds: left.milliseconds * Int64(right))
  }
}

extension TimeSpan {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
  ]

  /// The longest span a file may name: a hundred years, far inside `Int64`.
  package static let longest = TimeSpan.hours(24 * 36_525)

  /// Reads one or more number-unit pairs (`1h30m`, `1.5s`); units are `ms`, `s`, `m`, `h`, `d`. A sign is allowed in
  /// front, so that a reader can say "below zero" rather than "not a duration". `nil` when the text is anything else.
  package init?(_ text: String) {
    var rest = Substring(text)
    let isNegative = rest.first == "-"
    if isNegative { rest = rest.dropFirst() }
    if rest == "0" {
      self = .zero
      return
    }
    guard !rest.isEmpty else { return nil }
    var total = 0.0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { $0.isASCII && $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let count = Double(number), let scale = Self.units.first(where: { $0.name == unit }) else { return nil }
      total += count * Double(scale.milliseconds)
    }
    guard total.isFinite, total <= Double(Self.longest.milliseconds) else { return nil }
    self.init(milliseconds: Int64(total.rounded()) * (isNegative ? -1 : 1))
  }
}

extension TimeSpan: CustomStringConvertible {
  /// The shortest exact form: `10m`, `1h30m`, `250ms`, `0s`.
  package var description: String {
    guard milliseconds != 0 else { return "0s" }
    var rest = milliseconds.magnitude
    var text = milliseconds < 0 ? "-" : ""
    for unit in Self.units where unit.name != "d" {
      let count = rest / UInt64(unit.milliseconds)
      if count > 0 { text += "\(count)\(unit.name)" }
      rest %= UInt64(unit.milliseconds)
    }
    return text
  }
}

extension TimeSpan: Codable {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = TimeSpan(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not a duration"))
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

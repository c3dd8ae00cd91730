/// A moment of wall time, in milliseconds since 1970-01-01T00:00:00Z. Wall time is advisory: it is shown to people and
/// expires approvals; nothing that keeps users safe depends on it.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
  package static func + (left: Timestamp, right: TimeSpan) -> Timestamp {
    Timestamp(milliseconds: left.milliseconds + right.milliseconds)
  }
  package static func - (left: Timestamp, right: Timestamp) -> TimeSpan {
    TimeSpan(milliseconds: left.milliseconds - right.milliseconds)
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with milliseconds: `2026-11-21T03:46:00.000Z`.
  package var description: String {
    let day = milliseconds.floorDivided(by: 86_400_000)
    let rest = milliseconds - day * 86_400_000
    let date = CivilDate(daysSinceEpoch: day)
    guard (0...9_999).contains(date.year) else { return "\(date.year)-\(date.month)-\(date.day)" }
    // Written and read once for each of a journal's entries, so by hand.
    return String(unsafeUninitializedCapacity: Self.form.count) { buffer in
      _ = buffer.initialize(from: Self.form)
      func write(_ number: Int64, to range: Range<Int>) {
        var left = number
        for place in range.reversed() {
          buffer[place] = UInt8(48 + left % 10)
          left /= 10
        }
      }
      write(date.year, to: 0..<4)
      write(date.month, to: 5..<7)
      write(date.day, to: 8..<10)
      write(rest / 3_600_000, to: 11..<13)
      write(rest / 60_000 % 60, to: 14..<16)
      write(rest / 1_000 % 60, to: 17..<19)
      write(rest % 1_000, to: 20..<23)
      return Self.form.count
    }
  }

  private static let form = Array("0000-00-00T00:00:00.000Z".utf8)

  /// Reads exactly the form that `description` writes.
  package init?(_ text: String) {
    var text = text
    let read: Int64? = text.withUTF8 { bytes in
      guard bytes.count == Self.form.count else { return nil }
      for (byte, model) in zip(bytes, Self.form) {
        guard model == 48 ? (48...57).contains(byte) : byte == model else { return nil }
      }
      func number(_ range: Range<Int>) -> Int64 { range.reduce(0) { $0 * 10 + Int64(bytes[$1] - 48) } }
      let (month, day) = (number(5..<7), number(8..<10))
      let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
      guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61 else { return nil }
      let days = CivilDate(year: number(0..<4), month: month, day: day).daysSinceEpoch
      return days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1_000 + number(20..<23)
    }
    guard let read else { return nil }
    milliseconds = read
  }
}

extension Timestamp: Codable {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = Timestamp(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not a timestamp"))
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// The proleptic Gregorian calendar, after Howard Hinnant's "chrono-compatible low-level date algorithms".
private struct CivilDate {
  var year: Int64
  var month: Int64
  var day: Int64

  init(year: Int64, month: Int64, day: Int64) {
    self.year = year
    self.month = month
    self.day = day
  }

  init(daysSinceEpoch: Int64) {
    let shifted = daysSinceEpoch + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var daysSinceEpoch: Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear.floorDivided(by: 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }
}

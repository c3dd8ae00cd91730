package import RolloutCore

/// Numbers as people read them. Exact values are in the JSON forms.
package enum Figures {
  /// `0.60` for 0.6: a quality metric, two to four decimals; larger numbers as they are written.
  package static func metric(_ value: Double) -> String {
    guard value.isFinite, value.magnitude <= 1 else { return shortNumber((value * 100).rounded() / 100) }
    let exact = fixed(value, 4)
    return exact.hasSuffix("00") ? String(exact.dropLast(2)) : exact.hasSuffix("0") ? String(exact.dropLast()) : exact
  }

  /// `290 MB`, in powers of ten.
  package static func size(_ bytes: Int64) -> String {
    // A registry that does not know a package's size says 0.
    if bytes == 0 { return "unknown" }
    let (number, unit) = sizeParts(bytes)
    return "\(number) \(unit)"
  }

  /// `300 → 290 MB`, the unit once where it is the same.
  package static func sizeChange(_ from: Int64, _ to: Int64, _ style: Style) -> String {
    let (old, new) = (sizeParts(from), sizeParts(to))
    return old.unit == new.unit && from != 0 && to != 0
      ? "\(style.change(old.number, new.number)) \(new.unit)"
      : style.change(size(from), size(to))
  }

  /// `0.4%` for 0.004.
  package static func rate(_ fraction: Double) -> String {
    let percent = fraction * 100
    return fixed(percent, percent > 0 && percent < 0.1 ? 2 : 1) + "%"
  }

  package static func milliseconds(_ value: Double) -> String {
    if value >= 10_000 { return fixed(value / 1_000, 1) + " s" }
    return fixed(value, value < 10 ? 1 : 0) + " ms"
  }

  /// `432`, or `4.2` for small ones.
  package static func perMinute(_ value: Double) -> String {
    fixed(value, value > 0 && value < 10 && value.rounded() != value ? 1 : 0)
  }

  /// `12,345`.
  package static func count(_ value: Int64) -> String {
    var digits = Substring(String(value.magnitude))
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = digits.dropLast(3)
    }
    groups.insert(digits, at: 0)
    return (value < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// `1 case`, `2 cases`.
  package static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    let scale = [1.0, 10, 100, 1_000, 10_000][decimals]
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let digits = String(Int64(scaled))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + digits }
    let full = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return sign + full.dropLast(decimals) + "." + full.suffix(decimals)
  }

  private static func sizeParts(_ bytes: Int64) -> (number: String, unit: String) {
    let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
    for (unit, scale) in units where Double(bytes) >= scale {
      let value = Double(bytes) / scale
      return (value < 10 && value.rounded() != value ? fixed(value, 1) : fixed(value, 0), unit)
    }
    return (String(bytes), "bytes")
  }
}

// MARK: - Time

extension Figures {
  /// A measured length of time, as exact as it is worth knowing: `250ms`, `4.2s`, `31m12s`, `1h30m`, `3d4h`.
  package static func duration(_ span: TimeSpan) -> String {
    let total = max(span, .zero)
    if total < .seconds(1) { return total == .zero ? "0s" : "\(total.milliseconds)ms" }
    if total < .seconds(10) {
      let text = fixed(total.seconds, 1)
      return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + "s"
    }
    if total < .hours(1) { return TimeSpan.seconds(total.milliseconds / 1_000).description }
    if total < .hours(48) { return TimeSpan.minutes(total.milliseconds / 60_000).description }
    let hours = total.milliseconds / 3_600_000
    return "\(hours / 24)d" + (hours % 24 > 0 ? "\(hours % 24)h" : "")
  }

  /// `12:03:04`, in UTC.
  package static func clock(_ time: Timestamp) -> String { String(time.description.dropFirst(11).prefix(8)) }

  /// `2026-08-01 12:03 UTC`.
  package static func moment(_ time: Timestamp) -> String {
    "\(time.description.prefix(10)) \(time.description.dropFirst(11).prefix(5)) UTC"
  }
}

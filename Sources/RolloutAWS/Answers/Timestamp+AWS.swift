import RolloutCore

extension Timestamp {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
  init?(httpDate text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]),
      let month = Self.months.firstIndex(of: String(parts[2]))
    else {
      return nil
    }
    self.init("\(parts[3])-\(Self.two(month + 1))-\(Self.two(day))T\(parts[4]).000Z")
  }

  /// The forms in which AWS's documents write a moment: `2026-11-25T10:00:00Z`, with or without fractions, or with
  /// `+00:00` or `UTC` in place of `Z`.
  init?(awsText text: String) {
    var text = text
    for zone in ["Z", "+00:00", "UTC"] where text.hasSuffix(zone) { text.removeLast(zone.count) }
    let parts = text.split(separator: ".", maxSplits: 1)
    guard let seconds = parts.first, parts.count < 2 || parts[1].allSatisfy(\.isNumber) else { return nil }
    let fraction = parts.count == 2 ? String((parts[1] + "000").prefix(3)) : "000"
    self.init("\(seconds).\(fraction)Z")
  }

  /// Seconds since 1970 with fractions, as AWS's JSON writes a moment. `nil` outside of the years that a file may name.
  init?(epochSeconds seconds: Double) {
    guard seconds.isFinite, abs(seconds) < 1e11 else { return nil }
    self.init(milliseconds: Int64((seconds * 1_000).rounded()))
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

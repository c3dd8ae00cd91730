/// What the objects of a journal are called, below wherever it is kept.
enum ObjectName {
  /// Names the journal; made once, never changed.
  static let meta = "journal"
  static let entries = "entries/"
  static let segments = "segments/"
  static let snapshot = "snapshot"
  static let lease = "lease"
  static let blobs = "blobs/"

  /// Of the object that begins with this entry.
  static func entry(_ sequence: UInt64) -> String { entries + padded(sequence) }

  /// The first entry of an object; `nil` for what is no entry's name.
  static func sequence(of key: String) -> UInt64? {
    key.hasPrefix(entries) ? number(key.dropFirst(entries.count)) : nil
  }

  static func segment(_ range: ClosedRange<UInt64>) -> String {
    "\(segments)\(padded(range.lowerBound))-\(padded(range.upperBound))"
  }

  static func range(ofSegment key: String) -> ClosedRange<UInt64>? {
    guard key.hasPrefix(segments) else { return nil }
    let ends = key.dropFirst(segments.count).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = number(ends[0]), let last = number(ends[1]), first <= last else { return nil }
    return first...last
  }

  private static let width = 20

  /// Of one width, so that the order of names is that of numbers.
  private static func padded(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: width - digits.count) + digits
  }

  private static func number(_ text: Substring) -> UInt64? {
    guard text.utf8.count == width, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return UInt64(text)
  }
}

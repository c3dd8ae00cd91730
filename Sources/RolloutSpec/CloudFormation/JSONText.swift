/// JSON is YAML, but for one thing: characters beyond the first plane are written as two escapes, which YAML refuses.
enum JSONText {
  /// The text with such pairs as the one escape that YAML has for them. Lines stay what they were.
  static func readableAsYAML(_ text: String) -> String {
    guard text.first(where: { !$0.isWhitespace }) == "{", text.contains("\\ud") || text.contains("\\uD") else {
      return text
    }
    return text.replacing(/\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/) { match in
      guard let high = UInt32(match.1, radix: 16), let low = UInt32(match.2, radix: 16) else { return String(match.0) }
      let hex = String(0x1_0000 + (high - 0xD800) << 10 + (low - 0xDC00), radix: 16)
      return "\\U" + String(repeating: "0", count: 8 - hex.count) + hex
    }
  }
}

/// Bytes as text in JSON documents (RFC 4648, section 4, with padding).
package enum Base64 {
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  package static func text(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let chunk = bytes[start..<min(start + 3, bytes.count)]
      var word = 0
      for index in 0..<3 { word = word << 8 | (index < chunk.count ? Int(chunk[start + index]) : 0) }
      for index in 0..<4 {
        out.append(index <= chunk.count ? digits[word >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// `nil` for anything that `text` would not write.
  package static func bytes(_ text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count % 4 == 0 else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(characters.count / 4 * 3)
    for start in stride(from: 0, to: characters.count, by: 4) {
      let quad = characters[start..<start + 4]
      let padding = start + 4 == characters.count ? quad.reversed().prefix { $0 == UInt8(ascii: "=") }.count : 0
      guard padding <= 2 else { return nil }
      var word = 0
      for character in quad.dropLast(padding) {
        guard let value = digits.firstIndex(of: character) else { return nil }
        word = word << 6 | value
      }
      word <<= 6 * padding
      for index in 0..<3 - padding { out.append(UInt8(word >> (16 - 8 * index) & 255)) }
    }
    return self.text(out) == text ? out : nil
  }
}

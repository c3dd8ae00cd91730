/// What the values of a document are. `nil`: it is of another kind.
extension JSONTape {
  func text(at index: Int) -> String? {
    let mark = marks[index]
    let range = Int(mark.start)..<Int(mark.end)
    return bytes.withUnsafeBufferPointer { buffer in
      let slice = UnsafeBufferPointer(rebasing: buffer[range])
      return switch mark.kind {
      case .text: String(validating: slice, as: UTF8.self)
      case .escapedText: Self.unescaped(slice)
      default: nil
      }
    }
  }

  func integer<T: FixedWidthInteger>(at index: Int) -> T? {
    let mark = marks[index]
    guard mark.kind == .number else { return nil }
    var rest = bytes[Int(mark.start)..<Int(mark.end)]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }
    var number: T = 0
    for byte in rest {
      guard let digit = T(exactly: byte &- 48), digit < 10 else { return wholeNumber(at: index) }
      let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflows) =
        isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
      if isTooLarge || overflows { return nil }
      number = sum
    }
    return number
  }

  /// `1e3` and `5.0` are whole numbers too.
  private func wholeNumber<T: FixedWidthInteger>(at index: Int) -> T? { double(at: index).flatMap { T(exactly: $0) } }

  func double(at index: Int) -> Double? {
    let mark = marks[index]
    guard mark.kind == .number else { return nil }
    let number = Double(String(decoding: bytes[Int(mark.start)..<Int(mark.end)], as: UTF8.self))
    return number.flatMap { $0.isFinite ? $0 : nil }
  }

  func bool(at index: Int) -> Bool? {
    switch marks[index].kind {
    case .yes: true
    case .no: false
    default: nil
    }
  }

  /// The value that an object has for a key.
  func value(of key: String, in index: Int) -> Int? {
    let object = marks[index]
    var key = key
    return key.withUTF8 { wanted in
      bytes.withUnsafeBufferPointer { buffer in
        var place = index + 1
        while place < object.next {
          let mark = marks[place]
          let name = UnsafeBufferPointer(rebasing: buffer[Int(mark.start)..<Int(mark.end)])
          let isIt =
            mark.kind == .text
            ? name.count == wanted.count && name.elementsEqual(wanted)
            : Self.unescaped(name)?.utf8.elementsEqual(wanted)
          if isIt == true { return place + 1 }
          place = Int(marks[place + 1].next)
        }
        return nil
      }
    }
  }

  private static func unescaped(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var place = 0
    while place < bytes.count {
      guard bytes[place] == UInt8(ascii: "\\") else {
        plain.append(bytes[place])
        place += 1
        continue
      }
      guard place + 1 < bytes.count else { return nil }
      if bytes[place + 1] == UInt8(ascii: "u") {
        guard let (scalar, length) = scalar(bytes, at: place) else { return nil }
        plain += Array(String(Character(scalar)).utf8)
        place += length
      } else {
        guard let meant = escapes[bytes[place + 1]] else { return nil }
        plain.append(meant)
        place += 2
      }
    }
    return String(validating: plain, as: UTF8.self)
  }

  private static let escapes: [UInt8: UInt8] = [
    0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f, 0x62: 0x08, 0x66: 0x0c, 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09,
  ]

  /// `\u` and four digits, or two of them that are one scalar, and how many bytes they take.
  private static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> (Unicode.Scalar, Int)? {
    guard let high = unit(bytes, at: place) else { return nil }
    if let scalar = Unicode.Scalar(high) { return (scalar, 6) }
    guard high < 0xdc00, let low = unit(bytes, at: place + 6), (0xdc00..<0xe000).contains(low),
      let scalar = Unicode.Scalar(0x1_0000 + (high - 0xd800) << 10 + (low - 0xdc00))
    else { return nil }
    return (scalar, 12)
  }

  private static func unit(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> UInt32? {
    guard place + 6 <= bytes.count, bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u") else {
      return nil
    }
    return UInt32(String(decoding: bytes[place + 2..<place + 6], as: UTF8.self), radix: 16)
  }
}

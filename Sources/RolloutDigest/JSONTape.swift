/// A JSON document read once: its bytes, and where each value in them begins and ends. Values become numbers and texts
/// only when somebody asks for them.
final class JSONTape: Sendable {
  enum Kind: UInt8, Sendable { case null, no, yes, number, text, escapedText, array, object }

  struct Mark: Sendable {
    var kind: Kind
    /// Of its bytes; for a text, without the quotes.
    var start: Int32
    var end: Int32
    /// The mark after this value and everything in it.
    var next: Int32
  }

  struct Malformed: Error { let position: Int }

  /// A document that nests deeper was not written by any of our programs.
  static let depthMax = 128

  let bytes: [UInt8]
  let marks: [Mark]

  init(_ bytes: [UInt8]) throws {
    guard bytes.count < Int(Int32.max) else { throw Malformed(position: 0) }
    self.bytes = bytes
    marks = try bytes.withUnsafeBufferPointer { buffer in
      var reader = Reader(bytes: buffer)
      try reader.value(depth: 0)
      reader.skipSpace()
      guard reader.place == buffer.count else { throw Malformed(position: reader.place) }
      return reader.marks
    }
  }
}

/// One pass over the bytes.
private struct Reader {
  let bytes: UnsafeBufferPointer<UInt8>
  var place = 0
  var marks: [JSONTape.Mark] = []

  init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    marks.reserveCapacity(bytes.count / 8 + 1)
  }

  private var malformed: JSONTape.Malformed { JSONTape.Malformed(position: place) }
  private var current: UInt8 { place < bytes.count ? bytes[place] : 0 }

  mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[place]) { place += 1 }
  }

  mutating func value(depth: Int) throws {
    guard depth < JSONTape.depthMax else { throw malformed }
    if current <= 0x20 { skipSpace() }
    switch current {
    case UInt8(ascii: "{"): try members(.object, until: UInt8(ascii: "}"), depth)
    case UInt8(ascii: "["): try members(.array, until: UInt8(ascii: "]"), depth)
    case UInt8(ascii: "\""): try text()
    case UInt8(ascii: "t"): try word("true", .yes)
    case UInt8(ascii: "f"): try word("false", .no)
    case UInt8(ascii: "n"): try word("null", .null)
    default: try number()
    }
  }

  private mutating func members(_ kind: JSONTape.Kind, until end: UInt8, _ depth: Int) throws {
    let mark = marks.count
    marks.append(JSONTape.Mark(kind: kind, start: Int32(place), end: 0, next: 0))
    place += 1
    skipSpace()
    if current == end {
      place += 1
    } else {
      while true {
        if kind == .object {
          skipSpace()
          guard current == UInt8(ascii: "\"") else { throw malformed }
          try text()
          skipSpace()
          guard current == UInt8(ascii: ":") else { throw malformed }
          place += 1
        }
        try value(depth: depth + 1)
        skipSpace()
        let separator = current
        place += 1
        if separator == end { break }
        guard separator == UInt8(ascii: ",") else { throw malformed }
      }
    }
    marks[mark].end = Int32(place)
    marks[mark].next = Int32(marks.count)
  }

  private mutating func text() throws {
    place += 1
    let start = place
    var kind = JSONTape.Kind.text
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        add(kind, from: start)
        place += 1
        return
      case UInt8(ascii: "\\"):
        kind = .escapedText
        place += 2
      case 0..<0x20: throw malformed
      default: place += 1
      }
    }
    throw malformed
  }

  private mutating func word(_ word: StaticString, _ kind: JSONTape.Kind) throws {
    let start = place
    for index in 0..<word.utf8CodeUnitCount {
      guard current == word.utf8Start[index] else { throw malformed }
      place += 1
    }
    add(kind, from: start)
  }

  private mutating func number() throws {
    let start = place
    if current == UInt8(ascii: "-") { place += 1 }
    let first = current
    let whole = digits()
    guard whole == 1 || whole > 1 && first != UInt8(ascii: "0") else { throw malformed }
    if current == UInt8(ascii: ".") {
      place += 1
      guard digits() > 0 else { throw malformed }
    }
    if current | 0x20 == UInt8(ascii: "e") {
      place += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { place += 1 }
      guard digits() > 0 else { throw malformed }
    }
    add(.number, from: start)
  }

  private mutating func digits() -> Int {
    let start = place
    while (48...57).contains(current) { place += 1 }
    return place - start
  }

  private mutating func add(_ kind: JSONTape.Kind, from start: Int) {
    marks.append(
      JSONTape.Mark(kind: kind, start: Int32(start), end: Int32(place), next: Int32(marks.count + 1)))
  }
}

/// The part of a source line that fits on a terminal, and where the underline goes, in terminal cells.
struct LineExcerpt {
  static let cellsMax = 96
  /// Cells kept before the underlined part when a line must be clipped.
  static let contextCells = 24
  private static let ellipsis = "..."

  private(set) var text = ""
  private(set) var underlineStart = 0
  private(set) var underlineWidth = 1
  private(set) var isClipped = false

  /// `columns` are zero-based offsets in Unicode scalars; they may reach past the end of the line.
  init(_ line: String, around columns: Range<Int>) {
    let scalars = line.unicodeScalars
    // Only the neighbourhood is laid out, so that a line of a megabyte costs no more than a short one.
    let from = max(0, columns.lowerBound - Self.cellsMax * 2)
    let window = scalars.dropFirst(from).prefix(Self.cellsMax * 4)
    let cells = window.asString.map { Cell($0) }

    let (first, last) = Self.characters(in: cells, at: columns.lowerBound - from, to: columns.upperBound - from)
    let total = cells.reduce(0) { $0 + $1.width }
    let isCutOff = from > 0 || scalars.dropFirst(from + Self.cellsMax * 4).first != nil
    guard isCutOff || total > Self.cellsMax else {
      place(cells, first, last)
      return
    }

    isClipped = true
    var start = first
    var before = 0
    while start > 0, before + cells[start - 1].width <= Self.contextCells {
      start -= 1
      before += cells[start].width
    }
    var end = start
    var used = 0
    while end < cells.count, used + cells[end].width <= Self.cellsMax {
      used += cells[end].width
      end += 1
    }
    place(Array(cells[start..<end]), first - start, min(last, end) - start)
    if start > 0 || from > 0 {
      text = Self.ellipsis + text
      underlineStart += Self.ellipsis.count
    }
    if end < cells.count || isCutOff { text += Self.ellipsis }
  }

  private mutating func place(_ cells: [Cell], _ first: Int, _ last: Int) {
    text = cells.map(\.text).joined()
    underlineStart = cells.prefix(first).reduce(0) { $0 + $1.width }
    underlineWidth = max(1, cells.prefix(last).dropFirst(first).reduce(0) { $0 + $1.width })
  }

  /// The characters that scalar offsets fall into.
  private static func characters(in cells: [Cell], at lower: Int, to upper: Int) -> (first: Int, last: Int) {
    var offset = 0
    var first: Int?
    for (index, cell) in cells.enumerated() {
      if first == nil, lower < offset + cell.scalars { first = index }
      if upper <= offset { return (first ?? index, max(first ?? index, index)) }
      offset += cell.scalars
    }
    return (first ?? cells.count, cells.count)
  }
}

/// One character as a terminal shows it.
private struct Cell {
  var text: String
  var width: Int
  var scalars: Int

  init(_ character: Character) {
    text = printable(String(character))
    scalars = character.unicodeScalars.count
    width = text.unicodeScalars.count > 1 && character == "\t" ? text.count : cellWidth(of: character)
  }
}

/// What may be written to a terminal: control characters and those that turn the direction of writing are shown, not
/// obeyed.
package func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { replacement(for: $0) != nil }) else { return text }
  return text.unicodeScalars.map { replacement(for: $0) ?? String($0) }.joined()
}

private func replacement(for scalar: Unicode.Scalar) -> String? {
  switch scalar.value {
  case 0x09: "    "
  // Unicode has a picture of each of these.
  case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value).map { String($0) }
  case 0x7F: "\u{2421}"
  case 0x80..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: "\u{FFFD}"
  default: nil
  }
}

/// How many terminal cells a character takes: two for the wide ones of East Asia and for emoji, otherwise one.
private func cellWidth(of character: Character) -> Int {
  let scalars = character.unicodeScalars
  guard let first = scalars.first else { return 0 }
  if first.properties.isEmojiPresentation || scalars.contains("\u{FE0F}") { return 2 }
  if first.properties.generalCategory == .nonspacingMark { return 0 }
  switch first.value {
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
    return 2
  default: return 1
  }
}

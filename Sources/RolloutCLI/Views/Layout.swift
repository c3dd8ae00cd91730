/// Columns, wrapping and cutting. Escape sequences take no columns; every other character takes one.
package enum Layout {
  package enum Alignment: Sendable { case left, right }

  /// Columns `text` takes on a terminal.
  package static func width(_ text: String) -> Int {
    var count = 0
    var rest = text[...]
    while let character = rest.first {
      if let escape = escapeSequence(rest) {
        rest = rest.dropFirst(escape.count)
      } else {
        count += character.isNewline ? 0 : 1
        rest = rest.dropFirst()
      }
    }
    return count
  }

  /// Rows under each other with as wide columns as they need, `gap` blanks between them and none at their ends.
  package static func table(
    _ rows: [[String]], indent: Int = 0, gap: Int = 2, alignment: [Alignment] = []
  ) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? width($0[column]) : 0 }.max() ?? 0 }
    return rows.map { row in
      let used = (row.lastIndex { !$0.isEmpty } ?? -1) + 1
      var line = String(repeating: " ", count: used == 0 ? 0 : indent)
      for column in 0..<used {
        let padding = String(repeating: " ", count: widths[column] - width(row[column]))
        let isRight = alignment.count > column && alignment[column] == .right
        line += isRight ? padding + row[column] : row[column]
        if column + 1 < used { line += (isRight ? "" : padding) + String(repeating: " ", count: gap) }
      }
      return line
    }
  }

  /// Pieces one after the other, none broken, with a blank between them; what does not fit goes to a new line that
  /// starts with `hanging` blanks. The first line starts with `prefix`.
  package static func flow(_ pieces: [String], prefix: String = "", hanging: Int = 0, width limit: Int) -> [String] {
    var lines: [String] = []
    var line = prefix
    var isFresh = true
    for piece in pieces where !piece.isEmpty {
      if isFresh {
        line += piece
      } else if width(line) + 1 + width(piece) <= limit {
        line += " " + piece
      } else {
        lines.append(line)
        line = String(repeating: " ", count: hanging) + piece
      }
      isFresh = false
    }
    return lines + [trimmed(line)]
  }

  /// Words of a sentence, wrapped.
  package static func wrap(_ text: String, prefix: String = "", hanging: Int = 0, width: Int) -> [String] {
    flow(text.split(separator: " ").map(String.init), prefix: prefix, hanging: hanging, width: width)
  }

  /// At most `limit` columns of `text`; colours end where it is cut.
  package static func cut(_ text: String, to limit: Int, _ style: Style) -> String {
    guard width(text) > limit else { return text }
    var out = ""
    var left = limit - style.ellipsis.count
    var rest = text[...]
    var isPainted = false
    while left > 0, let character = rest.first {
      if let escape = escapeSequence(rest) {
        out += escape
        isPainted = !escape.hasSuffix("[0m")
        rest = rest.dropFirst(escape.count)
      } else {
        out.append(character)
        left -= 1
        rest = rest.dropFirst()
      }
    }
    return out + style.ellipsis + (isPainted ? "\u{1B}[0m" : "")
  }

  package static func padded(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - width(text)))
  }

  package static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }

  /// The `ESC [ … letter` that `text` starts with.
  private static func escapeSequence(_ text: Substring) -> Substring? {
    guard text.hasPrefix("\u{1B}["), let end = text.dropFirst(2).firstIndex(where: { $0.isLetter }) else { return nil }
    return text[...end]
  }
}

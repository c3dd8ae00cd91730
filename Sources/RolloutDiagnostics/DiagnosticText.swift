/// Writes diagnostics for people: the offending line with what is wrong underlined.
package struct DiagnosticText: Sendable {
  package var isColoured: Bool

  package init(coloured isColoured: Bool = false) { self.isColoured = isColoured }

  /// All of them, an empty line between two.
  package func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined(separator: "\n")
  }

  package func render(_ diagnostic: Diagnostic) -> String {
    let gutter = String(deepestLine(of: diagnostic)).count
    let heading = "\(diagnostic.severity.rawValue)[\(diagnostic.code.rawValue)]"
    var lines = [
      paint(heading, diagnostic.severity == .error ? .red : .yellow)
        + paint(": " + printable(diagnostic.message), .bold)
    ]
    for (index, group) in groups(of: diagnostic).enumerated() {
      lines += excerpt(group, isFirst: index == 0, gutter: gutter, severity: diagnostic.severity)
    }
    if let help = diagnostic.help {
      lines.append(margin("", gutter, "=") + " help: " + printable(help))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// `2 errors, 1 warning`.
  package static func summary(_ diagnostics: [Diagnostic]) -> String {
    let errors = diagnostics.count { $0.severity == .error }
    let warnings = diagnostics.count - errors
    func counted(_ count: Int, _ noun: String) -> String? {
      count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    return [counted(errors, "error"), counted(warnings, "warning")].compactMap(\.self).joined(separator: ", ")
  }
}

extension DiagnosticText {
  private struct Mark {
    var label: Label
    var span: Range<SourcePosition>
    var isPrimary: Bool
  }

  private struct Group {
    var place: SourceRange
    var marks: [Mark]
  }

  private func deepestLine(of diagnostic: Diagnostic) -> Int {
    ([diagnostic.primary] + diagnostic.secondary).compactMap { $0.range.span?.lowerBound.line }.max() ?? 1
  }

  /// The labels of each file, the primary's file first.
  private func groups(of diagnostic: Diagnostic) -> [Group] {
    var groups: [Group] = []
    for (index, label) in ([diagnostic.primary] + diagnostic.secondary).enumerated() {
      let marks = label.range.span.map { [Mark(label: label, span: $0, isPrimary: index == 0)] } ?? []
      if let known = groups.firstIndex(where: { $0.place.file.path == label.range.file.path }) {
        groups[known].marks += marks
      } else {
        groups.append(Group(place: label.range, marks: marks))
      }
    }
    for index in groups.indices { groups[index].marks.sort { $0.span.lowerBound < $1.span.lowerBound } }
    return groups
  }

  private func excerpt(_ group: Group, isFirst: Bool, gutter: Int, severity: Diagnostic.Severity) -> [String] {
    let arrow = paint(isFirst ? "-->" : ":::", .blue)
    var lines = [String(repeating: " ", count: gutter) + "\(arrow) \(printable(group.place.description))"]
    guard !group.marks.isEmpty else { return lines }
    lines.append(margin("", gutter, "|"))
    var shown: Int?
    for mark in group.marks {
      let number = mark.span.lowerBound.line
      let excerpt = LineExcerpt(group.place.file.line(number), around: columns(of: mark.span))
      if shown != number || excerpt.isClipped {
        lines.append(trimmed(margin(String(number), gutter, "|") + " " + excerpt.text))
      }
      shown = number
      lines.append(margin("", gutter, "|") + " " + underline(mark, excerpt, severity))
    }
    return lines
  }

  /// What to underline on the first line of a span, zero-based; of a longer span everything up to the line's end.
  private func columns(of span: Range<SourcePosition>) -> Range<Int> {
    let start = span.lowerBound.column - 1
    let isOnOneLine = span.lowerBound.line == span.upperBound.line
    return start..<(isOnOneLine ? max(start, span.upperBound.column - 1) : Int.max)
  }

  private func underline(_ mark: Mark, _ excerpt: LineExcerpt, _ severity: Diagnostic.Severity) -> String {
    let line = String(repeating: mark.isPrimary ? "^" : "-", count: excerpt.underlineWidth)
    // A block ends where the next key begins, so its last line is the one before.
    let end = mark.span.upperBound
    let lastLine = end.column == 1 ? end.line - 1 : end.line
    let extent = lastLine > mark.span.lowerBound.line ? "(to line \(lastLine))" : ""
    let note = [line, printable(mark.label.text), extent].filter { !$0.isEmpty }.joined(separator: " ")
    let colour: Ink = mark.isPrimary ? (severity == .error ? .red : .yellow) : .blue
    return String(repeating: " ", count: excerpt.underlineStart) + paint(note, colour)
  }

  private func margin(_ number: String, _ gutter: Int, _ bar: String) -> String {
    paint(number + String(repeating: " ", count: gutter - number.count) + " " + bar, .blue)
  }

  private func trimmed(_ line: String) -> String {
    var line = Substring(line)
    while line.last == " " { line.removeLast() }
    return String(line)
  }

  private enum Ink: String { case red = "1;31", yellow = "1;33", blue = "1;34", bold = "1" }

  private func paint(_ text: String, _ ink: Ink) -> String {
    isColoured ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
  }
}

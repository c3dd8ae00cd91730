/// A file as a person sees it: its path as messages show it, and its lines.
package struct SourceFile: Hashable, Sendable {
  package let path: String
  /// Without their line breaks. A file always has a line, if an empty one.
  package let lines: [String]

  package init(path: String, text: String) {
    self.path = path
    lines = Self.split(text)
  }

  /// Splits where YAML does: at CR LF, CR, LF, NEL, LS and PS, so that libyaml's line numbers mean the same here.
  private static func split(_ text: String) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var afterReturn = false
    for scalar in text.unicodeScalars {
      defer { afterReturn = scalar == "\r" }
      switch scalar {
      case "\n" where afterReturn: continue
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
        lines.append(String(line))
        line.removeAll()
      default: line.append(scalar)
      }
    }
    lines.append(String(line))
    return lines
  }

  /// The line with this one-based number, or an empty one past the end.
  package func line(_ number: Int) -> String {
    lines.indices.contains(number - 1) ? lines[number - 1] : ""
  }
}

/// A place in a file: one-based, the column in Unicode scalars, which is what libyaml's marks count.
package struct SourcePosition: Hashable, Comparable, Sendable {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A stretch of a file, or the file as a whole.
package struct SourceRange: Hashable, Sendable {
  package var file: SourceFile
  /// From the first character to just past the last. `nil`: the whole file.
  package var span: Range<SourcePosition>?

  package init(_ file: SourceFile, _ span: Range<SourcePosition>? = nil) {
    self.file = file
    self.span = span
  }

  package init(_ file: SourceFile, from start: SourcePosition, to end: SourcePosition) {
    self.init(file, start..<max(start, end))
  }

  /// A file of which only the name is known, because it could not be read.
  package static func file(_ path: String) -> SourceRange { SourceRange(SourceFile(path: path, text: "")) }

  // A file is known by its path; comparing all its lines with every label would be waste.
  package static func == (left: SourceRange, right: SourceRange) -> Bool {
    left.file.path == right.file.path && left.span == right.span
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(file.path)
    hasher.combine(span)
  }
}

extension SourceRange {
  /// Counting characters takes time in proportion to the column; nobody counts this far.
  private static let charactersCountedMax = 10_000

  /// The one-based column in characters, the way editors count.
  package func column(of position: SourcePosition) -> Int {
    guard position.column <= Self.charactersCountedMax else { return position.column }
    return file.line(position.line).unicodeScalars.prefix(position.column - 1).asString.count + 1
  }

  /// `path:line:column`, or only the path of a whole file.
  package var description: String {
    guard let start = span?.lowerBound else { return file.path }
    return "\(file.path):\(start.line):\(column(of: start))"
  }
}

extension Collection<Unicode.Scalar> {
  var asString: String {
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: self)
    return String(scalars)
  }
}

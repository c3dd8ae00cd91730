/// Text that others wrote (a model's answer, the last lines of a crashed server, a comment) made safe to print: it can
/// neither move the cursor, nor change colours, nor reverse the reading direction, nor forge a line.
package enum Printable {
  /// One line: line breaks and tabs become blanks, whatever else controls a terminal becomes `�`.
  package static func line(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\r", "\t": if out.last != " " { out.append(" ") }
      case _ where isControl(scalar): out.unicodeScalars.append("\u{FFFD}")
      default: out.unicodeScalars.append(scalar)
      }
    }
    return Layout.trimmed(out)
  }

  /// The first lines of a longer text.
  package static func lines(_ text: String, max: Int) -> [String] {
    text.split(whereSeparator: \.isNewline).prefix(max).map { line(String($0)) }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
    default: false
    }
  }
}

/// How text may look where it is going: a terminal, a file, a CI log.
package struct Style: Hashable, Sendable {
  /// Whether escape sequences for colour are understood.
  package var color: Bool
  /// Columns that fit on a line.
  package var width: Int
  /// Whether signs beyond ASCII are shown as they are.
  package var unicode: Bool

  package init(color: Bool = false, width: Int = 120, unicode: Bool = true) {
    self.color = color
    self.width = max(width, Self.widthMin)
    self.unicode = unicode
  }

  /// Narrower than this nothing can be laid out; such a terminal wraps the lines itself.
  package static let widthMin = 40
  /// No colour, wide: what a CI log gets.
  package static let plain = Style()
}

extension Style {
  package enum Ink: Int, Hashable, Sendable {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
  }

  package func paint(_ text: String, _ ink: Ink) -> String {
    color && !text.isEmpty ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
  }

  package func bold(_ text: String) -> String { paint(text, .bold) }
  package func dim(_ text: String) -> String { paint(text, .dim) }
  package func red(_ text: String) -> String { paint(text, .red) }
  package func green(_ text: String) -> String { paint(text, .green) }
  package func yellow(_ text: String) -> String { paint(text, .yellow) }
}

extension Style {
  package var arrow: String { unicode ? "→" : "->" }
  package var ellipsis: String { unicode ? "…" : "..." }
  package var check: String { unicode ? "✓" : "ok" }
  package var cross: String { unicode ? "✗" : "FAILED" }
  package var dash: String { unicode ? "–" : "-" }

  /// `from → to`, or just `from` when both read the same.
  package func change(_ from: String, _ to: String) -> String { from == to ? to : "\(from) \(arrow) \(to)" }

  /// A bar of `cells` columns, filled to `fraction`.
  package func bar(_ fraction: Double, cells: Int) -> String {
    let filled = Int((min(max(fraction, 0), 1) * Double(cells)).rounded(.down))
    return String(repeating: unicode ? "█" : "#", count: filled)
      + String(repeating: unicode ? "░" : ".", count: cells - filled)
  }
}

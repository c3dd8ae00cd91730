/// Lines at the bottom of a terminal that are drawn again in place. One write per drawing and no clearing of what stays,
/// so nothing flickers.
package struct LiveBlock: Hashable, Sendable {
  /// Lines of it that are on the screen.
  package private(set) var height = 0

  package init() {}

  /// What to write so that `lines` replace what this block showed. `above`: lines that stay, before it, for good. No
  /// line of the block may be wider than the terminal.
  package mutating func redraw(_ lines: [String], above: [String] = []) -> String {
    let text = Self.redraw(lines, above: above, over: height)
    height = lines.count
    return text
  }

  package static func redraw(_ lines: [String], above: [String] = [], over previous: Int) -> String {
    let start = previous > 0 ? "\u{1B}[\(previous)A\r" : ""
    let body = (above + lines).map { "\($0)\u{1B}[K\n" }.joined()
    return start + body + (above.count + lines.count < previous ? "\u{1B}[J" : "")
  }
}

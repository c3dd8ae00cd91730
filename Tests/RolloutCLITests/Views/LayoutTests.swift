import RolloutCLI
import RolloutCore
import Testing

struct LayoutTests {
  @Test func `colours take no columns`() {
    #expect(Layout.width("\u{1B}[31mred\u{1B}[0m →") == 5)
    #expect(
      Layout.table([["\u{1B}[1ma\u{1B}[0m", "b"], ["ccc", "d"]])
        == ["\u{1B}[1ma\u{1B}[0m    b", "ccc  d"])
  }

  @Test func `numbers stand under each other and no row ends in a blank`() {
    #expect(
      Layout.table([["a", "1", "x"], ["bb", "10", ""], ["", "", ""]], indent: 1, alignment: [.left, .right])
        == [" a    1  x", " bb  10", ""])
  }

  @Test func `a piece is never broken`() {
    #expect(Layout.flow(["a b", "c d", "e"], prefix: "> ", hanging: 2, width: 6) == ["> a b", "  c d", "  e"])
    #expect(Layout.wrap("much-too-long word", width: 5) == ["much-too-long", "word"])
  }

  @Test func `a cut line ends its colours`() {
    let line = Style(color: true).red("abcdef")
    #expect(Layout.cut(line, to: 4, Style(color: true)) == "\u{1B}[31mabc…\u{1B}[0m")
    #expect(Layout.cut("abc", to: 3, .plain) == "abc")
    #expect(Layout.cut("abcdef", to: 4, Style(unicode: false)) == "a...")
  }
}

struct FiguresTests {
  @Test(
    arguments: [
      (0.6, "0.60"), (0.621, "0.621"), (0.62154, "0.6215"), (1, "1.00"), (0, "0.00"), (-0.05, "-0.05"),
      (299.5, "299.5"),
    ]) func `a metric keeps the decimals that matter`(value: Double, text: String)
  {
    #expect(Figures.metric(value) == text)
  }

  @Test(
    arguments: [
      (0, "unknown"), (999, "999 bytes"), (1_500, "1.5 kB"), (290_000_000, "290 MB"), (1_200_000_000, "1.2 GB"),
    ] as [(Int64, String)]) func `a size is in powers of ten`(bytes: Int64, text: String)
  {
    #expect(Figures.size(bytes) == text)
  }

  @Test func `a change from a size that nobody knows says so`() {
    #expect(Figures.sizeChange(0, 290_000_000, .plain) == "unknown → 290 MB")
    #expect(Figures.sizeChange(300_000_000, 290_000_000, .plain) == "300 → 290 MB")
  }

  @Test(arguments: [(0, "0.0%"), (0.004, "0.4%"), (0.0004, "0.04%"), (0.3, "30.0%"), (1, "100.0%")])
  func `small rates stay visible`(fraction: Double, text: String) {
    #expect(Figures.rate(fraction) == text)
  }

  @Test(
    arguments: [
      (0, "0s"), (250, "250ms"), (4_200, "4.2s"), (5_000, "5s"), (72_900, "1m12s"), (5_430_000, "1h30m"),
      (273_600_000, "3d4h"), (-5, "0s"),
    ] as [(Int64, String)]) func `a duration is as exact as it is worth knowing`(milliseconds: Int64, text: String)
  {
    #expect(Figures.duration(TimeSpan(milliseconds: milliseconds)) == text)
  }

  @Test func `large counts are grouped`() {
    #expect([0, 999, 1_000, 1_234_567, -1_000].map(Figures.count) == ["0", "999", "1,000", "1,234,567", "-1,000"])
  }
}

struct PrintableTests {
  @Test func `foreign text cannot steer a terminal`() {
    #expect(Printable.line("a\u{1B}[2Jb\u{07}") == "a�[2Jb�")
    #expect(Printable.line("admin\u{202E}txt") == "admin�txt")
    #expect(Printable.line("one\r\ntwo\n") == "one two")
    #expect(Printable.lines("{\n  \"é\": 1\n}\n\n", max: 2) == ["{", "  \"é\": 1"])
  }
}

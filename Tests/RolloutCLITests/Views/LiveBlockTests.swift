import RolloutCLI
import RolloutCore
import Testing

struct LiveBlockTests {
  @Test func `a block is drawn over itself line by line`() {
    var block = LiveBlock()
    #expect(block.redraw(["a", "b"]) == "a\u{1B}[K\nb\u{1B}[K\n")
    #expect(block.redraw(["c", "d"]) == "\u{1B}[2A\rc\u{1B}[K\nd\u{1B}[K\n")
  }

  @Test func `lines that are no longer there are cleared`() {
    var block = LiveBlock()
    _ = block.redraw(["a", "b"])
    #expect(block.redraw(["c"]) == "\u{1B}[2A\rc\u{1B}[K\n\u{1B}[J")
    #expect(block.redraw([]) == "\u{1B}[1A\r\u{1B}[J")
    #expect(block.redraw([]) == "")
  }

  @Test func `what stays is printed above and not counted`() {
    var block = LiveBlock()
    _ = block.redraw(["a"])
    #expect(block.redraw(["b"], above: ["done"]) == "\u{1B}[1A\rdone\u{1B}[K\nb\u{1B}[K\n")
    #expect(block.height == 1)
  }
}

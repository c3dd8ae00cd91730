import RolloutCore
import Testing

@testable import RolloutAWS

/// Documents as AWS writes them, and as nobody should.
@Suite struct XMLElementTests {
  private func read(_ text: String) -> XMLElement? { XMLElement(Array(text.utf8)) }

  @Test func `a document is a tree of names and texts`() throws {
    let answer = try #require(
      read(
        """
        <?xml version="1.0"?>
        <ns:Answer xmlns:ns="http://x"><Stacks><member><Name> a &amp; b </Name></member><member/></Stacks>
          <Other><Item>1</Item><Item>2</Item></Other><Empty/></ns:Answer>
        """))
    #expect(answer.name == "Answer")
    #expect(answer.list("Stacks").map { $0.text("Name") } == ["a & b", nil])
    #expect(answer.list("Other", of: "Item").map(\.text) == ["1", "2"])
    #expect(answer.text("Empty") == nil && answer["Missing"] == nil && answer.first("Item")?.text == "1")
  }

  @Test func `text of any length and any letter arrives whole`() {
    let text = String(repeating: "größe & 汉字 ", count: 5_000).trimmed
    #expect(read("<a>\(text.replacing("&", with: "&amp;"))</a>")?.text == text)
  }

  @Test(arguments: [
    "", "<", "<a>", "<a></b>", "plain", "<a>&unknown;</a>", "<a/><b/>", "{}", "<a>\u{0}</a>",
    "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<!DOCTYPE html><html></html>",
    String(repeating: "<a>", count: 65) + String(repeating: "</a>", count: 65),
  ])
  func `what is not one plain document is none`(text: String) { #expect(read(text) == nil) }

  @Test(arguments: [
    ("2026-11-25T10:00:00Z", 0), ("2026-11-25T10:00:00.5Z", 500), ("2026-11-25T10:00:00.123456+00:00", 123),
    ("2026-11-25T10:00:00UTC", 0), ("2026-11-25 10:00:00Z", nil), ("", nil), ("2026-11-25T10:00:00.xZ", nil),
  ])
  func `moments are read as AWS writes them`(text: String, milliseconds: Int64?) {
    let whole = Timestamp("2026-11-25T10:00:00.000Z")
    #expect(Timestamp(awsText: text) == milliseconds.flatMap { rest in whole.map { $0 + .milliseconds(rest) } })
  }
}

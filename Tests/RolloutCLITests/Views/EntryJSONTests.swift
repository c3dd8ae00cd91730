import RolloutCLI
import RolloutCore
import Testing

struct EntryJSONTests {
  private let story = EyeCatcher.Story.everything

  private func line(_ wanted: (Event) -> Bool) throws -> String {
    var narrator = Narrator()
    var lines: [String] = []
    for entry in story.entries {
      let line = try narrator.json(entry)
      if wanted(entry.event) { lines.append(line) }
    }
    return try #require(lines.first)
  }

  @Test func `a step is one flat object on one line`() throws {
    #expect(
      try line { if case .stepFailed = $0 { true } else { false } } == """
        {"action":"shift to 10%",\
        "actor":{"host":"build-7","kind":"command","name":"ci","pid":4711,"version":"1.0"},\
        "at":"2026-08-01T12:09:03.000Z","environment":"production","epoch":59,"error":"no ready\\ncanary",\
        "isFinal":false,"rollout":"r2","schema":"rollout/event/1","sequence":62,"stage":1,"step":4,\
        "text":"shift to 10% failed: no ready canary","type":"stepFailed"}
        """)
  }

  @Test func `the end of a rollout says how it ended and why`() throws {
    let line = try line { if case .rolloutCompleted(.rolledBack) = $0 { true } else { false } }
    #expect(line.contains(#""outcome":"rolledBack""#))
    #expect(line.contains(#""cause":"rollback asked for by omar: users complain","causeCode":"rollback""#))
  }

  @Test func `every event names its schema, its type and its place in the journal`() throws {
    var narrator = Narrator()
    for entry in story.entries {
      let line = try narrator.json(entry)
      let type = "\(entry.event)".prefix { $0 != "(" }
      #expect(line.contains(#""schema":"rollout/event/1","sequence":\#(entry.sequence),"#))
      #expect(line.hasSuffix(#""type":"\#(type)"}"#) || line.contains(#""type":"\#(type)","#))
      #expect(!line.contains("\n"))
    }
  }
}

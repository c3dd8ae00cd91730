import RolloutDiagnostics
import Testing

@Suite struct `A diagnostic as text` {
  let strategy = SourceFile(
    path: "Environments/production.yaml",
    text: """
      environment: production
      endpoint: {name: fox}
      model: {version: 7}
      strategy:
        canary:
            - shift: 10
            # half of it
            - shift: 5
      """)

  func range(_ file: SourceFile, _ line: Int, _ columns: Range<Int>) -> SourceRange {
    SourceRange(
      file, from: SourcePosition(line: line, column: columns.lowerBound),
      to: SourcePosition(line: line, column: columns.upperBound))
  }

  func render(_ label: Label, _ others: [Label] = [], help: String? = nil) -> String {
    DiagnosticText().render(Diagnostic(.malformedValue, "wrong", at: label, and: others, help: help))
  }

  @Test func `shows two places and what to do`() {
    let diagnostic = Diagnostic(
      .weightFalls, "canary traffic may not fall between steps",
      at: Label(range(strategy, 8, 16..<17), "5% is less than 10%"),
      and: [Label(range(strategy, 6, 16..<18), "10% was reached here")],
      help: "raise this step, or remove it")
    #expect(
      DiagnosticText().render(diagnostic) == """
        error[R0207]: canary traffic may not fall between steps
         --> Environments/production.yaml:8:16
          |
        6 |       - shift: 10
          |                -- 10% was reached here
        8 |       - shift: 5
          |                ^ 5% is less than 10%
          = help: raise this step, or remove it

        """)
  }

  @Test func `shows places in two files`() {
    let other = SourceFile(path: "Alarms/cpu.yaml", text: String(repeating: "\n", count: 11) + "period: 5m")
    #expect(
      render(Label(range(strategy, 3, 9..<16), "here"), [Label(range(other, 12, 9..<11), "and there")]) == """
        error[R0104]: wrong
          --> Environments/production.yaml:3:9
           |
        3  | model: {version: 7}
           |         ^^^^^^^ here
          ::: Alarms/cpu.yaml:12:9
           |
        12 | period: 5m
           |         -- and there

        """)
  }

  @Test func `shows two places on one line, one under the other`() {
    #expect(
      render(Label(range(strategy, 3, 9..<16), "second"), [Label(range(strategy, 3, 1..<6), "first")]) == """
        error[R0104]: wrong
         --> Environments/production.yaml:3:9
          |
        3 | model: {version: 7}
          | ----- first
          |         ^^^^^^^ second

        """)
  }

  @Test func `underlines the first of several lines and says where the last is`() {
    let block = SourceRange(
      strategy, from: SourcePosition(line: 5, column: 3), to: SourcePosition(line: 8, column: 17))
    #expect(
      render(Label(block, "all this")) == """
        error[R0104]: wrong
         --> Environments/production.yaml:5:3
          |
        5 |   canary:
          |   ^^^^^^^ all this (to line 8)

        """)
  }

  @Test func `shows a file of which only the name is known`() {
    #expect(
      render(Label(.file("Environments/pipeline.yaml")), help: "create it") == """
        error[R0104]: wrong
         --> Environments/pipeline.yaml
          = help: create it

        """)
  }

  @Test func `shows a place in an empty file`() {
    #expect(
      render(Label(range(SourceFile(path: "empty.yaml", text: ""), 1, 1..<1), "nothing")) == """
        error[R0104]: wrong
         --> empty.yaml:1:1
          |
        1 |
          | ^ nothing

        """)
  }

  @Test func `counts characters, and aligns by the width of what a terminal shows`() {
    let file = SourceFile(path: "wide.yaml", text: "name: 狐狸 🦊 e\u{301}! here")
    // The accent is a scalar of its own, so the sixteenth scalar is the fifteenth character.
    #expect(
      render(Label(range(file, 1, 16..<20), "text")) == """
        error[R0104]: wrong
         --> wide.yaml:1:15
          |
        1 | name: 狐狸 🦊 e\u{301}! here
          |                  ^^^^ text

        """)
  }

  @Test func `shows tabs as four spaces`() {
    let file = SourceFile(path: "tab.yaml", text: "a:\tb: c")
    #expect(
      render(Label(range(file, 1, 4..<5), "b")) == """
        error[R0104]: wrong
         --> tab.yaml:1:4
          |
        1 | a:    b: c
          |       ^ b

        """)
  }

  @Test func `clips a long line round the place`() {
    let file = SourceFile(
      path: "long.yaml", text: String(repeating: "a", count: 200) + "HERE" + String(repeating: "b", count: 200_000))
    #expect(
      render(Label(range(file, 1, 201..<205), "this")) == """
        error[R0104]: wrong
         --> long.yaml:1:201
          |
        1 | ...\(String(repeating: "a", count: 24))HERE\(String(repeating: "b", count: 68))...
          |    \(String(repeating: " ", count: 24))^^^^ this

        """)
  }

  @Test func `underlines only what is shown of a place that is longer than the terminal`() {
    let file = SourceFile(path: "long.yaml", text: String(repeating: "a", count: 500))
    let text = render(Label(range(file, 1, 1..<501)))
    #expect(text.contains("1 | " + String(repeating: "a", count: 96) + "...\n"))
    #expect(text.contains("  | " + String(repeating: "^", count: 96) + "\n"))
  }

  @Test func `never sends a file's control characters to the terminal`() {
    let file = SourceFile(path: "esc.yaml", text: "a: \u{1B}[31mred\u{202E}")
    let text = render(Label(range(file, 1, 4..<5), "from \u{1B}]0;title\u{7}"))
    #expect(!text.unicodeScalars.contains("\u{1B}"))
    #expect(!text.unicodeScalars.contains("\u{7}"))
    #expect(!text.unicodeScalars.contains("\u{202E}"))
    #expect(text.contains("a: ␛[31mred"))
  }

  @Test func `is coloured only when asked`() {
    let diagnostic = Diagnostic(.tabIndentation, "a tab", at: Label(.file("a.yaml")), severity: .warning)
    #expect(!DiagnosticText().render(diagnostic).contains("\u{1B}"))
    #expect(
      DiagnosticText(coloured: true).render(diagnostic)
        == "\u{1B}[1;33mwarning[R0007]\u{1B}[0m\u{1B}[1m: a tab\u{1B}[0m\n \u{1B}[1;34m-->\u{1B}[0m a.yaml\n")
  }

  @Test func `lines are those of YAML, whatever ends them`() {
    let file = SourceFile(path: "mixed.yaml", text: "a\r\nb\rc\nd\u{2028}e")
    #expect(file.lines == ["a", "b", "c", "d", "e"])
    #expect(file.line(9) == "")
  }
}

import FoundationEssentials
import RolloutDiagnostics
import Testing

@Suite struct `Collected diagnostics` {
  func diagnostic(_ path: String, _ line: Int?, _ message: String = "wrong") -> Diagnostic {
    let file = SourceFile(path: path, text: "")
    let place = line.map { SourcePosition(line: $0, column: 1) }
    return Diagnostic(.unknownKey, message, at: Label(SourceRange(file, place.map { $0..<$0 })))
  }

  @Test func `come sorted by file and position, those about a whole file first`() {
    var diagnostics = Diagnostics()
    for one in [diagnostic("b", 1), diagnostic("a", 9), diagnostic("a", 2), diagnostic("a", nil)] {
      diagnostics.report(one)
    }
    #expect(diagnostics.sorted.map(\.primary.range.description) == ["a", "a:2:1", "a:9:1", "b:1:1"])
  }

  @Test func `keep the order in which they were found at one place`() {
    var diagnostics = Diagnostics()
    diagnostics.report(contentsOf: [diagnostic("a", 1, "second"), diagnostic("a", 1, "first")])
    #expect(diagnostics.sorted.map(\.message) == ["second", "first"])
  }

  @Test func `hold the same one once`() {
    var diagnostics = Diagnostics()
    diagnostics.report(diagnostic("a", 1))
    diagnostics.report(diagnostic("a", 1))
    #expect(diagnostics.sorted.count == 1)
  }

  @Test func `are bounded, and say how many more there were`() {
    var diagnostics = Diagnostics()
    for line in 1...Diagnostics.keptMax + 7 { diagnostics.report(diagnostic("a", line)) }
    #expect(diagnostics.sorted.count == Diagnostics.keptMax + 1)
    #expect(diagnostics.sorted.last?.code == .tooManyProblems)
    #expect(diagnostics.sorted.last?.message == "there are 7 more problems than the 1000 shown")
  }

  @Test func `are errors only if one of them is`() {
    var diagnostics = Diagnostics()
    var warning = diagnostic("a", 1)
    warning.severity = .warning
    diagnostics.report(warning)
    #expect(!diagnostics.hasErrors)
    diagnostics.report(diagnostic("a", 2))
    #expect(diagnostics.hasErrors)
    #expect(DiagnosticText.summary(diagnostics.sorted) == "1 error, 1 warning")
    #expect(DiagnosticText.summary([]) == "")
  }

  @Test func `have a versioned JSON form that machines can rely on`() throws {
    let file = SourceFile(path: "a.yaml", text: "é: 🦊 x")
    let span = SourcePosition(line: 1, column: 6)..<SourcePosition(line: 1, column: 7)
    let report = DiagnosticReport([
      Diagnostic(
        .unknownKey, "unknown key 'x'", at: Label(SourceRange(file, span), "here"), and: [Label(.file("b.yaml"))],
        help: "remove it")
    ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(report), as: UTF8.self)
    #expect(
      json == """
        {"diagnostics":[{"code":"R0101","help":"remove it","message":"unknown key 'x'","place":{"end":{"column":7,\
        "line":1},"label":"here","path":"a.yaml","start":{"column":6,"line":1}},"related":[{"path":"b.yaml"}],\
        "severity":"error"}],"errors":1,"version":1,"warnings":0}
        """)
    #expect(try JSONDecoder().decode(DiagnosticReport.self, from: Data(json.utf8)) == report)
  }
}

@Suite struct `Codes` {
  @Test(arguments: DiagnosticCode.allCases)
  func `are stable in form and explained with an example and its mend`(code: DiagnosticCode) {
    #expect(code.rawValue.wholeMatch(of: /R0[0-3][0-9]{2}/) != nil)
    let explanation = code.explanation
    #expect(!explanation.title.isEmpty && !explanation.meaning.isEmpty)
    #expect(explanation.example != explanation.mend)
    #expect(explanation.title.first?.isLowercase == true)
  }

  @Test func `are found by what people type`() {
    #expect(DiagnosticCode(rawValue: "R0207") == .weightFalls)
    #expect(DiagnosticCode(rawValue: "R9999") == nil)
  }

  @Test func `are explained at length`() {
    #expect(
      DiagnosticCode.weightFalls.explanationText == """
        R0207: canary traffic falls between steps

        Each step gives the new revision more traffic than the one before. Taking traffic away is a rollback, and only
        an alarm, a failed gate or a person decides that.

        This is wrong:

            steps: [{weight: 10%, bake: 10m}, {weight: 5%, bake: 10m}]

        This is right:

            steps: [{weight: 5%, bake: 10m}, {weight: 10%, bake: 10m}]

        """)
  }
}

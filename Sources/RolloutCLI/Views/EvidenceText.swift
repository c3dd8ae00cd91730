import RolloutCore
import RolloutEngine

/// What gates measured, case by case.
enum EvidenceText {
  private static let answerLinesMax = 3

  /// `✓ staging  smoke tests: 2 of 2 smoke cases passed`, and under it every case.
  static func lines(
    _ evidence: Evidence, _ document: EvidenceDocument?, indent: Int, answers: Bool, _ style: Style
  ) -> [String] {
    let kind =
      switch evidence.kind {
      case .verification: "model"
      case .smoke: "smoke tests"
      }
    var lines = Layout.wrap(
      "\(evidence.environment), \(kind): \(Printable.line(evidence.summary))",
      prefix: blanks(indent) + mark(evidence.passed, style) + " ", hanging: indent + 2, width: style.width)
    guard let document else {
      return lines + [blanks(indent + 2) + style.yellow("what was measured is not in the journal's store")]
    }
    for result in document.smoke { lines += self.lines(result, indent: indent + 2, answers: answers, style) }
    return lines
  }

  /// One smoke case: how often it ran, how fast it was, what failed, what the first answer was.
  static func lines(_ result: SmokeResult, indent: Int, answers: Bool, _ style: Style) -> [String] {
    var facts = [Figures.counted(result.repetitions, "request")]
    let latencies = [("p50", result.latencyP50), ("p95", result.latencyP95), ("max", result.latencyMax)]
    facts += latencies.compactMap { name, value in value.map { "\(name) \(Figures.milliseconds($0))" } }
    var lines = Layout.wrap(
      "\(Printable.line(result.suite)): \(Printable.line(result.name)), \(facts.joined(separator: ", "))",
      prefix: blanks(indent) + mark(result.passed, style) + " ", hanging: indent + 2, width: style.width)
    for failure in result.failures {
      let place = failure.source.map { " (\($0))" } ?? ""
      lines += Layout.wrap(
        Printable.line(failure.message) + "\(place), \(failure.count) of \(result.repetitions)",
        prefix: blanks(indent + 2), hanging: indent + 4, width: style.width
      ).map(style.red)
    }
    guard answers, let answer = result.answer else { return lines }
    let status = result.status.map { "\($0) " } ?? ""
    for (index, text) in Printable.lines(answer, max: answerLinesMax).enumerated() {
      let line = blanks(indent + 2) + (index == 0 ? status : "") + text
      lines.append(style.dim(Layout.cut(line, to: style.width, style)))
    }
    return lines
  }

  private static func mark(_ passed: Bool, _ style: Style) -> String {
    passed ? style.green(style.check) : style.red(style.cross)
  }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
}

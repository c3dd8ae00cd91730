import ArgumentParser
import FoundationEssentials
import RolloutDiagnostics

struct ExplainCommand: ReportingSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Says what a problem's code means and how to mend it.")

  @Argument(help: "A code such as R0207; all of them when left out.")
  var code: String?

  @Option(help: "How results are written: text or json.")
  var format = OutputFormat.text

  private struct Document: Encodable {
    struct Item: Encodable {
      let code: String
      let title: String
      let text: String
    }
    let schema = "rollout/explanations/1"
    let explanations: [Item]

    init(_ codes: [DiagnosticCode]) {
      explanations = codes.map { Item(code: $0.rawValue, title: $0.explanation.title, text: $0.explanationText) }
    }
  }

  func perform() async throws -> ExitStatus {
    let terminal = Terminal(format: format, environment: ProcessInfo.processInfo.environment)
    guard let code else {
      let all = DiagnosticCode.allCases
      try terminal.present(
        all.map { "\($0.rawValue)  \($0.explanation.title)" }.joined(separator: "\n"), Document(Array(all)))
      return .done
    }
    guard let known = DiagnosticCode(rawValue: code.uppercased()) else {
      throw ValidationError("'\(code)' is not a code; `rollout explain` lists all of them")
    }
    try terminal.present(known.explanationText, Document([known]))
    return .done
  }
}

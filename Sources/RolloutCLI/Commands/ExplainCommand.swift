import ArgumentParser
import RolloutDiagnostics

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Says what a problem's code means and how to mend it.")

  @Argument(help: "A code such as R0207; all of them when left out.")
  var code: String?

  func run() async throws {
    guard let code else {
      for known in DiagnosticCode.allCases { print("\(known.rawValue)  \(known.explanation.title)") }
      return
    }
    guard let known = DiagnosticCode(rawValue: code.uppercased()) else {
      throw ValidationError("'\(code)' is not a code; `rollout explain` lists all of them")
    }
    print(known.explanationText)
  }
}

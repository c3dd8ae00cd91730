/// What a code means, at length: `rollout explain R0207`.
package struct Explanation: Hashable, Sendable {
  /// What is wrong, in a few words.
  package var title: String
  /// What the code means and why it is an error.
  package var meaning: String
  /// A file, or a part of one, that has the problem.
  package var example: String
  /// The same, mended.
  package var mend: String

  init(_ title: String, _ meaning: String, example: String, mend: String) {
    self.title = title
    self.meaning = meaning
    self.example = example
    self.mend = mend
  }
}

extension DiagnosticCode {
  package var explanation: Explanation {
    let explanation =
      fileExplanation ?? formExplanation ?? meaningExplanation ?? templateExplanation ?? guardrailExplanation
      ?? stackExplanation ?? sageMakerExplanation
    guard let explanation else { preconditionFailure("every code is explained") }
    return explanation
  }

  /// The explanation as people read it on a terminal.
  package var explanationText: String {
    let explanation = explanation
    return """
      \(rawValue): \(explanation.title)

      \(explanation.meaning)

      This is wrong:

      \(indented(explanation.example))

      This is right:

      \(indented(explanation.mend))

      """
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "    " + $0 }
      .joined(separator: "\n")
  }
}

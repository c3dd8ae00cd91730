import FoundationEssentials
import RolloutCore
import RolloutDiagnostics
import RolloutSpec
import Testing

/// The repository's root, three levels above this file.
let repositoryRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

@Suite struct `The product's own files` {
  let loaded = SpecLoader(environment: [:], workingDirectory: repositoryRoot).load()

  @Test func `are without a single problem`() {
    #expect(DiagnosticText().render(loaded.diagnostics) == "")
  }
}

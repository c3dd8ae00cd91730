import Foundation
import Testing

/// The README's session on SageMaker, in the shell that `make aws` opens.
@Suite struct ReadmeTests {
  @Test func `what the README says about SageMaker can be typed as it stands`() async throws {
    await Turnstile.shared.enter(1)
    let shell = try Command(
      URL(filePath: "/bin/bash"), ["-c", "Examples/aws/run < \"$0\"", try Self.session().path],
      environment: ProcessInfo.processInfo.environment, in: Bench.checkout)
    let ended = await shell.ended()
    await Turnstile.shared.leave(1)
    #expect(ended.status == 0, "\(ended)")
    #expect(ended.errors.isEmpty, "\(ended)")
    for said in [
      "fox: staging, production are valid.", "rollout r1 promoted", "25% is 1 of 4 instances", "rollout r2 promoted",
      "taking production back to version 1  done: stable is version 1",
    ] {
      #expect(ended.output.contains(said), "\(said) in \(ended)")
    }
  }

  /// The commands after `make aws`, in a file.
  private static func session() throws -> URL {
    let readme = try String(contentsOf: Bench.checkout.appending(path: "README.md"), encoding: .utf8)
    let blocks = readme.components(separatedBy: "```").filter { $0.hasPrefix("sh\nmake aws\n") }
    guard blocks.count == 1 else { throw Command.Unmet(description: "the README has one session of 'make aws'") }
    let file = FileManager.default.temporaryDirectory.appending(path: "readme-\(UUID().uuidString.prefix(8)).sh")
    try Data(blocks[0].dropFirst("sh\nmake aws\n".count).utf8).write(to: file)
    return file
  }
}

import Foundation
import Testing

/// Amazon's own client against the runtime.
@Suite struct InvocationTests {
  private static let python = Bench.checkout.appending(path: ".venv/bin/python")

  /// What Fixtures/invoke.py prints.
  private struct Answer: Decodable {
    struct Score: Decodable {
      var label: String
    }
    var body: [Score]?
    var variant: String?
    var error: String?
    var status: Int?
    var originalStatus: Int?
  }

  private static func invoke(_ bench: Bench, _ variant: String...) async throws -> Answer {
    let script = Bench.fixtures.appending(path: "invoke.py").path
    let client = try Command(
      python, [script, "http://127.0.0.1:\(bench.port)", "production"] + variant,
      environment: ProcessInfo.processInfo.environment, in: bench.folder)
    let ended = await client.ended()
    guard ended.status == 0 else { throw Command.Unmet(description: "\(ended)") }
    return try JSONDecoder().decode(Answer.self, from: Data(ended.output.utf8))
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: python.path), ".ci/setup makes the Python that has boto3"))
  func `boto3 invokes stable, a variant by name, and learns of a model's failure`() async throws {
    var settings = Settings()
    settings.stages = ["production"]
    settings.steps = "{weight: 1%, bake: 10m}"
    settings.bakeAfter = "0s"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      try await bench.register(["FAIL_RATE": "1"])
      let stable = try await Self.invoke(bench)
      #expect(stable.body?.first?.label == "safe")
      let apply = try bench.start("apply", "--format", "json")
      try await apply.event("the bake") { $0.starts("bake") }
      let named = try await Self.invoke(bench, "stable")
      #expect(named.body?.first?.label == "safe")
      #expect(named.variant == "stable")
      let failed = try await Self.invoke(bench, "canary")
      #expect(failed.error == "ModelError")
      #expect(failed.status == 424)
      #expect(failed.originalStatus == 500)
      #expect(try await Self.invoke(bench, "nobody").error == "ValidationError")
      try await bench.expect(0, "abort")
      #expect(await apply.ended().status == 4)
    }
  }
}

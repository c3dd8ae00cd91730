import Foundation
import Testing

@Suite struct InitTests {
  @Test(arguments: [[], ["--aws", "--service", "fox", "--region", "eu-west-1"]])
  func `what init writes is valid, and never written over`(options: [String]) async throws {
    try await Bench.run(Settings()) { bench in
      let written = try await bench.start(["init", "fresh"] + options).ended()
      #expect(written.status == 0, "\(written)")
      let environments = bench.folder.appending(path: "fresh/Environments")
      let valid = try await bench.rollout("validate", "--environments", environments.path)
      #expect(valid.status == 0 && valid.output.contains("are valid"), "\(valid)")

      let pipeline = environments.appending(path: "pipeline.yaml")
      try Data("service: mine\n".utf8).write(to: pipeline)
      try FileManager.default.removeItem(at: environments.appending(path: "staging.yaml"))
      let again = try await bench.start(["init", "fresh"] + options).ended()
      #expect(again.status == 1 && again.errors.contains("pipeline.yaml"), "\(again)")
      #expect(try String(contentsOf: pipeline, encoding: .utf8) == "service: mine\n")
      #expect(!FileManager.default.fileExists(atPath: environments.appending(path: "staging.yaml").path))
    }
  }

  @Test(arguments: [
    ["--region", "eu-west-1"], ["--aws", "--region", "Ireland"], ["--aws", "--account", "12"],
    ["--aws", "--bucket", "My_Bucket"], ["--aws", "--service", "2d-fox"],
  ])
  func `values that AWS could not have are refused before anything is written`(options: [String]) async throws {
    try await Bench.run(Settings()) { bench in
      let refused = try await bench.start(["init", "fresh"] + options).ended()
      #expect(refused.status == 64, "\(refused)")
      #expect(!FileManager.default.fileExists(atPath: bench.folder.appending(path: "fresh").path))
    }
  }
}

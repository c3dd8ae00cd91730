import Foundation
import RolloutHTTP
import Testing

/// A clear message, the right exit code, and nothing half-done.
@Suite struct BadInputTests {
  private static var settings: Settings {
    var settings = Settings()
    settings.stages = ["production"]
    return settings
  }

  @Test func `files that are missing are named`() async throws {
    try await Bench.run(Self.settings) { bench in
      for command in ["validate", "plan", "apply", "status"] {
        let ended = try await bench.rollout(command, "--environments", "Nowhere")
        #expect(ended.status == 65, "\(ended)")
        #expect((ended.output + ended.errors).contains("Nowhere"), "\(ended)")
      }
      try FileManager.default.removeItem(at: bench.folder.appending(path: "Environments/production.yaml"))
      let plan = try await bench.rollout("plan")
      #expect(plan.status == 65 && plan.errors.contains("production.yaml"), "\(plan)")
    }
  }

  @Test func `a key that nobody knows is an error with a suggestion`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.register()
      let path = "Environments/production.yaml"
      let text = try String(contentsOf: bench.folder.appending(path: path), encoding: .utf8)
      try bench.write(text + "autoscalling: {instances: 1...4}\n", to: path)
      let apply = try await bench.rollout("apply")
      #expect(apply.status == 65, "\(apply)")
      #expect(apply.errors.contains("autoscalling") && apply.errors.contains("'autoscaling'"), "\(apply)")
      #expect(try await bench.status() == nil)
    }
  }

  @Test func `a model's directory may disappear once it is registered, and not before`() async throws {
    try await Bench.run(Self.settings) { bench in
      let model = try bench.makeModel()
      try await bench.expect(0, "models", "register", model.path, "--metric", "accuracy=0.7", "--approve")
      try FileManager.default.removeItem(at: model)
      try await bench.expect(0, "apply")
      #expect(try await bench.liveVersion() == 1)
      let gone = try await bench.rollout("models", "register", model.path, "--metric", "accuracy=0.7")
      #expect(gone.status == 65, "\(gone)")
      #expect(gone.errors.contains("model.yaml"), "\(gone)")
    }
  }

  @Test func `files that disappear from the registry stop a rollout before users`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.deploy()
      try await bench.register()
      for part in ["blobs", "directories"] {
        try FileManager.default.removeItem(at: bench.folder.appending(path: ".rollout/registry/\(part)"))
      }
      let apply = try await bench.rollout("apply", "--format", "json")
      #expect(apply.status == 1, "\(apply)")
      #expect(try await bench.liveVersion() == 1)
      #expect(try await bench.invoke().status == 200)
    }
  }

  @Test func `a port that is taken is named, and the rollout goes on once it is free`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.register()
      let taken = try Listener(port: bench.port)
      let apply = try await bench.rollout("apply")
      #expect(apply.status == 1, "\(apply)")
      #expect(apply.errors.contains("\(bench.port)"), "\(apply)")
      #expect(bench.processes.isEmpty)
      taken.close()
      try await bench.expect(0, "apply")
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test func `a server that never becomes healthy leaves production untouched`() async throws {
    var settings = Self.settings
    settings.startup = "1s"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      try await bench.register(["NEVER_HEALTHY": "yes", "SAYS": "weights are missing"])
      let (apply, users) = try await bench.withLoad(perSecond: 10) { _ in
        try await bench.rollout("apply", "--format", "json")
      }
      #expect(apply.status == 1, "\(apply)")
      #expect(apply.events.last { $0.type == "rolloutCompleted" }?.cause?.contains("weights are missing") == true)
      #expect(users.failures == [:])
      try await bench.until("its servers to be gone") {
        try await bench.status()?["production"]?.instances.allSatisfy { $0.version == 1 } == true ? true : nil
      }
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test func `a server that crashes as it starts leaves production untouched`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.deploy()
      try await bench.register(["START_DELAY": "no number"])
      let apply = try await bench.rollout("apply", "--format", "json")
      #expect(apply.status == 1, "\(apply)")
      #expect(apply.events.last { $0.type == "rolloutCompleted" }?.cause?.contains("ValueError") == true)
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test(arguments: ["changed", "cut", "foreign"]) func `a journal that is broken is not followed`(how: String)
    async throws
  {
    try await Bench.run(Self.settings) { bench in
      try await bench.deploy()
      try await bench.expect(0, "runtime", "stop")
      let file = bench.folder.appending(path: ".rollout/state/rollout.db")
      var bytes = try Data(contentsOf: file)
      switch how {
      case "changed":
        // As long as before, so that the database itself has nothing to object to.
        let place = try #require(bytes.range(of: Data(#""name":"ci""#.utf8)))
        bytes.replaceSubrange(place, with: Data(#""name":"me""#.utf8))
      case "cut": bytes = bytes.prefix(bytes.count / 2)
      default: bytes = Data("service: bench\n".utf8)
      }
      try bytes.write(to: file)
      for command in ["apply", "status", "verify"] {
        let ended = try await bench.rollout(command)
        #expect(ended.status == 70, "\(ended)")
        #expect(ended.errors.contains("help:"), "\(ended)")
      }
      #expect(try Data(contentsOf: file) == bytes)
    }
  }
}

import Foundation
import RolloutHTTP
import Testing

/// What never reaches production.
@Suite struct GateTests {
  private static var withApproval: Settings {
    var settings = Settings()
    settings.approval = "{approvers: [ci, maria], expires: 1h}"
    return settings
  }

  @Test func `a version that fails a smoke test never reaches production`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      try await bench.register(["ANSWER": "unsafe"])
      let apply = try await bench.rollout("apply", "--format", "json")
      #expect(apply.status == 1, "\(apply)")
      #expect(apply.events.contains { $0.type == "rolloutCompleted" && $0.causeCode == "proof" })
      #expect(!apply.events.contains { $0.environment == "production" })
      #expect(try await bench.liveVersion() == 1)
      #expect(try await bench.liveVersion(in: "staging") == 1)
    }
  }

  @Test func `a rejected version never reaches production`() async throws {
    try await Bench.run(Self.withApproval) { bench in
      try await bench.deploy()
      try await bench.register()
      let apply = try bench.start("apply", "--wait", "--format", "json")
      try await apply.event("the gate") { $0.type == "gateOpened" }
      try await bench.expect(0, "reject", "--comment", "not today", as: "maria")
      let ended = await apply.ended()
      #expect(ended.status == 7, "\(ended)")
      #expect(!ended.events.contains { $0.starts("start the new version") })
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test func `an approval that comes too late changes nothing`() async throws {
    var settings = Settings()
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      settings.approval = "{approvers: [maria], expires: 1s}"
      try bench.write(settings)
      try await bench.register()
      let apply = try await bench.expect(3, "apply", "--format", "json")
      let gate = try #require(apply.events.first { $0.type == "gateOpened" })
      let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
      let expires = try style.parse(try #require(gate.expires))
      try await bench.until("the approval to expire") { Date.now > expires ? true : nil }
      let approve = try await bench.rollout("approve", as: "maria")
      #expect(approve.status == 7, "\(approve)")
      try await bench.expect(7, "apply")
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test func `only an approver who did not start the rollout approves it`() async throws {
    var settings = Settings()
    settings.approval = "{approvers: [ci, maria], minimum: 1, selfApproval: false, expires: 1h}"
    try await Bench.run(settings) { bench in
      try await bench.register()
      try await bench.expect(3, "apply")
      let own = try await bench.rollout("approve", as: "ci")
      #expect(own.status == 1 && own.errors.contains("ci started this rollout"), "\(own)")
      let stranger = try await bench.rollout("approve", as: "bob")
      #expect(stranger.status == 1 && stranger.errors.contains("bob is not one of the approvers"), "\(stranger)")
      let other = try await bench.rollout("approve", "r9", as: "maria")
      #expect(other.status == 1, "\(other)")
      try await bench.expect(3, "apply")
      try await bench.expect(0, "approve", "r1", "--comment", "go", as: "maria")
      try await bench.expect(0, "apply")
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test func `an apply that waits goes on once enough people have approved`() async throws {
    var settings = Settings()
    settings.approval = "{approvers: [maria, omar], minimum: 2, expires: 1h}"
    try await Bench.run(settings) { bench in
      try await bench.register()
      let apply = try bench.start("apply", "--wait", "--format", "json")
      try await apply.event("the gate") { $0.type == "gateOpened" }
      try await bench.expect(0, "approve", as: "maria")
      let twice = try await bench.rollout("approve", as: "maria")
      #expect(twice.status == 1 && twice.errors.contains("maria has approved it already"), "\(twice)")
      try await bench.expect(0, "approve", as: "omar")
      let ended = await apply.ended()
      #expect(ended.status == 0, "\(ended)")
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test func `an approval that is taken back at the gate does not count`() async throws {
    var settings = Settings()
    settings.approval = "{approvers: [maria, omar], minimum: 2, expires: 1h}"
    try await Bench.run(settings) { bench in
      try await bench.register()
      try await bench.expect(3, "apply")
      try await bench.expect(0, "approve", as: "maria")
      let none = try await bench.rollout("revoke", as: "omar")
      #expect(none.status == 1 && none.errors.contains("omar has not approved it"), "\(none)")
      try await bench.expect(0, "revoke", "--comment", "I looked again", as: "maria")
      try await bench.expect(0, "approve", as: "omar")
      try await bench.expect(3, "apply")
      try await bench.expect(0, "approve", as: "maria")
      try await bench.expect(0, "apply")
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test func `an approval that is taken back in a canary takes the canary back`() async throws {
    var settings = Settings()
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      settings.approval = "{approvers: [maria, omar], expires: 1h}"
      settings.steps = "{weight: 50%, bake: 10m}"
      try bench.write(settings)
      try await bench.register()
      let apply = try bench.start("apply", "--wait", "--format", "json")
      try await apply.event("the gate") { $0.type == "gateOpened" }
      try await bench.expect(0, "approve", as: "maria")
      try await apply.event("the bake") { $0.starts("bake") }
      try await bench.expect(0, "revoke", "--of", "maria", "--comment", "wrong model card", as: "omar")
      let ended = await apply.ended()
      #expect(ended.status == 4, "\(ended)")
      #expect(ended.output.contains("approval taken back by omar: wrong model card"), "\(ended)")
      #expect(try await bench.liveVersion() == 1)
      #expect(try await bench.status()?["production"]?.observation.canary == nil)
    }
  }

  @Test func `a model below what an environment requires is not planned`() async throws {
    try await Bench.run { bench in
      try await bench.register(accuracy: 0.2)
      let plan = try await bench.rollout("plan")
      #expect(plan.status == 1, "\(plan)")
      try await bench.expect(1, "apply")
      #expect(try await bench.status() == nil)
    }
  }
}

/// A registry in which somebody changed a file behind everybody's back.
@Suite struct TamperTests {
  @Test func `files changed after registration never reach an environment`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      let before = Set(bench.registryFiles)
      try await bench.register()
      for file in bench.registryFiles where !before.contains(file) && !file.hasSuffix("package.json") {
        try bench.tamper(with: file)
      }
      let apply = try await bench.rollout("apply", "--format", "json")
      #expect(apply.status == 1, "\(apply)")
      #expect(apply.output.contains("digest"), "\(apply)")
      #expect(!apply.events.contains { $0.starts("start the new version", in: "staging") })
      #expect(try await bench.liveVersion() == 1)
      #expect(try await bench.liveVersion(in: "staging") == 1)
    }
  }

  @Test func `files changed after approval never reach production`() async throws {
    var settings = Settings()
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      settings.approval = "{approvers: [maria], expires: 1h}"
      try bench.write(settings)
      let before = Set(bench.registryFiles)
      try await bench.register()
      try await bench.expect(3, "apply")
      try await bench.expect(0, "approve", as: "maria")
      for file in bench.registryFiles where !before.contains(file) && !file.hasSuffix("package.json") {
        try bench.tamper(with: file)
      }
      let apply = try await bench.rollout("apply", "--format", "json")
      #expect(apply.status == 1, "\(apply)")
      #expect(try await bench.liveVersion() == 1)
      #expect(try await bench.invoke().status == 200)
    }
  }
}

extension Bench {
  /// Every file that holds something, below the registry.
  fileprivate var registryFiles: [String] {
    let root = folder.appending(path: ".rollout/registry")
    let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    return paths.map { root.appending(path: $0).path }.filter { path in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      return attributes?[.type] as? FileAttributeType == .typeRegular && attributes?[.size] as? Int ?? 0 > 0
    }.sorted()
  }

  fileprivate func tamper(with file: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
    let handle = try FileHandle(forWritingTo: URL(filePath: file))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("# changed\n".utf8))
    try handle.close()
  }
}

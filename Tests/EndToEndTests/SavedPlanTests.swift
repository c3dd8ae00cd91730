import Foundation
import Testing

/// `rollout apply FILE` carries out exactly what was reviewed, or nothing.
@Suite struct SavedPlanTests {
  private static var settings: Settings {
    var settings = Settings()
    settings.stages = ["production"]
    return settings
  }

  @Test func `the exit code of a plan tells whether there are changes`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.register()
      try await bench.expect(2, "plan", "--detailed-exitcode")
      try await bench.expect(0, "plan")
      try await bench.expect(0, "apply")
      try await bench.expect(0, "plan", "--detailed-exitcode")
      try await bench.expect(0, "apply")
    }
  }

  @Test func `a saved plan is applied`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.register()
      try await bench.expect(0, "plan", "--out", "plan.json")
      try await bench.expect(0, "apply", "plan.json")
      #expect(try await bench.liveVersion() == 1)
    }
  }

  @Test func `a plan is stale once something was rolled out`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.register()
      try await bench.expect(0, "plan", "--out", "plan.json")
      try await bench.expect(0, "apply")
      let apply = try await bench.rollout("apply", "plan.json")
      #expect(apply.status == 6, "\(apply)")
    }
  }

  @Test func `a plan is stale once its model was rejected`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.register()
      try await bench.expect(0, "plan", "--out", "plan.json")
      try await bench.expect(0, "models", "reject", "1", "--comment", "biased")
      let apply = try await bench.rollout("apply", "plan.json")
      #expect(apply.status == 6, "\(apply)")
      #expect(try await bench.status() == nil)
    }
  }

  @Test func `a plan that was changed is not carried out`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.register()
      try await bench.expect(0, "plan", "--out", "plan.json")
      let plan = try String(contentsOf: bench.folder.appending(path: "plan.json"), encoding: .utf8)
      let changed = plan.replacing(#""accuracy":0.61"#, with: #""accuracy":0.99"#)
      #expect(changed != plan)
      try bench.write(changed, to: "plan.json")
      let apply = try await bench.rollout("apply", "plan.json")
      #expect(apply.status == 65, "\(apply)")
      try bench.write(String(plan.prefix(plan.count / 2)), to: "plan.json")
      try await bench.expect(65, "apply", "plan.json")
      try await bench.expect(65, "apply", "nowhere.json")
      #expect(try await bench.status() == nil)
    }
  }
}

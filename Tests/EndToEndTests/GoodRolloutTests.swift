import Testing

@Suite struct GoodRolloutTests {
  @Test func `no user sees a failure while a new version takes over`() async throws {
    var settings = Settings()
    settings.steps = "{weight: 10%, bake: 3s}, {weight: 50%, bake: 3s}"
    settings.bakeAfter = "3s"
    settings.alarms = ["errors", "cpu"]
    try await Bench.run(settings, underLoad: true) { bench in
      try await bench.deploy()
      try await bench.register()
      let (apply, users) = try await bench.withLoad(perSecond: 50) { _ in
        try await bench.rollout("apply", "--format", "json")
      }
      #expect(apply.status == 0, "\(apply)")
      #expect(apply.events.filter { $0.type == "revisionPromoted" }.map(\.environment) == ["staging", "production"])
      #expect(apply.events.contains { $0.type == "rolloutCompleted" && $0.outcome == "promoted" })
      #expect(try await bench.liveVersion() == 2)
      #expect(users.failures == [:])
      #expect(users.sent > 200)
    }
  }
}

import Testing

/// Versions that misbehave before users, and are taken back without a person.
@Suite struct BadVersionTests {
  private static func settings(shield: Bool = true) -> Settings {
    var settings = Settings()
    settings.steps = "{weight: 10%, bake: 5s}, {weight: 50%, bake: 5s}"
    settings.bakeAfter = "3s"
    settings.alarms = ["errors", "cpu"]
    settings.shield = shield
    return settings
  }

  @Test func `a version that fails three requests in ten is taken back and no user sees it`() async throws {
    try await Bench.run(Self.settings(), underLoad: true) { bench in
      try await bench.deploy()
      try await bench.register(["FAIL_RATE": "0.3"])
      let (apply, users) = try await bench.withLoad(perSecond: 40) { _ in
        try await bench.rollout("apply", "--format", "json")
      }
      #expect(apply.status == 4, "\(apply)")
      #expect(apply.events.contains { $0.type == "guardTripped" && $0.alarm == "errors" })
      #expect(apply.events.contains { $0.type == "rolloutCompleted" && $0.outcome == "rolledBack" })
      #expect(try await bench.liveVersion() == 1)
      #expect(users.failures == [:])
    }
  }

  @Test func `without the shield users see errors, and few of them`() async throws {
    try await Bench.run(Self.settings(shield: false), underLoad: true) { bench in
      try await bench.deploy()
      try await bench.register(["FAIL_RATE": "0.3"])
      let (apply, users) = try await bench.withLoad(perSecond: 40) { _ in
        try await bench.rollout("apply", "--format", "json")
      }
      #expect(apply.status == 4, "\(apply)")
      #expect(try await bench.liveVersion() == 1)
      // Two errors trip the alarm, and a tenth of the traffic brings them one at a time.
      #expect(users.failed > 0)
      #expect(users.failed * 10 < users.sent, "\(users.failures) of \(users.sent)")
    }
  }

  @Test func `a version that burns a core is taken back by the CPU alarm`() async throws {
    try await Bench.run(Self.settings(), underLoad: true) { bench in
      try await bench.deploy()
      // A fifth of a core is its share, so that a busy machine does not hide what it burns.
      try await bench.register(["BURN_CPU": "yes"], cores: 0.2)
      let (apply, users) = try await bench.withLoad(perSecond: 10) { _ in
        try await bench.rollout("apply", "--format", "json")
      }
      #expect(apply.status == 4, "\(apply)")
      #expect(apply.events.contains { $0.type == "guardTripped" && $0.alarm == "cpu" })
      #expect(try await bench.liveVersion() == 1)
      #expect(users.failures == [:])
    }
  }

  @Test func `what was taken back is not tried again before somebody asks for it`() async throws {
    var settings = Self.settings()
    settings.stages = ["production"]
    try await Bench.run(settings, underLoad: true) { bench in
      try await bench.deploy()
      try await bench.register(["FAIL_RATE": "0.3"])
      let (_, users) = try await bench.withLoad(perSecond: 40) { _ in
        try await bench.expect(4, "apply")
        let again = try await bench.rollout("apply")
        #expect(again.status == 1, "\(again)")
        #expect(again.errors.contains("--retry"), "\(again)")
        try await bench.expect(4, "apply", "--retry")
      }
      #expect(users.failures == [:])
      #expect(try await bench.liveVersion() == 1)
    }
  }
}

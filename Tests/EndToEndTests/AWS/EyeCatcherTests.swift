import Testing

/// EyeCatcher on SageMaker, as MISSION has it, from the product's own files, templates and alarms.
@Suite struct EyeCatcherTests {
  @Test func `version 1 is deployed, 2 goes out by canary, 3 is taken back by its alarm, and the fleet scales`()
    async throws
  {
    try await AWSBench.run(patience: .seconds(300)) { bench in
      try await bench.deploy()
      let first = try await bench.cloud.state
      #expect(first.production?.version == 1)
      #expect(first.production?.desired == 4)
      #expect(first.staging?.version == 1)

      // 330 a minute are 66 for each of five instances.
      try await bench.traffic(perMinute: 330)
      try await bench.until("five instances") { $0.production?.desired == 5 && $0.production?.status == "InService" }
      try await releaseSecond(bench)
      try await takeBackThird(bench)
      try await planNothing(bench)
      try await scale(bench)
    }
  }

  private func releaseSecond(_ bench: AWSBench) async throws {
    try await bench.seed()
    let gate = try await bench.here.expect(3, "apply", "--format", "json")
    #expect(gate.events.contains { $0.type == "gateOpened" })
    let own = try await bench.here.rollout("approve", as: "ci")
    #expect(own.status == 1, "\(own)")
    try await bench.here.expect(0, "approve", as: "release")

    try await bench.hold()
    let apply = try bench.here.start("apply", "--format", "json")
    let baking = try await bench.hold(at: "the canary has its share") { ($0.production?.newShare ?? 0) > 0 }
    #expect(baking.production?.fleets.map(\.share) == [0.6, 0.4], "a quarter of five instances is two of them")
    #expect(baking.production?.desired == 5)
    let status = try await bench.here.status()
    #expect(status.rollout?.environment == "production")
    #expect(status["production"]?.live?.model.version == 1)
    #expect(status["production"]?.canary?.model.version == 2)
    try await bench.run()
    let ended = await apply.ended()
    #expect(ended.status == 0, "\(ended)")

    let state = try await bench.cloud.state
    #expect(state.production?.version == 2)
    #expect(state.production?.desired == 5, "the update kept the number of instances")
    #expect(try await bench.here.status()["production"]?.live?.model.version == 2)
  }

  private func takeBackThird(_ bench: AWSBench) async throws {
    let before = try await bench.cloud.state
    try await bench.seed()
    try await bench.here.expect(3, "apply")
    try await bench.here.expect(0, "approve", as: "release")
    // Only users' pictures are such that it fails: staging saw none of them.
    try await bench.model(3, #"{"errorRate": 0.2}"#)
    let apply = try await bench.here.rollout("apply", "--format", "json")
    #expect(apply.status == 4, "\(apply)")
    let trip = try #require(apply.events.first { $0.type == "guardTripped" }, "\(apply)")
    #expect(trip.alarm?.hasPrefix("eye-catcher-prod-model-errors") == true, "\(trip)")
    #expect(apply.events.contains { $0.type == "rolloutCompleted" && $0.outcome == "rolledBack" })

    let after = try await bench.cloud.state
    #expect(after.production?.version == 2)
    #expect(after.production?.desired == 5)
    #expect(after.production?.config == before.production?.config)
    #expect(try await bench.here.status()["production"]?.live?.model.version == 2)
    let again = try await bench.here.rollout("apply")
    #expect(again.status == 1 && again.errors.contains("--retry"), "\(again)")
  }

  private func planNothing(_ bench: AWSBench) async throws {
    try await bench.here.expect(0, "models", "reject", "3", "--comment", "a fifth of the answers are errors")
    // Staging is to go back to version 2.
    let changes = try await bench.changes {
      try await bench.here.expect(2, "plan", "--detailed-exitcode")
    }
    #expect(changes.map(\.operation) == ["CreateChangeSet", "DeleteChangeSet"], "\(changes)")
    try await bench.here.expect(0, "apply")
    let none = try await bench.changes {
      try await bench.here.expect(0, "plan", "--detailed-exitcode")
    }
    #expect(none.isEmpty, "\(none)")
  }

  private func scale(_ bench: AWSBench) async throws {
    try await bench.traffic(perMinute: 490)
    try await bench.until("seven instances") { $0.production?.desired == 7 }
    try await bench.traffic(perMinute: 70)
    try await bench.until("two instances") { $0.production?.desired == 2 }
    try await bench.here.expect(0, "plan", "--detailed-exitcode")
  }
}

import Testing

/// A person's hand on a deployment that SageMaker carries out by itself.
@Suite struct CloudWaitTests {
  @Test func `nobody ends SageMaker's waits early, and a pause begins nothing after them`() async throws {
    try await AWSBench.run { bench in
      try await bench.begin()
      let apply = try bench.here.start("apply")
      try await bench.hold(at: "the canary has its share") { ($0.production?.newShare ?? 0) > 0 }
      let early = try await bench.here.rollout("promote")
      #expect(early.status == 1 && early.errors.contains("SageMaker, whose waits cannot be ended early"), "\(early)")
      try await bench.here.expect(0, "pause")

      try await bench.run()
      try await bench.until("version 2 serves") { $0.production?.version == 2 }
      #expect(try await bench.here.status().rollout != nil, "it is held before it is promoted")
      try await bench.here.expect(0, "resume")
      let ended = await apply.ended()
      #expect(ended.status == 0, "\(ended)")
      #expect(try await bench.here.status()["production"]?.live?.model.version == 2)
    }
  }
}

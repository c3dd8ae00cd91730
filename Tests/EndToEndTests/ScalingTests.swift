import Testing

@Suite struct ScalingTests {
  @Test func `instances grow under load and shrink after it`() async throws {
    var settings = Settings()
    settings.stages = ["production"]
    settings.steps = "{weight: 50%, bake: 1s}"
    settings.autoscaling =
      "{instances: 1...4, invocationsPerInstance: 70, period: 1s, scaleOutCooldown: 1s, scaleInCooldown: 1s}"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      // 600 requests a minute are far above 70 on one instance: all four are needed.
      let (_, busy) = try await bench.withLoad(perSecond: 10) { _ in
        try await bench.until("four instances") {
          try await bench.status()?["production"]?.observation.stable?.ready == 4 ? true : nil
        }
      }
      #expect(busy.failures == [:])
      // Missing data never scales in, so some users stay: 120 requests a minute are too few for four.
      let (_, calm) = try await bench.withLoad(perSecond: 2) { _ in
        try await bench.until("fewer instances") {
          try await bench.status()?["production"]?.observation.stable.flatMap { $0.desired < 4 ? true : nil }
        }
      }
      #expect(calm.failures == [:])
      try await bench.until("the processes of the others to end") {
        let production = try await bench.status()?["production"]
        return production?.instances.count == production?.observation.stable?.desired ? true : nil
      }
    }
  }
}

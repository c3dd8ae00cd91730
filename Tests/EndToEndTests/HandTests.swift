import Foundation
import Testing

/// People's hands on a rollout: two at once, back, hold, on, off.
@Suite struct HandTests {
  @Test func `of two applies one leads and the other says who does`() async throws {
    var settings = Settings()
    settings.steps = "{weight: 10%, bake: 2s}"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      try await bench.register()
      let first = try bench.start("apply", "--format", "json")
      try await first.event("the lead") { $0.type == "leaseAcquired" }
      let second = try await bench.rollout("apply", as: "jonas")
      #expect(second.status == 5, "\(second)")
      #expect(second.errors.contains("(pid \(first.pid))"), "\(second)")
      #expect(await first.ended().status == 0)
      #expect(try await bench.liveVersion() == 2)
    }
  }

  @Test func `two applies that start together are one rollout`() async throws {
    try await Bench.run { bench in
      try await bench.register()
      let both = [try bench.start("apply"), try bench.start("apply")]
      var ended: [Command.Ended] = []
      for apply in both { ended.append(await apply.ended()) }
      #expect(ended.contains { $0.status == 0 } && ended.allSatisfy { [0, 5].contains($0.status) }, "\(ended)")
      #expect(try await bench.liveVersion() == 1)
      let history = try await bench.expect(0, "history", "--format", "json")
      #expect(!history.output.contains(#""r2""#), "\(history)")
    }
  }

  @Test func `a rollback takes a running apply back`() async throws {
    var settings = Settings()
    settings.steps = "{weight: 50%, bake: 10m}"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      try await bench.register()
      let (ended, users) = try await bench.withLoad(perSecond: 10) { _ in
        let apply = try bench.start("apply", "--format", "json")
        try await apply.event("the bake") { $0.starts("bake") }
        let start = ContinuousClock.now
        try await bench.expect(0, "rollback", "production", "--reason", "pager", as: "oncall")
        // Its own work takes less than a second; the rest is for machines that are busy with other tests.
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(try await bench.liveVersion() == 1)
        #expect(try await bench.status()?["production"]?.observation.canary == nil)
        return await apply.ended()
      }
      #expect(ended.status == 4, "\(ended)")
      #expect(users.failures == [:])
    }
  }

  @Test func `a rollback of what is live is immediate because the old version is warm`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      let old = try #require(try await bench.status()?["production"]?.instances.first?.pid)
      try await bench.deploy()
      #expect(try await bench.liveVersion() == 2)
      // On-call needs neither the registry nor staging.
      try FileManager.default.removeItem(at: bench.folder.appending(path: ".rollout/registry"))
      let (_, users) = try await bench.withLoad(perSecond: 10) { _ in
        let start = ContinuousClock.now
        try await bench.expect(0, "rollback", "production")
        #expect(ContinuousClock.now - start < .seconds(10))
      }
      #expect(users.failures == [:])
      let production = try #require(try await bench.status()?["production"])
      #expect(production.observation.stable?.model.version == 1)
      #expect(production.instances.contains { $0.pid == old && $0.role == "stable" })
    }
  }

  @Test func `a rollback goes to any revision that was live before`() async throws {
    var settings = Settings()
    settings.stages = ["production"]
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      let nothing = try await bench.rollout("rollback", "production")
      #expect(nothing.status == 1, "\(nothing)")
      try await bench.deploy()
      try await bench.deploy()
      let (_, users) = try await bench.withLoad(perSecond: 10) { _ in
        try await bench.expect(0, "rollback", "production", "--to", "1")
      }
      #expect(users.failures == [:])
      #expect(try await bench.liveVersion() == 1)
      let unknown = try await bench.rollout("rollback", "production", "--to", "9")
      #expect(unknown.status == 1, "\(unknown)")
      let history = try await bench.expect(0, "history", "--format", "json")
      for rollout in ["r1", "r2", "r3", "r4"] { #expect(history.output.contains(rollout)) }
      try await bench.expect(0, "history")
      try await bench.expect(0, "show", "r4")
      try await bench.expect(0, "status")
      try await bench.expect(0, "verify")
    }
  }

  @Test func `nothing moves while a rollout is paused`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      try await bench.register()
      let apply = try bench.start("apply", "--format", "json")
      try await apply.event("the bake") { $0.starts("bake") }
      try await bench.expect(0, "pause", "--reason", "lunch")
      try await apply.event("the hold") { $0.type == "holdSet" }
      try await bench.expect(0, "status")
      try await bench.expect(0, "resume")
      let ended = await apply.ended()
      #expect(ended.status == 0, "\(ended)")
      let types = ended.events.map(\.type)
      let hold = try #require(types.firstIndex(of: "holdSet"))
      let release = try #require(types.firstIndex(of: "holdCleared"))
      #expect(!types[hold..<release].contains("stepStarted"))
      #expect(try await bench.liveVersion() == 2)
    }
  }

  @Test func `an apply that is interrupted leaves its rollout to the runtime`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      try await bench.register()
      let apply = try bench.start("apply", "--format", "json")
      try await apply.event("the bake") { $0.starts("bake") }
      apply.signal(SIGINT)
      let ended = await apply.ended()
      #expect(ended.status == 1, "\(ended)")
      #expect(ended.errors.contains("the runtime goes on"), "\(ended)")
      try await bench.until("version 2 to be live") { try await bench.liveVersion() == 2 ? true : nil }
    }
  }

  @Test func `a bake ends early when a person says so`() async throws {
    var settings = Settings()
    settings.steps = "{weight: 50%, bake: 10m}"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      try await bench.register()
      let apply = try bench.start("apply", "--format", "json")
      try await apply.event("the bake") { $0.starts("bake") }
      try await bench.expect(0, "promote")
      let ended = await apply.ended()
      #expect(ended.status == 0, "\(ended)")
      #expect(try await bench.liveVersion() == 2)
    }
  }

  @Test func `an aborted rollout leaves production as it was`() async throws {
    var settings = Settings()
    settings.steps = "{weight: 50%, bake: 10m}"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      try await bench.register()
      let apply = try bench.start("apply", "--format", "json")
      try await apply.event("the bake") { $0.starts("bake") }
      try await bench.expect(0, "abort", "--reason", "wrong model", as: "maria")
      let ended = await apply.ended()
      #expect(ended.status == 4, "\(ended)")
      #expect(try await bench.liveVersion() == 1)
    }
  }
}

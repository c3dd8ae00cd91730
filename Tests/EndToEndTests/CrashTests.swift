import Glibc
import RolloutHTTP
import Testing

/// Whatever dies, and whenever: run again, the rollout ends where it should, and users notice nothing of it.
@Suite struct CrashTests {
  enum Moment: String, CaseIterable, Sendable {
    case rolloutStarted, preparingInStaging, stagingPromoted, firstShiftAnnounced, bakingAtTenPercent, promoteAnnounced

    func isReached(by event: JournalLine) -> Bool {
      switch self {
      case .rolloutStarted: event.type == "rolloutStarted"
      case .preparingInStaging: event.starts("start the new version", in: "staging")
      case .stagingPromoted: event.type == "revisionPromoted" && event.environment == "staging"
      case .firstShiftAnnounced: event.starts("shift to 10%")
      case .bakingAtTenPercent: event.starts("bake")
      case .promoteAnnounced: event.starts("promote")
      }
    }
  }

  @Test(arguments: Moment.allCases) func `apply goes on after its process was killed`(moment: Moment) async throws {
    var settings = Settings()
    settings.steps = "{weight: 10%, bake: 2s}, {weight: 50%, bake: 1s}"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      try await bench.register()
      let (again, users) = try await bench.withLoad(perSecond: 10) { _ in
        let apply = try bench.start("apply", "--format", "json")
        try await apply.event(moment.rawValue) { moment.isReached(by: $0) }
        apply.signal(SIGKILL)
        #expect(await apply.ended().status == 128 + SIGKILL)
        return try await bench.rollout("apply", "--format", "json")
      }
      #expect(again.status == 0, "\(again)")
      #expect(try await bench.liveVersion() == 2)
      #expect(users.failures == [:])
      try await bench.expect(0, "verify")
      let history = try await bench.expect(0, "history", "--format", "json")
      #expect(history.output.contains("r2") && !history.output.contains("r3"), "\(history)")
    }
  }

  @Test func `the runtime goes on alone when apply was killed`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      try await bench.register()
      let (_, users) = try await bench.withLoad(perSecond: 10) { _ in
        let apply = try bench.start("apply", "--format", "json")
        try await apply.event("the bake") { $0.starts("bake") }
        apply.signal(SIGKILL)
        try await bench.until("version 2 to be live") { try await bench.liveVersion() == 2 ? true : nil }
      }
      #expect(users.failures == [:])
      let again = try await bench.rollout("apply")
      #expect(again.status == 0, "\(again)")
    }
  }

  @Test func `a rollout ends well though the runtime was killed in the middle`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      try await bench.register()
      let apply = try bench.start("apply", "--format", "json")
      try await apply.event("the bake") { $0.starts("bake") }
      kill(try #require(try await bench.status()).pid, SIGKILL)
      let ended = await apply.ended()
      if ended.status != 0 { try await bench.expect(0, "apply") }
      #expect(try await bench.liveVersion() == 2)
      #expect(try await bench.invoke().status == 200)
      try await bench.expect(0, "verify")
    }
  }

  @Test func `a rollout ends well though apply and the runtime were both killed`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      try await bench.register()
      let apply = try bench.start("apply", "--format", "json")
      try await apply.event("the bake") { $0.starts("bake") }
      let runtime = try #require(try await bench.status()).pid
      apply.signal(SIGKILL)
      kill(runtime, SIGKILL)
      #expect(await apply.ended().status == 128 + SIGKILL)
      try await bench.until("all model servers to end with the runtime") { bench.processes.isEmpty ? true : nil }
      try await bench.expect(0, "apply")
      #expect(try await bench.liveVersion() == 2)
      #expect(try await bench.invoke().status == 200)
      try await bench.expect(0, "verify")
    }
  }

  @Test func `a runtime that was killed comes back with what was live`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      kill(try #require(try await bench.status()).pid, SIGKILL)
      try await bench.until("everything to end with the runtime") { bench.processes.isEmpty ? true : nil }
      try await bench.expect(0, "runtime", "start")
      try await bench.until("an answer") { try await bench.invoke().status == 200 ? true : nil }
      #expect(try await bench.liveVersion() == 1)
      try await bench.expect(0, "plan", "--detailed-exitcode")
    }
  }

  @Test func `a model server that is killed is replaced and no user notices`() async throws {
    var settings = Settings()
    settings.instances = 2
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      let (_, users) = try await bench.withLoad(perSecond: 30) { load in
        try await bench.until("users") { load.soFar.sent > 10 ? true : nil }
        let before = try #require(try await bench.status()?["production"])
        #expect(before.instances.count == 2)
        kill(try #require(before.instances.first?.pid), SIGKILL)
        try await bench.until("the server to be replaced") {
          let now = try await bench.status()?["production"]
          return now?.observation.stable?.ready == 2 && now?.instances.contains { $0.restarts > 0 } == true ? true : nil
        }
      }
      #expect(users.failures == [:])
    }
  }
}

import Foundation
import Glibc
import RolloutHTTP
import Testing

/// A rollback that works with the state store gone, and what becomes of everybody else.
@Suite struct EmergencyTests {
  private static let journal = ".rollout/state/rollout.db"

  @Test func `with the journal gone users are taken back at once, and a zombie does no harm afterwards`() async throws {
    var settings = Settings()
    settings.steps = "{weight: 50%, bake: 120s}"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      try await bench.register()
      let apply = try bench.start("apply", "--format", "json")
      try await apply.event("the bake") { $0.starts("bake") }
      apply.signal(SIGSTOP)
      let journal = bench.folder.appending(path: Self.journal)
      let away = bench.folder.appending(path: "away.db")
      try FileManager.default.moveItem(at: journal, to: away)

      let start = ContinuousClock.now
      let back = try await bench.expect(
        0, "rollback", "production", "--emergency", "--reason", "wrong labels", as: "omar")
      let took = ContinuousClock.now - start
      #expect(took < .seconds(2), "\(took) from command to weight 0")
      #expect(back.output.contains("everybody is on version 1"), "\(back)")
      #expect(try await bench.status()?["production"]?.observation.canary == nil)
      #expect(try await bench.liveVersion() == 1)
      #expect(try await bench.invoke().status == 200)

      // Sealed for good: also for a runtime that was killed.
      kill(try #require(try await bench.status()).pid, SIGKILL)
      try await bench.until("the servers to end") { bench.processes == [apply.pid] ? true : nil }
      try await bench.expect(0, "runtime", "start")
      let sealed = try #require(try await bench.status()?["production"]?.observation.seal)
      #expect(sealed.by == "omar")
      // Nobody makes a journal meanwhile, and a new one would not be obeyed.
      try await bench.expect(1, "rollback", "production")
      let refused = try await bench.expect(5, "apply")
      #expect(refused.errors.contains("rollout apply --adopt"), "\(refused)")

      try FileManager.default.moveItem(at: away, to: journal)
      try await bench.until("the runtime to tell the journal") {
        try await bench.status()?["production"]?.observation.seal == nil ? true : nil
      }
      apply.signal(SIGCONT)
      let zombie = await apply.ended()
      #expect([4, 5].contains(zombie.status), "\(zombie)")
      // Either it drives the turn to its end, or that is done and the version is not tried again by itself.
      let after = try await bench.rollout("apply")
      #expect([1, 4].contains(after.status), "\(after)")
      #expect(try await bench.liveVersion() == 1)
      #expect(try await bench.status()?["production"]?.observation.canary == nil)
      let story = try await bench.expect(0, "show", "r2")
      #expect(story.output.contains("emergency rollback by omar"), "\(story)")
      #expect(story.output.components(separatedBy: "straight at the target").count == 2, "it is told once: \(story)")
      try await bench.expect(0, "verify")
    }
  }

  @Test func `pipeline.yaml may be broken, and the version that is warm takes over`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      try await bench.deploy()
      let pipeline = bench.folder.appending(path: "Environments/pipeline.yaml")
      let text = try String(contentsOf: pipeline, encoding: .utf8)
      try bench.write("service: [", to: "Environments/pipeline.yaml")
      let blocked = try await bench.expect(65, "rollback", "production")
      #expect(blocked.errors.contains("rollout rollback production --emergency"), "\(blocked)")
      let back = try await bench.expect(0, "rollback", "production", "--emergency", as: "omar")
      #expect(back.output.contains("everybody is back on version 1"), "\(back)")
      try bench.write(text, to: "Environments/pipeline.yaml")
      #expect(try await bench.liveVersion() == 1)
      try await bench.until("the journal to know") {
        let status = try await bench.expect(0, "status")
        return status.output.contains("revision 1:") ? true : nil
      }
      let history = try await bench.expect(0, "history")
      #expect(history.output.contains("Emergency rollbacks"), "\(history)")
      // What was taken back by hand is not put there again by the next apply.
      let again = try await bench.rollout("apply")
      #expect(try await bench.liveVersion() == 1, "\(again)")
      try await bench.expect(0, "verify")
    }
  }

  @Test func `with nothing warm the version before is started, and the journal tells how that ended`() async throws {
    var settings = Settings()
    settings.keepWarm = "0s"
    try await Bench.run(settings) { bench in
      try await bench.deploy()
      let only = try await bench.rollout("rollback", "production", "--emergency", as: "omar")
      #expect(only.status == 1 && only.errors.contains("nothing to go back to"), "\(only)")
      #expect(try await bench.status()?["production"]?.observation.seal == nil)
      try await bench.deploy()
      let back = try await bench.expect(0, "rollback", "production", "--emergency", as: "omar")
      #expect(back.output.contains("version 1 starts and takes over as soon as it is ready"), "\(back)")
      try await bench.until("version 1 to serve") { try await bench.liveVersion() == 1 ? true : nil }
      try await bench.until("the journal to know") {
        let status = try await bench.expect(0, "status")
        return status.output.contains("revision 1:") ? true : nil
      }
      try await bench.expect(0, "verify")
    }
  }

  @Test func `an older copy of the journal is told from the journal, and what to type works`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      let journal = bench.folder.appending(path: Self.journal)
      let copy = bench.folder.appending(path: "copy.db")
      try FileManager.default.copyItem(at: journal, to: copy)
      try await bench.deploy()
      try FileManager.default.removeItem(at: journal)
      try FileManager.default.moveItem(at: copy, to: journal)
      let refused = try await bench.expect(70, "apply")
      #expect(refused.errors.contains("it is an older copy"), "\(refused)")
      try FileManager.default.moveItem(at: journal, to: journal.appendingPathExtension("old"))
      try await bench.register()
      try await bench.expect(0, "apply", "--adopt")
      #expect(try await bench.liveVersion() == 3)
      try await bench.expect(0, "rollback", "production")
      #expect(try await bench.liveVersion() == 2, "what was served when the new journal began")
    }
  }

  @Test func `a journal that is lost for good is replaced by one that knows what was served`() async throws {
    try await Bench.run { bench in
      try await bench.deploy()
      try bench.write("this is no journal, however long it is", to: Self.journal)
      let damaged = try await bench.expect(70, "status")
      #expect(damaged.errors.contains("rollout rollback ENVIRONMENT --emergency"), "\(damaged)")
      #expect(damaged.output.contains("production"), "what serves is shown all the same: \(damaged)")
      try FileManager.default.removeItem(at: bench.folder.appending(path: Self.journal))
      try await bench.register()
      let refused = try await bench.expect(5, "apply")
      #expect(refused.errors.contains("obeys another journal"), "\(refused)")
      try await bench.expect(0, "apply", "--adopt")
      #expect(try await bench.liveVersion() == 2)
      // There is something to go back to, although this journal has not deployed it.
      try await bench.expect(0, "rollback", "production")
      #expect(try await bench.liveVersion() == 1)
      try await bench.expect(0, "verify")
    }
  }
}

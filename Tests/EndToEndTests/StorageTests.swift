import Foundation
import Testing

/// State that cannot be written. Both need what only root may do, and are skipped for anybody else.
@Suite(.enabled(if: geteuid() == 0, "mounting a small disk needs root")) struct StorageTests {
  private static var settings: Settings {
    var settings = Settings()
    settings.stages = ["production"]
    return settings
  }

  @Test func `nothing starts on a full disk, and everything works once there is room`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.register()
      try await bench.withSmallDisk(at: ".rollout/state") { disk in
        try disk.fill()
        let apply = try await bench.rollout("apply")
        #expect(apply.status == 74, "\(apply)")
        #expect(try await bench.status() == nil)
        try disk.empty()
        try await bench.expect(0, "apply")
        #expect(try await bench.liveVersion() == 1)
        try await bench.expect(0, "verify")
        // Looking takes no room, and no right to write.
        try disk.fill()
        for command in ["status", "history", "show", "verify"] { try await bench.expect(0, command) }
        try disk.empty()
        for command in ["status", "history", "show", "verify"] {
          let ended = try await bench.rolloutThatMayOnlyRead(disk, command)
          #expect(ended.status == 0, "\(ended)")
        }
        try await bench.register()
        let refused = try await bench.rolloutThatMayOnlyRead(disk, "apply")
        #expect(refused.status == 74 && refused.errors.contains("help:"), "\(refused)")
        try await bench.expect(0, "apply")
      }
    }
  }

  @Test func `a rollout whose disk fills up goes on once there is room`() async throws {
    var settings = Self.settings
    settings.steps = "{weight: 10%, bake: 3s}, {weight: 50%, bake: 1s}"
    try await Bench.run(settings) { bench in
      try await bench.withSmallDisk(at: ".rollout/state") { disk in
        try await bench.deploy()
        try await bench.register()
        let (_, users) = try await bench.withLoad(perSecond: 10) { _ in
          let apply = try bench.start("apply", "--format", "json")
          try await apply.event("the bake") { $0.starts("bake") }
          try disk.fill()
          let ended = await apply.ended()
          #expect(ended.status == 74, "\(ended)")
          try disk.empty()
          try await bench.expect(0, "apply")
        }
        #expect(users.failures == [:])
        #expect(try await bench.liveVersion() == 2)
        try await bench.expect(0, "verify")
      }
    }
  }

  @Test func `somebody who may not write the state is told so`() async throws {
    try await Bench.run(Self.settings) { bench in
      try await bench.deploy()
      try await bench.register()
      let apply = try Command(
        URL(filePath: "/usr/bin/env"),
        ["setpriv", "--reuid", "65534", "--clear-groups", "--", Bench.executable.path, "apply"],
        environment: ProcessInfo.processInfo.environment, in: bench.folder)
      let ended = await apply.ended()
      if ended.errors.contains("failed to execute") { try Test.cancel("nobody may not run what is built here") }
      // 1 when the runtime's files are what it may not write, 74 when the state's are.
      #expect([1, 74].contains(ended.status), "\(ended)")
      #expect(ended.errors.contains("ermission") && ended.errors.contains("help:"), "\(ended)")
      #expect(try await bench.liveVersion() == 1)
      try await bench.expect(0, "apply")
    }
  }
}

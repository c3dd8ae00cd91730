import Foundation
import Testing

/// A disk that fills up at a moment nobody chose.
@Suite(.enabled(if: geteuid() == 0, "mounting a small disk needs root")) struct FullDiskTests {
  @Test func `a rollout whose disk fills up at any moment goes on once there is room`() async throws {
    var settings = Settings()
    settings.stages = ["production"]
    settings.steps = "{weight: 10%, bake: 200ms}, {weight: 50%, bake: 200ms}"
    settings.bakeAfter = "200ms"
    try await Trial.run("the disk fills up", ci: 3, full: 300) { trial in
      try await Bench.run(settings, underLoad: true, patience: trial.patience(secondsEach: 12)) { bench in
        try await bench.withSmallDisk(at: ".rollout/state", size: "\(1_024 + 64 * trial.runs)k") { disk in
          try await bench.deploy()
          var refused = 0
          let (_, users) = try await bench.withLoad(perSecond: 10) { _ in
            for run in 1...trial.runs {
              var chances = trial.chances(run)
              try await bench.register()
              let apply = try bench.start("apply", "--format", "json")
              try await moment(chances.time(0...1_300))
              try disk.fill()
              trial.happened()
              let ended = await apply.ended()
              // 0: nothing was left to be written.
              trial.check([0, 74].contains(ended.status), "\(ended)")
              if ended.status == 74 { refused += 1 }
              try disk.empty()
              let again = try await bench.rollout("apply")
              trial.check(again.status == 0, "\(again)")
              try await bench.checkSettled(trial, live: run + 1)
            }
          }
          trial.count("exits 74", refused)
          trial.check(users.failures.isEmpty, "users saw \(users.failures)")
        }
      }
    }
  }
}

import Foundation
import Testing

/// How long users wait to be taken back: from the command's start to a canary without a share.
@Suite struct AbortLatencyTests {
  enum Way: String, CaseIterable, Sendable {
    case abort, rollback
    case emergency = "rollback --emergency, journal gone"
  }

  /// In CI only a limit that no busy machine reaches; `make faults` prints what it really takes.
  private static let limit = Duration.seconds(10)

  @Test(arguments: Way.allCases) func `users are taken back in moments`(way: Way) async throws {
    var settings = Settings()
    settings.stages = ["production"]
    settings.steps = "{weight: 50%, bake: 120s}"
    try await Trial.run("time of \(way.rawValue)", ci: 2, full: 500) { trial in
      try await Bench.run(settings, patience: trial.patience(secondsEach: 15)) { bench in
        try await bench.deploy()
        for _ in 0..<trial.runs {
          try await bench.register()
          let apply = try bench.start("apply", "--format", "json")
          try await apply.event("the bake") { $0.starts("bake") }
          let took = try await takeBack(way, bench, trial)
          trial.happened()
          trial.time("to weight 0", took)
          trial.check(took < Self.limit, "\(took) to weight 0")
          let ended = await apply.ended()
          // 74: it was about to write into the journal that is gone.
          trial.check([4, 5].contains(ended.status) || (way == .emergency && ended.status == 74), "\(ended)")
          if way == .emergency {
            try await bench.until("the journal to know, and the rollout to end") {
              try await bench.journalRows().last { $0.type == "rolloutCompleted" || $0.type == "rolloutStarted" }?.type
                == "rolloutCompleted" ? true : nil
            }
          }
          try await bench.checkSettled(trial, live: 1)
        }
      }
    }
  }

  private func takeBack(_ way: Way, _ bench: Bench, _ trial: Trial) async throws -> Duration {
    let journal = bench.folder.appending(path: ".rollout/state/rollout.db")
    let away = bench.folder.appending(path: "away.db")
    if way == .emergency { try FileManager.default.moveItem(at: journal, to: away) }
    let start = ContinuousClock.now
    let command =
      switch way {
      case .abort: try bench.start("abort")
      case .rollback: try bench.start("rollback", "production")
      case .emergency: try bench.start("rollback", "production", "--emergency", as: "omar")
      }
    let took = try await bench.weightZero(since: start)
    let ended = await command.ended()
    trial.check(ended.status == 0, "\(ended)")
    if way == .emergency { try FileManager.default.moveItem(at: away, to: journal) }
    return took
  }
}

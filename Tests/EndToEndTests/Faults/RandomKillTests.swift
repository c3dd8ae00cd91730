import Glibc
import Testing

/// Commands that are killed at moments nobody chose, one after the other, with rollouts half done between them.
@Suite struct RandomKillTests {
  private static var settings: Settings {
    var settings = Settings()
    settings.stages = ["production"]
    settings.approval = "{approvers: [maria], minimum: 1, selfApproval: false, expires: 1h}"
    settings.steps = "{weight: 10%, bake: 200ms}, {weight: 50%, bake: 200ms}"
    settings.bakeAfter = "200ms"
    return settings
  }

  @Test func `after any kill the rollout ends as its journal says, and nothing that was told is lost`() async throws {
    try await Trial.run("kill -9 at a random moment", ci: 25, full: 1_000) { trial in
      try await Bench.run(Self.settings, patience: trial.patience(secondsEach: 6)) { bench in
        try await bench.deploy()
        var round = 0
        while trial.timesHappened < trial.runs {
          round += 1
          var chances = trial.chances(round)
          try await bench.register()
          var told: [JournalLine] = []
          for _ in 0..<6 { told += try await strike(bench, trial, &chances) }
          told += try await settle(bench, trial)
          try await bench.checkSettled(trial)
          let rows = try await bench.journalRows()
          trial.check(rows.map(\.sequence) == Array(1...UInt64(rows.count)), "there are holes")
          for line in told {
            let row = rows.first { $0.sequence == line.sequence }
            trial.check(row?.type == line.type, "\(line.type) was told as entry \(line.sequence), and is not there")
          }
          trial.check(told.allSatisfy { $0.type != "quarantined" }, "a rollout was given up")
        }
        trial.count("rounds", round)
      }
    }
  }

  /// Starts a command and kills it, or the runtime under it; what it told before.
  private func strike(_ bench: Bench, _ trial: Trial, _ chances: inout Chances) async throws -> [JournalLine] {
    let command: Command
    let delay: Duration
    var victim: Int32?
    switch Int.random(in: 0..<100, using: &chances) {
    case ..<55:
      command = try bench.start("apply", "--format", "json")
      delay = chances.time(30...2_000)
    case ..<75:
      command = try bench.start("approve", as: "maria")
      delay = chances.time(30...250)
    case ..<85:
      command = try bench.start("abort", "--format", "json")
      delay = chances.time(30...700)
    case ..<95:
      command = try bench.start("rollback", "production", "--format", "json")
      delay = chances.time(30...700)
    default:
      victim = try await bench.status()?.pid
      command = try bench.start("apply", "--format", "json")
      delay = chances.time(30...1_500)
    }
    try await moment(delay)
    if let victim {
      kill(victim, SIGKILL)
      trial.happened()
    } else {
      command.signal(SIGKILL)
    }
    let ended = await command.ended()
    if ended.status == 128 + SIGKILL { trial.happened() }
    let documented: Set<Int32> = [0, 1, 3, 4, 5, 7, 8, 128 + SIGKILL]
    trial.check(documented.contains(ended.status), "\(ended)")
    return ended.events
  }

  /// Ends whatever is under way.
  private func settle(_ bench: Bench, _ trial: Trial) async throws -> [JournalLine] {
    var told: [JournalLine] = []
    for _ in 0..<8 {
      let apply = try await bench.rollout("apply", "--format", "json")
      told += apply.events
      switch apply.status {
      case 3: _ = try await bench.rollout("approve", as: "maria")
      // Version by version, until there is nothing that apply may begin.
      case 0 where !apply.events.isEmpty, 4, 5, 7: continue
      case 0, 1: return told
      default: trial.check(false, "\(apply)")
      }
    }
    return told
  }
}

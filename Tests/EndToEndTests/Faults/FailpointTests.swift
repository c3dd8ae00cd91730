import Glibc
import Testing

/// `ROLLOUT_CRASH_AT=n` kills a command before or after the n-th call it makes to the journal, the target or a model that
/// is to prove itself. Whichever that is, the next command ends what was begun.
@Suite struct FailpointTests {
  private static var settings: Settings {
    var settings = Settings()
    settings.steps = "{weight: 10%, bake: 200ms}, {weight: 50%, bake: 200ms}"
    settings.bakeAfter = "200ms"
    settings.lease = "30s"
    return settings
  }

  /// Every failpoint when everything is tried, else so many spread over all of them; `FAILPOINTS=51-60` names some.
  /// `body` says whether the run came to it.
  private func walk(_ trial: Trial, about count: Int, _ body: (Int) async throws -> Bool) async throws {
    let named = Trial.environment["FAILPOINTS"].map { $0.split(separator: "-").compactMap { Int($0) } } ?? []
    let isFull = Trial.isFull || !named.isEmpty
    let stride = isFull ? 1 : max(1, count / trial.runs)
    var number = named.first ?? (isFull ? 1 : 1 + Int(trial.seed % UInt64(stride)))
    let last = named.last ?? .max
    while number <= last, isFull || trial.timesHappened < trial.runs {
      guard try await body(number) else { return trial.count("failpoints in a run", number - 1) }
      trial.happened()
      number += stride
    }
  }

  @Test func `apply that died at any call is ended by the next one, and users notice nothing`() async throws {
    try await Trial.run("apply dies at a failpoint", ci: 8, full: 400) { trial in
      try await Bench.run(Self.settings, underLoad: true, patience: trial.patience(secondsEach: 12)) { bench in
        try await bench.deploy()
        var version = 1
        let (_, users) = try await bench.withLoad(perSecond: 10) { _ in
          try await walk(trial, about: 200) { number in
            try await bench.register()
            version += 1
            let died = try await bench.rollout("apply", with: ["ROLLOUT_CRASH_AT": "\(number)"])
            trial.check([0, 128 + SIGKILL].contains(died.status), "failpoint \(number): \(died)")
            let again = try await bench.rollout("apply")
            trial.check(again.status == 0, "after failpoint \(number): \(again)")
            try await bench.checkSettled(trial, live: version)
            return died.status != 0
          }
        }
        trial.check(users.failures.isEmpty, "users saw \(users.failures)")
        trial.count("requests, \(users.failed) failed", users.sent)
        let rollouts = try await bench.journalRows().filter { $0.type == "rolloutStarted" }.count
        trial.check(rollouts == version, "\(version) versions took \(rollouts) rollouts")
      }
    }
  }

  @Test func `abort that died at any call has turned the rollout round or has not`() async throws {
    var settings = Self.settings
    settings.stages = ["production"]
    settings.steps = "{weight: 50%, bake: 120s}"
    try await Trial.run("abort dies at a failpoint", ci: 4, full: 100) { trial in
      try await Bench.run(settings, patience: trial.patience(secondsEach: 12)) { bench in
        try await bench.deploy()
        try await walk(trial, about: 25) { number in
          var chances = trial.chances(number)
          try await bench.register()
          let apply = try bench.start("apply", "--format", "json")
          try await apply.event("the bake") { $0.starts("bake") }
          let isAlone = chances.happens(50)
          if isAlone { apply.signal(SIGKILL) }
          let died = try await bench.rollout("abort", with: ["ROLLOUT_CRASH_AT": "\(number)"])
          trial.check([0, 128 + SIGKILL].contains(died.status), "failpoint \(number): \(died)")
          let again = try await bench.rollout("abort")
          // 1: whoever drove the turn has ended it already.
          trial.check([0, 1].contains(again.status), "after failpoint \(number): \(again)")
          let ended = await apply.ended()
          trial.check(isAlone || [4, 5].contains(ended.status), "failpoint \(number): \(ended)")
          try await bench.checkSettled(trial, live: 1)
          return died.status != 0
        }
      }
    }
  }

  @Test func `rollback that died at any call is ended by the next one`() async throws {
    var settings = Self.settings
    settings.stages = ["production"]
    try await Trial.run("rollback dies at a failpoint", ci: 4, full: 100) { trial in
      try await Bench.run(settings, patience: trial.patience(secondsEach: 12)) { bench in
        try await bench.deploy()
        try await walk(trial, about: 25) { number in
          try await bench.deploy()
          let died = try await bench.rollout("rollback", "production", with: ["ROLLOUT_CRASH_AT": "\(number)"])
          trial.check([0, 128 + SIGKILL].contains(died.status), "failpoint \(number): \(died)")
          let again = try await bench.rollout("rollback", "production")
          // Whoever was killed at the very end, or the runtime in its place, had gone back already.
          let isThere = again.status == 1 && again.errors.contains("no revision to go back to")
          trial.check(again.status == 0 || isThere, "after failpoint \(number): \(again)")
          try await bench.checkSettled(trial, live: 1)
          return died.status != 0
        }
      }
    }
  }
}

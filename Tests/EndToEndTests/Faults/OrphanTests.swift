import Foundation
import Testing

/// An orchestrator that dies while a canary has users, with nobody to come back: the journal is out of reach, so that the
/// runtime cannot go on with the rollout either. What takes the users away is the canary's lease and nothing else.
@Suite struct OrphanTests {
  private static let lease = Duration.seconds(3)

  private struct Step: Sendable {
    var title: String
    /// What its action begins with.
    var words: String
    /// It is the n-th such step of the rollout.
    var number: Int
  }

  private static let steps = [
    Step(title: "shift to 10%", words: "shift", number: 1), Step(title: "bake at 10%", words: "bake", number: 1),
    Step(title: "shift to 50%", words: "shift", number: 2), Step(title: "bake at 50%", words: "bake", number: 2),
    Step(title: "shift to 100%", words: "shift", number: 3), Step(title: "bake at 100%", words: "bake", number: 3),
    Step(title: "promote", words: "promote", number: 1),
  ]

  @Test func `a canary that nobody keeps has no users once its lease has lapsed`() async throws {
    var settings = Settings()
    settings.stages = ["production"]
    settings.steps = "{weight: 10%, bake: 500ms}, {weight: 50%, bake: 500ms}"
    settings.bakeAfter = "500ms"
    settings.lease = "3s"
    try await Trial.run("the orchestrator dies in a canary step", ci: Self.steps.count, full: 200) { trial in
      try await Bench.run(settings, underLoad: true, patience: trial.patience(secondsEach: 20)) { bench in
        try await bench.deploy()
        var version = 1
        var withUsers = 0
        let (_, users) = try await bench.withLoad(perSecond: 10) { _ in
          for run in 0..<trial.runs {
            var chances = trial.chances(run)
            try await bench.register()
            let step = Self.steps[run % Self.steps.count]
            let death = try await orphan(bench, trial, step, after: chances.time(0...300))
            if death.share > 0 { withUsers += 1 }
            let live = await bench.seen()?.stable?.model.version
            trial.check(live == death.live || step.title == "promote", "\(step.title): promoted by nobody")
            try FileManager.default.moveItem(at: Self.away(bench), to: Self.journal(bench))
            let again = try await bench.rollout("apply")
            trial.check(again.status == 0, "\(step.title): \(again)")
            version += 1
            try await bench.checkSettled(trial, live: version)
          }
        }
        trial.count("with users on the canary", withUsers)
        trial.check(users.failures.isEmpty, "users saw \(users.failures)")
        trial.count("requests, \(users.failed) failed", users.sent)
      }
    }
  }

  private static func journal(_ bench: Bench) -> URL { bench.folder.appending(path: ".rollout/state/rollout.db") }
  private static func away(_ bench: Bench) -> URL { bench.folder.appending(path: "away.db") }

  /// Kills a driver in a step and takes the journal away; the canary's share and the live version once it is dead. On a
  /// busy machine it may have come further than the step before it could be stopped.
  private func orphan(
    _ bench: Bench, _ trial: Trial, _ step: Step, after delay: Duration
  ) async throws -> (share: Double, live: Int?) {
    let driver = try bench.start("apply", "--format", "json")
    let places = Places()
    try await driver.event(step.title) { $0.starts(step.words) && places.number(of: $0) == step.number }
    try await moment(delay)
    // Stopped first: while it still counts as alive, nobody takes its place before the journal is away.
    driver.signal(SIGSTOP)
    try FileManager.default.moveItem(at: Self.journal(bench), to: Self.away(bench))
    let death = ContinuousClock.now
    driver.signal(SIGKILL)
    trial.happened()
    _ = await driver.ended()
    let seen = await bench.seen()
    let share = seen?.share ?? 0
    let took = try await bench.weightZero(since: death)
    if share > 0 { trial.time("to weight 0 (lease 3 s)", took) }
    trial.check(took <= Self.lease + .seconds(2), "\(step.title): \(took) to weight 0")
    return (share, seen?.stable?.model.version)
  }
}

/// Counts the events that match, in order, however often they are looked at.
private final class Places {
  private var sequences: Set<UInt64> = []

  func number(of event: JournalLine) -> Int {
    sequences.insert(event.sequence)
    return sequences.filter { $0 <= event.sequence }.count
  }
}

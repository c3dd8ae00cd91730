import Foundation
import Testing

/// A driver that is stopped for longer than its lease, replaced, and then wakes up in the middle of what it was doing.
@Suite struct StoppedDriverTests {
  /// How fast a silent driver counts as dead in these tests.
  private static let pace = ["ROLLOUT_LEASE_TTL": "1s"]

  private static var settings: Settings {
    var settings = Settings()
    settings.stages = ["production"]
    settings.steps = "{weight: 10%, bake: 200ms}, {weight: 50%, bake: 200ms}"
    settings.bakeAfter = "200ms"
    return settings
  }

  @Test func `a driver that was stopped past its lease changes nothing when it goes on`() async throws {
    try await Trial.run("SIGSTOP past the lease, SIGCONT after the end", ci: 4, full: 1_000) { trial in
      try await Bench.run(Self.settings, patience: trial.patience(secondsEach: 15)) { bench in
        try await bench.register()
        try await bench.expect(0, "apply", with: Self.pace)
        var ways: [Successor: Int] = [:]
        for run in 1...trial.runs {
          var chances = trial.chances(run)
          try await bench.register()
          let driver = try bench.start("apply", "--format", "json", with: Self.pace)
          let lease = try await driver.event("the lease") { $0.type == "leaseAcquired" }
          try await moment(chances.time(0...1_800))
          driver.signal(SIGSTOP)
          trial.happened()
          let successor = try await succeed(lease, bench, &chances)
          ways[successor, default: 0] += 1
          let before = try await bench.journalRows(unless: successor == .nobody)
          let fence = await bench.seen()?.fence ?? 0
          driver.signal(SIGCONT)
          let zombie = await driver.ended()
          trial.check([0, 5].contains(zombie.status), "\(successor): \(zombie)")
          try await bench.until("its end") { try await bench.standing().rollout == nil ? true : nil }
          if let before {
            let after = try await bench.journalRows()
            trial.check(after == before, "the zombie wrote \(after.dropFirst(before.count).map(\.type))")
          }
          trial.check(await bench.seen()?.fence ?? 0 >= fence, "the endpoint's fence went back")
          try await bench.checkSettled(trial, live: run + 1)
        }
        for way in Successor.allCases { trial.count(way.rawValue, ways[way] ?? 0) }
        let log = bench.runtimeLog
        trial.count("orders of zombies refused by the runtime", log.components(separatedBy: "fenced(seen").count - 1)
      }
    }
  }

  /// Who ended what the stopped driver had begun.
  private enum Successor: String, CaseIterable {
    case runtime = "ended by the runtime"
    case apply = "ended by another apply"
    case itself = "had ended already"
    /// SQLite's lock is its process's until that ends; what the lease is for waits as long.
    case nobody = "stopped in a commit, which holds up everybody"
  }

  /// Ends the rollout in a stopped driver's place, as soon as its lease allows.
  private func succeed(
    _ lease: JournalLine, _ bench: Bench, _ chances: inout Chances
  ) async throws -> Successor {
    if try await bench.journalIsHeld() { return .nobody }
    if try await bench.journalRows().contains(where: { $0.ends(after: lease) }) { return .itself }
    guard chances.happens(50) else {
      try await bench.until("the runtime to end it") {
        try await bench.journalRows().contains { $0.ends(after: lease) } ? true : nil
      }
      try await bench.until("the runtime to give the lease back") {
        try await bench.journalRows().last?.type == "leaseReleased" ? true : nil
      }
      return .runtime
    }
    try await bench.until("somebody else to lead") {
      try await bench.rollout("apply", with: Self.pace).status == 0 ? true : nil
    }
    return .apply
  }
}

extension JournalRow {
  fileprivate func ends(after lease: JournalLine) -> Bool { sequence > lease.sequence && type == "rolloutCompleted" }
}

extension Bench {
  fileprivate func journalRows(unless isHeld: Bool) async throws -> [JournalRow]? {
    isHeld ? nil : try await journalRows()
  }
}

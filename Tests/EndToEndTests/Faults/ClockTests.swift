import Foundation
import Testing

/// Clocks that are set while rollouts run, in every process by another amount.
@Suite struct ClockTests {
  @Test func `a clock that is set changes no bake, and a rollout ends as it would have`() async throws {
    var settings = Settings()
    settings.stages = ["production"]
    settings.steps = "{weight: 10%, bake: 1s}, {weight: 50%, bake: 1s}"
    settings.bakeAfter = "1s"
    try await Trial.run("clocks are set by up to an hour", ci: 3, full: 300) { trial in
      try await Bench.run(settings, underLoad: true, patience: trial.patience(secondsEach: 20)) { bench in
        let runtime = try await Clock(bench, "runtime")
        try await bench.expect(0, "runtime", "start", with: runtime.variables)
        try await bench.register()
        try await bench.expect(0, "apply")
        var watched = 0
        let (_, users) = try await bench.withLoad(perSecond: 10) { _ in
          for run in 1...trial.runs {
            var chances = trial.chances(run)
            // It takes its time to start, so that a clock is set during that as well.
            try await bench.register(["START_DELAY": "1"])
            let clock = try await Clock(bench, "apply\(run)")
            try clock.set(to: chances.offset())
            let apply = try bench.start("apply", "--format", "json", with: clock.variables)
            try await apply.event("the new version's start") { $0.starts("start the new version") }
            for _ in 0..<2 {
              try await moment(chances.time(0...1_200))
              try clock.set(to: chances.offset())
              try runtime.set(to: chances.offset())
              trial.happened()
            }
            let ended = await apply.ended()
            trial.check(ended.status == 0, "\(ended)")
            watched += ended.output.contains("watching") ? 1 : 0
            let baked = try await bench.bakes()
            trial.check(baked.allSatisfy { $0 >= 1 }, "it baked for \(baked) seconds by the runtime's steady clock")
            try await bench.checkSettled(trial, live: run + 1)
          }
        }
        trial.count("ended by the runtime", watched)
        trial.check(users.failures.isEmpty, "users saw \(users.failures)")
        trial.count("requests, \(users.failed) failed", users.sent)
      }
    }
  }
}

/// A process's own wall clock, which can be set while it runs. What counts steadily is left alone, as by a person who
/// sets the clock; see Fixtures/clock.c.
struct Clock {
  private let file: URL
  let variables: [String: String]

  init(_ bench: Bench, _ name: String) async throws {
    let library = bench.folder.appending(path: "clock.so")
    if !FileManager.default.fileExists(atPath: library.path) {
      let source = Bench.fixtures.appending(path: "clock.c").path
      let built = try await Command(
        URL(filePath: "/usr/bin/env"), ["clang", "-shared", "-fPIC", "-O1", "-o", library.path, source],
        environment: ProcessInfo.processInfo.environment, in: bench.folder
      ).ended()
      guard built.status == 0 else { throw Command.Unmet(description: "\(built)") }
    }
    file = bench.folder.appending(path: "clock-\(name)")
    variables = ["LD_PRELOAD": library.path, "CLOCK_OFFSET": file.path]
    try Data(count: 8).write(to: file)
  }

  /// The process has the file's bytes mapped, so they are changed in place.
  func set(to seconds: Int64) throws {
    let handle = try FileHandle(forWritingTo: file)
    defer { try? handle.close() }
    try handle.write(contentsOf: withUnsafeBytes(of: seconds.littleEndian) { Data($0) })
  }
}

extension Chances {
  /// Up to an hour forward or back.
  fileprivate mutating func offset() -> Int64 { Int64.random(in: -3_600...3_600, using: &self) }
}

extension Bench {
  /// How long the last rollout's bakes were, in seconds, as the target measured them: their steps' outcomes say it.
  fileprivate func bakes() async throws -> [Int] {
    let rows = try await journalRows()
    let start = rows.last { $0.type == "rolloutStarted" }?.sequence ?? 0
    return rows.filter { $0.sequence > start && $0.type == "stepSucceeded" }.compactMap {
      $0.body.firstMatch(of: /requests?, [0-9]+ errors? in ([0-9]+)s/).flatMap { Int($0.output.1) }
    }
  }
}

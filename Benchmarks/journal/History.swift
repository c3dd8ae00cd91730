import Foundation
import GRDB
import JournalConformance
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutStore

/// A long journal of everyday rollouts.
struct History {
  static let rounds = 20
  let folder: Workplace
  let entries: [Entry]

  init(_ folder: Workplace, entries count: UInt64) async throws {
    self.folder = folder
    let journal = try await folder.journal("rollout.db")
    var rollouts = EverydayRollouts(after: try await journal.state())
    try await rollouts.fill(journal, to: count)
    entries = try await journal.entries(after: 0)
    let state = try await journal.state()
    print("history: \(entries.count) entries, \(state.past.count) rollouts")
  }

  func measureFold() throws {
    var times = Times()
    for _ in 0..<Self.rounds { times.add(try Self.processorTime { _ = try LaneState.folding(entries) }) }
    report(
      "CPU of a fold of \(entries.count) entries", times.median.text, goal: "< 10 ms",
      holds: times.median.milliseconds < 10)
  }

  func measureOpening() async throws {
    var (all, look, audit) = (Times(), Times(), Times())
    for _ in 0..<5 {
      _ = try await all.measure { try await folder.journal("rollout.db").entries(after: 0) }
      _ = try await look.measure { try await folder.journal("rollout.db").lookAtState() }
      _ = try await audit.measure { try await folder.journal("rollout.db").audit() }
    }
    let journal = try await folder.journal("rollout.db")
    var snapshot = Times()
    let state = try await journal.state()
    let bytes = try await snapshot.measure { try CanonicalJSON.bytes(state) }
    print(
      "opened and read: every entry \(all.median.text), from the snapshot \(look.median.text), verified "
        + "\(audit.median.text); a snapshot has \(bytes.count / 1_000) KB, written in \(snapshot.median.text)")
  }

  func measureStatus(of binary: String) async throws {
    let pipeline = """
      service: eye-catcher
      registry: {provider: local, path: ../registry, group: eye-catcher}
      state: {backend: sqlite, path: ../rollout.db}
      runtime: {path: ../runtime}
      stages: [staging, production]
      """
    try FileManager.default.createDirectory(atPath: "\(folder.path)/Environments", withIntermediateDirectories: true)
    try pipeline.write(toFile: "\(folder.path)/Environments/pipeline.yaml", atomically: true, encoding: .utf8)
    let with = try cpuTime(of: binary, "status")
    report(
      "CPU of `rollout status` on \(entries.count) entries", with.text, goal: "< 50 ms", holds: with.milliseconds < 50)
    let raw = try DatabaseQueue(path: "\(folder.path)/rollout.db")
    try await raw.write { try $0.execute(sql: "DELETE FROM snapshot") }
    print(
      "the same without a snapshot: \(try cpuTime(of: binary, "status").text); "
        + "`rollout --help`, which reads nothing: \(try cpuTime(of: binary, "--help").text)")
  }

  /// Median of user and system time, as the kernel counts it.
  private func cpuTime(of binary: String, _ argument: String) throws -> Duration {
    var times = Times()
    for _ in 0..<Self.rounds {
      let before = Self.childrenTime
      let process = Process()
      process.executableURL = URL(fileURLWithPath: binary)
      process.arguments = [argument]
      process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
      times.add(Self.childrenTime - before)
    }
    return times.median
  }

  /// Of this thread: what others do on the machine meanwhile does not count.
  private static func processorTime(_ work: () throws -> Void) rethrows -> Duration {
    func now() -> Duration {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
    let start = now()
    try work()
    return now() - start
  }

  private static var childrenTime: Duration {
    var usage = rusage()
    getrusage(RUSAGE_CHILDREN.rawValue, &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(.zero) {
      $0 + .seconds($1.tv_sec) + .microseconds(Int64($1.tv_usec))
    }
  }
}

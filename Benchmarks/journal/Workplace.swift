import Foundation
import RolloutCore
import RolloutEngine
import RolloutStore

/// A folder beside the build, on a disk rather than in memory: what an append waits for is the disk.
struct Workplace {
  let path: String

  init() throws {
    path = FileManager.default.currentDirectoryPath + "/.build/journal-benchmark-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func remove() {
    do { try FileManager.default.removeItem(atPath: path) } catch { print("left \(path) behind: \(error)") }
  }

  static let actor = Actor(name: "benchmark", kind: .command, host: "here", pid: 1, version: "0.1.0")

  func journal(_ name: String) async throws -> SQLiteJournal {
    try await SQLiteJournal(
      path: "\(path)/\(name)", service: "eye-catcher", lineage: "l", by: Self.actor, at: Timestamp(milliseconds: 0))
  }
}

/// Times of one thing done often.
struct Times {
  private var all: [Duration] = []

  mutating func measure<T>(_ work: () async throws -> T) async rethrows -> T {
    let start = ContinuousClock.now
    let result = try await work()
    all.append(ContinuousClock.now - start)
    return result
  }

  mutating func add(_ time: Duration) { all.append(time) }

  /// Half took longer.
  var median: Duration { all.sorted()[all.count / 2] }
  var p99: Duration { all.sorted()[all.count * 99 / 100] }
}

extension Duration {
  var milliseconds: Double { self / .milliseconds(1) }
  var text: String { String(format: "%.2f ms", milliseconds) }
}

/// Says whether a figure is what was promised.
func report(_ what: String, _ figure: String, goal: String, holds: Bool) {
  print("\(what): \(figure) (goal \(goal)): \(holds ? "holds" : "MISSED")")
}

import Foundation
import GRDB
import JournalConformance
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutStore

/// One entry at a time into a journal of ours, and a row of the same size into a plain table with the same pragmas, in
/// turns, so that both have the same disk.
struct Appends {
  static let count = 500
  let folder: Workplace

  init(_ folder: Workplace) { self.folder = folder }

  func run() async throws {
    let journal = try await folder.journal("append.db")
    let bare = try bareTable()
    var (ours, theirs) = (Times(), Times())
    var rollouts = EverydayRollouts(after: try await journal.state())
    let id = try await rollouts.start(in: journal)
    var sequence = rollouts.state.sequence
    for number in 0..<Self.count {
      let event: Event = number % 2 == 0 ? .holdSet(rollout: id, reason: "to be seen") : .holdCleared(rollout: id)
      let entries = try await ours.measure {
        try await journal.append(
          [event], expecting: sequence, by: Workplace.actor, epoch: nil,
          at: Timestamp(milliseconds: 1_785_585_600_000))
      }
      sequence += UInt64(entries.count)
      let body = Data(try CanonicalJSON.bytes(entries[0]))
      let hash = Data(count: 32)
      try await theirs.measure {
        try await bare.write { database in
          try database.cachedStatement(sql: "INSERT INTO event(seq, prev, hash, type, body) VALUES (?, ?, ?, ?, ?)")
            .execute(arguments: [number + 1, hash, hash, "holdSet", body])
        }
      }
    }
    let ratio = ours.median / theirs.median
    print(
      "append: median \(ours.median.text), p99 \(ours.p99.text); "
        + "bare insert: median \(theirs.median.text), p99 \(theirs.p99.text)")
    report("append beside a bare insert", String(format: "%.2f", ratio), goal: "<= 1.2", holds: ratio <= 1.2)
  }

  private func bareTable() throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.prepareDatabase {
      try $0.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA")
    }
    let queue = try DatabaseQueue(path: "\(folder.path)/bare.db", configuration: configuration)
    try queue.write {
      try $0.execute(
        sql: """
          CREATE TABLE event(
            seq INTEGER PRIMARY KEY, prev BLOB NOT NULL, hash BLOB NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL) STRICT
          """)
    }
    return queue
  }
}

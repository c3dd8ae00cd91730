import Foundation
import GRDB
import JournalConformance
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutStore

/// A journal on disk, and the hands of somebody who opens it without us.
struct JournalFile {
  let folder = NSTemporaryDirectory() + "rollout-journal-" + UUID().uuidString
  var path: String { folder + "/rollout.db" }

  static let maria = Actor(name: "maria", kind: .command, host: "here", pid: 1, version: "test")
  static let now = Timestamp(milliseconds: 1_000)

  func open(_ service: String = "eye-catcher") async throws(JournalError) -> SQLiteJournal {
    try await SQLiteJournal(path: path, service: service, lineage: "l-1", by: Self.maria, at: Self.now)
  }

  /// As another process would that only looks.
  func look() async throws -> SQLiteJournal {
    guard let journal = try await SQLiteJournal.existing(path: path, service: "eye-catcher") else {
      throw JournalError(.notFound, "there is no journal")
    }
    return journal
  }

  /// A journal of everyday rollouts, at least `count` entries long.
  func filled(to count: UInt64) async throws -> SQLiteJournal {
    let journal = try await open()
    var rollouts = EverydayRollouts(after: try await journal.state())
    try await rollouts.fill(journal, to: count)
    return journal
  }

  func edit(_ sql: String, _ arguments: StatementArguments = []) async throws {
    let raw = try DatabaseQueue(path: path)
    try await raw.write { try $0.execute(sql: sql, arguments: arguments) }
    try raw.close()
  }

  func number(_ sql: String) async throws -> Int {
    let raw = try DatabaseQueue(path: path)
    let number = try await raw.read { try Int.fetchOne($0, sql: sql) }
    try raw.close()
    return number ?? -1
  }

  /// Somebody holds the lock for writing meanwhile: what tried to write would wait for twenty seconds and fail.
  func whileNobodyCanWrite(_ body: () async throws -> Void) async throws {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let writer = try DatabaseQueue(path: path, configuration: configuration)
    try await writer.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    try await body()
    try await writer.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    try writer.close()
  }

  /// Writes an entry as this program would that has never heard of rules.
  func forge(_ body: [UInt8], type: String, at sequence: UInt64) async throws {
    let raw = try DatabaseQueue(path: path)
    try await raw.write { database in
      let previous = try Data.fetchOne(
        database, sql: "SELECT hash FROM event WHERE seq = ?", arguments: [Int64(sequence) - 1])
      let number = withUnsafeBytes(of: sequence.bigEndian) { Array($0) }
      let hash = Digest(of: Array(previous ?? Data()) + number + body).bytes
      try database.execute(
        sql: "INSERT INTO event(seq, prev, hash, type, body) VALUES (?, ?, ?, ?, ?)",
        arguments: [Int64(sequence), previous, Data(hash), type, Data(body)])
    }
    try raw.close()
  }

  var bytes: Data { get throws { try Data(contentsOf: URL(fileURLWithPath: path)) } }
}

extension JournalError {
  /// What a command would say and exit with.
  static func of(_ work: () async throws -> Void) async throws -> JournalError? {
    do {
      try await work()
      return nil
    } catch let error as JournalError { return error }
  }
}

import FoundationEssentials
import GRDB
package import RolloutCore
import RolloutDigest
package import RolloutEngine

/// The journal of one service in one SQLite file. Rollback-journal mode with `synchronous=EXTRA`: what `append` returns
/// has survived a power cut, and any number of processes of one machine may write.
package struct SQLiteJournal: Journal {
  let queue: DatabaseQueue
  let path: String
  let host: HostIdentity
  /// What this process has folded from the first entry on: what decisions are made on.
  let folds = Furthest<Fold>()
  /// What may have come from a snapshot: for people.
  let looks = Furthest<Fold>()
  let sightings = LeaseSightings()

  init(opening path: String) throws(JournalError) {
    self.path = path
    host = HostIdentity.current
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration)
    } catch {
      throw JournalError(opening: path, error)
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "rollout.journal"
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON")
      // Nothing of a newer journal is changed, however it is kept.
      if try Schema.version(of: database) <= Schema.current {
        try database.execute(sql: "PRAGMA journal_mode = DELETE")
      }
    }
    // Writers hold the lock for milliseconds; a starved reader waits longer than a busy writer ever should.
    configuration.busyMode = .timeout(20)
    return configuration
  }
}

// MARK: - Journal

extension SQLiteJournal {
  package func entries(after sequence: UInt64) async throws(JournalError) -> [Entry] {
    let fold = folds.value
    let (entries, read) = try await reading { database in
      let known = try state(of: fold, in: database)
      let start = min(sequence, known.sequence)
      let entries = try verified(after: try link(at: start, in: database), in: database)
      var state = known
      for entry in entries where entry.sequence > known.sequence { try state.follow(entry, in: path) }
      let read = Fold(state: state, head: try link(at: state.sequence, in: database))
      return (start == sequence ? entries : entries.filter { $0.sequence > sequence }, read)
    }
    folds.advance(to: read)
    return entries
  }

  /// Of a fold that was made earlier, if the file still holds the history that it was made from.
  func state(of fold: Fold, in database: Database) throws -> LaneState {
    guard try link(at: fold.head.sequence, in: database) == fold.head else {
      throw JournalError.replaced(fold.head.sequence, in: path)
    }
    return fold.state
  }

  package func state() async throws(JournalError) -> LaneState {
    _ = try await entries(after: folds.value.head.sequence)
    return folds.value.state
  }

  package func append(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, nonce: UInt64, at now: Timestamp
  ) async throws(JournalError) -> [Entry] {
    let known = folds.value
    let (entries, fold, isDue) = try await writing { database in
      let link = try head(of: database)
      guard link.sequence == sequence else { throw JournalError.lost(after: sequence) }
      var fold = Fold(state: try self.state(of: known, in: database), head: link)
      if known.head.sequence < sequence {
        for entry in try verified(after: known.head, in: database) { try fold.state.follow(entry, in: path) }
      }
      var entries: [Entry] = []
      for event in events {
        let before = fold.head
        let written = try fold.write(event, by: actor, epoch: epoch, nonce: nonce, at: now)
        try insert(written, after: before, in: database)
        entries.append(written.entry)
        if case .leaseAcquired(let ttl, _) = event {
          try takeLease(epoch: written.entry.sequence, ttl: ttl, in: database)
        }
        if case .leaseReleased = event { try database.execute(sql: "DELETE FROM lease") }
      }
      return (entries, fold, try snapshotIsDue(at: fold.head.sequence, in: database))
    }
    folds.advance(to: fold)
    if isDue { await keepSnapshot(of: fold.state, head: fold.head.hash) }
    return entries
  }

  package func head(at sequence: UInt64) async throws(JournalError) -> Digest {
    let hash = try await reading { database in try link(at: sequence, in: database).hash }
    guard hash.count == 32 else {
      throw JournalError(
        .corrupt, "the hash of entry \(sequence) of \(path) is no hash", help: "restore it from a copy")
    }
    return Digest(bytes: hash)
  }

  package func put(_ bytes: [UInt8]) async throws(JournalError) -> Digest {
    let digest = Digest(of: bytes)
    try await writing { database in
      try database.execute(
        sql: "INSERT OR IGNORE INTO blob(digest, bytes) VALUES (?, ?)", arguments: [digest.hex, Data(bytes)])
    }
    return digest
  }

  package func blob(_ digest: Digest) async throws(JournalError) -> [UInt8] {
    let bytes = try await reading { database in
      try Data.fetchOne(database, sql: "SELECT bytes FROM blob WHERE digest = ?", arguments: [digest.hex])
    }
    guard let bytes else { throw .missing(digest, in: path) }
    guard Digest(of: bytes) == digest else { throw .spoilt(digest, in: path) }
    return Array(bytes)
  }
}

// MARK: - Transactions

extension SQLiteJournal {
  func writing<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(JournalError) -> T {
    do {
      return try await queue.write { database in
        try Schema.bringUpToDate(database, at: path)
        return try work(database)
      }
    } catch {
      throw JournalError(using: path, error)
    }
  }

  func reading<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(JournalError) -> T {
    do {
      return try await queue.read { database in
        _ = try Schema.known(in: database, at: path)
        return try work(database)
      }
    } catch {
      throw JournalError(using: path, error)
    }
  }
}

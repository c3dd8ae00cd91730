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
  let folds = FoldCache()
  /// What may have come from a snapshot: for people.
  let looks = FoldCache()
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
    let fold = folds.fold
    let (entries, read) = try await reading { database in
      let known = try state(of: fold, in: database)
      let start = min(sequence, known.sequence)
      let entries = try verified(after: try link(at: start, in: database), in: database)
      var state = known
      for entry in entries where entry.sequence > known.sequence { try follow(entry, &state) }
      let read = Fold(state: state, head: try link(at: state.sequence, in: database))
      return (start == sequence ? entries : entries.filter { $0.sequence > sequence }, read)
    }
    folds.advance(to: read)
    return entries
  }

  /// Of a fold that was made earlier, if the file still holds the history that it was made from.
  func state(of fold: Fold, in database: Database) throws -> LaneState {
    guard try link(at: fold.head.sequence, in: database) == fold.head else {
      throw JournalError(
        .corrupt, "\(path) holds another history than it did a moment ago: entry \(fold.head.sequence) was replaced",
        help: "find out who wrote it and restore it from a copy; nothing was changed")
    }
    return fold.state
  }

  package func state() async throws(JournalError) -> LaneState {
    _ = try await entries(after: folds.fold.head.sequence)
    return folds.fold.state
  }

  package func append(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, nonce: UInt64, at now: Timestamp
  ) async throws(JournalError) -> [Entry] {
    let fold = folds.fold
    let (entries, state, link, isDue) = try await writing { database in
      var link = try head(of: database)
      guard link.sequence == sequence else {
        throw JournalError(.conflict, "entry \(sequence + 1) was written by somebody else")
      }
      var state = try self.state(of: fold, in: database)
      if state.sequence < sequence {
        for entry in try verified(after: fold.head, in: database) { try follow(entry, &state) }
      }
      var entries: [Entry] = []
      for event in events {
        let entry = Entry(
          sequence: link.sequence + 1, at: now, actor: actor, epoch: event.needsLease ? epoch : nil,
          nonce: nonce, event: event)
        if let refusal = state.refusal(of: entry) {
          throw JournalError(.inadmissible, refusal.description, help: "see what is under way: rollout status")
        }
        try state.apply(entry)
        link = try insert(entry, after: link, in: database)
        entries.append(entry)
        if case .leaseAcquired(let ttl, _) = event { try takeLease(epoch: entry.sequence, ttl: ttl, in: database) }
        if case .leaseReleased = event { try database.execute(sql: "DELETE FROM lease") }
      }
      return (entries, state, link, try snapshotIsDue(at: link.sequence, in: database))
    }
    folds.advance(to: Fold(state: state, head: link))
    if isDue { await keepSnapshot(of: state, head: link.hash) }
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
    guard let bytes else {
      throw JournalError(
        .notFound, "no blob \(digest.short) in \(path)", help: "restore the journal from a copy; nothing was changed")
    }
    guard Digest(of: bytes) == digest else {
      throw JournalError(
        .corrupt, "blob \(digest.short) in \(path) is not what its name says", help: "restore it from a copy")
    }
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

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
  private let fold = FoldCache()

  /// Opens the journal at `path`, making the file and its folder when `service` has none yet.
  package init(path: String, service: String, lineage: @autoclosure () -> String, by actor: Actor, at now: Timestamp)
    async throws(JournalError)
  {
    self.path = path
    host = HostIdentity.current
    try StorageRules.prepare(path)
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration)
    } catch {
      throw JournalError(opening: path, error)
    }
    try await setUp(service: service, lineage: lineage(), by: actor, at: now)
  }

  /// Opens an existing journal for reading and turning round; `nil` when there is none, and then nothing is made.
  package static func existing(
    path: String, service: String, by actor: Actor, at now: Timestamp
  ) async throws(JournalError) -> SQLiteJournal? {
    guard StorageRules.exists(path) else { return nil }
    return try await SQLiteJournal(
      path: path, service: service, lineage: UUID().uuidString.lowercased(), by: actor, at: now)
  }

  static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "rollout.journal"
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON")
    }
    // Writers hold the lock for milliseconds; a starved reader waits longer than a busy writer ever should.
    configuration.busyMode = .timeout(20)
    return configuration
  }

  private func setUp(
    service: String, lineage: String, by actor: Actor, at now: Timestamp
  ) async throws(JournalError) {
    try await writing { database in
      try Schema.create(in: database)
      guard try Schema.version(of: database) <= Schema.current else {
        throw JournalError(
          .newer, "\(path) was written by a newer rollout",
          help: "install the version that wrote it; nothing was changed")
      }
      guard try Row.fetchOne(database, sql: "SELECT 1 FROM event LIMIT 1") == nil else { return }
      try insert(
        Entry(
          sequence: 1, at: now, actor: actor, epoch: nil, event: .laneCreated(service: service, lineage: lineage)),
        after: ChainLink.genesis, in: database)
    }
    guard case .laneCreated(let found, _)? = try await entries(after: 0).first?.event else {
      throw JournalError(.corrupt, "\(path) does not begin as a journal", help: "restore it from a copy")
    }
    guard found == service else {
      throw JournalError(
        .corrupt, "\(path) is the journal of service '\(found)', not '\(service)'",
        help: "name another state path in pipeline.yaml; two services do not share a journal")
    }
  }
}

// MARK: - Journal

extension SQLiteJournal {
  package func entries(after sequence: UInt64) async throws(JournalError) -> [Entry] {
    let known = fold.state
    let (entries, state) = try await reading { database in
      let start = min(sequence, known.sequence)
      let entries = try verified(after: try link(at: start, in: database), in: database)
      var state = known
      for entry in entries where entry.sequence > known.sequence { try follow(entry, &state) }
      return (entries.filter { $0.sequence > sequence }, state)
    }
    fold.advance(to: state)
    return entries
  }

  package func append(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, nonce: UInt64, at now: Timestamp
  ) async throws(JournalError) -> [Entry] {
    let known = fold.state
    let (entries, state) = try await writing { database in
      var link = try head(of: database)
      guard link.sequence == sequence else {
        throw JournalError(.conflict, "entry \(sequence + 1) was written by somebody else")
      }
      var state = known
      for entry in try verified(after: try self.link(at: known.sequence, in: database), in: database) {
        try follow(entry, &state)
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
      return (entries, state)
    }
    fold.advance(to: state)
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
    guard let bytes else { throw JournalError(.notFound, "no blob \(digest.short) in \(path)") }
    guard Digest(of: bytes) == digest else {
      throw JournalError(
        .corrupt, "blob \(digest.short) in \(path) is not what its name says", help: "restore it from a copy")
    }
    return Array(bytes)
  }
}

// MARK: - Rows

extension SQLiteJournal {
  private func head(of database: Database) throws -> ChainLink {
    let row = try Row.fetchOne(database, sql: "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1")
    guard let row else { return .genesis }
    return ChainLink(sequence: UInt64(row["seq"] as Int64), hash: Array(row["hash"] as Data))
  }

  @discardableResult
  private func insert(_ entry: Entry, after link: ChainLink, in database: Database) throws -> ChainLink {
    let body = try CanonicalJSON.bytes(entry)
    let next = link.next(body)
    try database.execute(
      sql: "INSERT INTO event(seq, prev, hash, type, body) VALUES (?, ?, ?, ?, ?)",
      arguments: [
        Int64(next.sequence), Data(link.hash), Data(next.hash), Schema.typeName(of: entry.event), Data(body),
      ])
    return next
  }

  private func link(at sequence: UInt64, in database: Database) throws -> ChainLink {
    guard sequence > 0 else { return .genesis }
    let row = try Row.fetchOne(database, sql: "SELECT hash FROM event WHERE seq = ?", arguments: [Int64(sequence)])
    guard let row else {
      throw JournalError(.corrupt, "entry \(sequence) is gone from \(path)", help: "restore it from a copy")
    }
    return ChainLink(sequence: sequence, hash: Array(row["hash"] as Data))
  }

  /// An entry whose hash is right and that still cannot follow was forged by somebody who can hash.
  private func follow(_ entry: Entry, _ state: inout LaneState) throws {
    do {
      try state.apply(entry)
    } catch {
      throw JournalError(
        .corrupt, "entry \(entry.sequence) of \(path) cannot follow the ones before it: \(error)",
        help: "restore it from a copy; nothing was changed")
    }
  }

  private func verified(after start: ChainLink, in database: Database) throws -> [Entry] {
    var link = start
    let rows = try Row.fetchCursor(
      database, sql: "SELECT seq, prev, hash, body FROM event WHERE seq > ? ORDER BY seq",
      arguments: [Int64(link.sequence)])
    var entries: [Entry] = []
    while let row = try rows.next() {
      let body = Array(row["body"] as Data)
      let next = link.next(body)
      let sequence = UInt64(row["seq"] as Int64)
      guard sequence == next.sequence, Array(row["prev"] as Data) == link.hash, Array(row["hash"] as Data) == next.hash
      else {
        throw JournalError(
          .corrupt, "the chain of \(path) breaks at entry \(sequence)",
          help: "somebody or something changed the file; restore it from a copy. Nothing was changed")
      }
      entries.append(try decode(body, sequence))
      link = next
    }
    return entries
  }

  private func decode(_ body: [UInt8], _ sequence: UInt64) throws -> Entry {
    do {
      return try CanonicalJSON.value(Entry.self, from: body)
    } catch {
      // The chain holds, so these bytes are what was written: by a program that knows more events than this one.
      throw JournalError(
        .newer, "entry \(sequence) of \(path) is of a kind this rollout does not know",
        help: "it was written by a newer version; install that one. Nothing was changed")
    }
  }
}

// MARK: - Errors

extension SQLiteJournal {
  func writing<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(JournalError) -> T {
    do {
      return try await queue.write(work)
    } catch {
      throw JournalError(using: path, error)
    }
  }

  func reading<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(JournalError) -> T {
    do {
      return try await queue.read(work)
    } catch {
      throw JournalError(using: path, error)
    }
  }
}

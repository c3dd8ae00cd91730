import FoundationEssentials
import GRDB
import RolloutCore
import RolloutDigest
import RolloutEngine

/// Entries as rows, each hashed over the one before it.
extension SQLiteJournal {
  func head(of database: Database) throws -> ChainLink {
    let row = try Row.fetchOne(
      database.cachedStatement(sql: "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1"))
    guard let row else { return .genesis }
    return ChainLink(sequence: try row.number("seq"), hash: try row.bytes("hash"))
  }

  @discardableResult
  func insert(_ entry: Entry, after link: ChainLink, in database: Database) throws -> ChainLink {
    let body = try CanonicalJSON.bytes(entry)
    let next = link.next(body)
    let statement = try database.cachedStatement(
      sql: "INSERT INTO event(seq, prev, hash, type, body) VALUES (?, ?, ?, ?, ?)")
    try statement.execute(
      arguments: [
        Int64(next.sequence), Data(link.hash), Data(next.hash), Schema.typeName(of: entry.event), Data(body),
      ])
    return next
  }

  func link(at sequence: UInt64, in database: Database) throws -> ChainLink {
    guard sequence > 0 else { return .genesis }
    let row = try Row.fetchOne(
      database.cachedStatement(sql: "SELECT hash FROM event WHERE seq = ?"), arguments: [Int64(clamping: sequence)])
    guard let row else {
      throw JournalError(.corrupt, "entry \(sequence) is gone from \(path)", help: "restore it from a copy")
    }
    return ChainLink(sequence: sequence, hash: try row.bytes("hash"))
  }

  /// An entry whose hash is right and that still cannot follow was forged by somebody who can hash.
  func follow(_ entry: Entry, _ state: inout LaneState) throws {
    do {
      try state.apply(entry)
    } catch {
      throw JournalError(
        .corrupt, "entry \(entry.sequence) of \(path) cannot follow the ones before it: \(error)",
        help: "restore it from a copy; nothing was changed")
    }
  }

  func verified(after start: ChainLink, in database: Database) throws -> [Entry] {
    var entries: [Entry] = []
    try walk(after: start, in: database) { entry, _, _ in entries.append(entry) }
    return entries
  }

  /// Visits every entry after `start`, at most `limit`, in order, with its link of the chain and what its row calls it.
  /// Throws where the chain breaks.
  func walk(
    after start: ChainLink, limit: Int = -1, in database: Database,
    _ visit: (Entry, ChainLink, _ type: String) throws -> Void
  ) throws {
    var link = start
    let rows = try Row.fetchCursor(
      database, sql: "SELECT seq, prev, hash, body, type FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
      arguments: [Int64(clamping: link.sequence), limit])
    while let row = try rows.next() {
      let body = try row.bytes("body")
      let next = link.next(body)
      let sequence: UInt64 = try row.number("seq")
      guard try sequence == next.sequence && row.bytes("prev") == link.hash && row.bytes("hash") == next.hash else {
        throw JournalError(
          .corrupt, "the chain of \(path) breaks at entry \(sequence)",
          help: "somebody or something changed the file; restore it from a copy. Nothing was changed")
      }
      try visit(try decode(body, sequence), next, try row.text("type"))
      link = next
    }
  }

  private func decode(_ body: [UInt8], _ sequence: UInt64) throws -> Entry {
    do {
      return try CanonicalJSON.ownValue(Entry.self, from: body)
    } catch {
      // The chain holds, so these bytes are what was written: by a program that knows more events than this one.
      throw JournalError(
        .newer, "entry \(sequence) of \(path) is of a kind this rollout does not know",
        help: "it was written by a newer version; install that one. Nothing was changed")
    }
  }
}

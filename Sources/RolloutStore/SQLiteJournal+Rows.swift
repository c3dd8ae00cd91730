import FoundationEssentials
import GRDB
import RolloutCore
import RolloutEngine

/// Entries as rows, each hashed over the one before it.
extension SQLiteJournal {
  func head(of database: Database) throws -> ChainLink {
    let row = try Row.fetchOne(
      database.cachedStatement(sql: "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1"))
    guard let row else { return .genesis }
    return ChainLink(sequence: try row.number("seq"), hash: try row.bytes("hash"))
  }

  func insert(_ written: Fold.Written, after link: ChainLink, in database: Database) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT INTO event(seq, prev, hash, type, body) VALUES (?, ?, ?, ?, ?)")
    try statement.execute(
      arguments: [
        Int64(written.link.sequence), Data(link.hash), Data(written.link.hash),
        Schema.typeName(of: written.entry.event), Data(written.body),
      ])
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
      try visit(try Entry(chained: body, sequence, in: path), next, try row.text("type"))
      link = next
    }
  }
}

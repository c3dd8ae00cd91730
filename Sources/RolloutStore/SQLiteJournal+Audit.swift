import FoundationEssentials
import GRDB
import RolloutCore
import RolloutDigest
package import RolloutEngine

/// Everything recomputed from what is in the file, whatever this process has seen of it before.
extension SQLiteJournal {
  package func audit() async throws(JournalError) -> JournalAudit {
    try await reading { database in
      var audit = JournalAudit(
        entries: [], state: LaneState(), head: Digest(bytes: ChainLink.genesis.hash), blobs: 0, snapshots: 0)
      var kept = try keptSnapshots(in: database)
      try walk(after: .genesis, in: database) { entry, link, type in
        guard type == Schema.typeName(of: entry.event) else {
          throw corrupt("entry \(entry.sequence) of \(path) is listed as '\(type)', and is not")
        }
        try audit.state.follow(entry, in: path)
        audit.entries.append(entry)
        audit.head = Digest(bytes: link.hash)
        guard let row = kept.removeValue(forKey: entry.sequence) else { return }
        guard row == (try Snapshot(of: audit.state, head: link.hash)).columns else { throw lie(entry.sequence) }
        audit.snapshots += 1
      }
      if let beyond = kept.keys.min() { throw lie(beyond) }
      audit.blobs = try checkedBlobs(in: database)
      return audit
    }
  }

  /// The cached folds of this program's format, by their last entry. Nothing can be said of those of other formats,
  /// which nobody with this program reads.
  private func keptSnapshots(in database: Database) throws -> [UInt64: Snapshot.Columns] {
    guard try Schema.version(of: database) >= 2 else { return [:] }
    let rows = try Row.fetchAll(
      database, sql: "SELECT upto, head, digest, state FROM snapshot WHERE format = ?", arguments: [Snapshot.format])
    return Dictionary(
      uniqueKeysWithValues: try rows.map { row in
        (
          try row.number("upto"),
          Snapshot.Columns(
            head: try row.bytes("head"), digest: try row.bytes("digest"), state: try row.bytes("state"))
        )
      })
  }

  private func checkedBlobs(in database: Database) throws -> Int {
    let rows = try Row.fetchCursor(database, sql: "SELECT digest, bytes FROM blob")
    var count = 0
    while let row = try rows.next() {
      let name = try row.text("digest")
      guard Digest(of: try row.bytes("bytes")).hex == name else {
        throw corrupt("blob \(name.prefix(12)) in \(path) is not what its name says")
      }
      count += 1
    }
    return count
  }

  private func corrupt(_ message: String) -> JournalError {
    JournalError(
      .corrupt, message, help: "somebody or something changed the file; restore it from a copy. Nothing was changed")
  }

  private func lie(_ upto: UInt64) -> JournalError {
    JournalError(
      .corrupt, "the snapshot up to entry \(upto) of \(path) is not what the entries fold to; the entries are whole",
      help: "it is a cache, and nothing was decided on it, but `rollout status` and `history` may have shown what it "
        + "says; find out who wrote it, then: sqlite3 \(path) 'DELETE FROM snapshot'")
  }
}

extension Snapshot {
  /// As they are stored.
  struct Columns: Equatable {
    var head: [UInt8]
    var digest: [UInt8]
    var state: [UInt8]
  }

  var columns: Columns { Columns(head: head, digest: digest, state: state) }
}

import FoundationEssentials
import GRDB
package import RolloutCore
import RolloutDigest
package import RolloutEngine

extension SQLiteJournal {
  /// From the newest snapshot that holds, and the entries after it; from the first entry when none does.
  package func lookAtState() async throws(JournalError) -> LaneState {
    let known = [folds.value, looks.value].max { $0.head.sequence < $1.head.sequence } ?? Fold()
    let fold = try await reading { database -> Fold? in
      let start = known.head.sequence > 0 ? try self.state(of: known, in: database) : try snapshot(in: database)
      guard let start, let state = try following(start, in: database) else { return nil }
      return Fold(state: state, head: try link(at: state.sequence, in: database))
    }
    guard let fold else { return try await state() }
    looks.advance(to: fold)
    return fold.state
  }

  /// The fold of what follows `start`; `nil` when that does not lead on, which speaks against `start` until the entries
  /// have been folded without it.
  private func following(_ start: LaneState, in database: Database) throws -> LaneState? {
    let entries = try verified(after: try link(at: start.sequence, in: database), in: database)
    var state = start
    do { for entry in entries { try state.apply(entry) } } catch { return nil }
    return state
  }

  /// The state that the newest snapshot holds, if it is whole, of this program's format, and on this chain.
  private func snapshot(in database: Database) throws -> LaneState? {
    guard try Schema.version(of: database) >= 2 else { return nil }
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT upto, digest, state FROM snapshot JOIN event ON seq = upto AND hash = head
        WHERE format = ? ORDER BY upto DESC LIMIT 1
        """, arguments: [Snapshot.format])
    guard let row else { return nil }
    do {
      let bytes = try row.bytes("state")
      guard Digest(of: bytes).bytes == (try row.bytes("digest")) else { return nil }
      let state = try CanonicalJSON.ownValue(LaneState.self, from: bytes)
      return state.sequence == (try row.number("upto")) && state.isCoherent ? state : nil
    } catch {
      // Written by a program of this format that folds otherwise: a mistake of ours, and not a reason to show nothing.
      return nil
    }
  }

  /// Whether the newest snapshot is so old that a reader would fold many entries. Asked in the writer's transaction.
  func snapshotIsDue(at sequence: UInt64, in database: Database) throws -> Bool {
    let newest = try Int64.fetchOne(
      database.cachedStatement(sql: "SELECT max(upto) FROM snapshot WHERE format = ? AND upto <= ?"),
      arguments: [Snapshot.format, Int64(sequence)])
    return sequence >= UInt64(newest ?? 0) + Snapshot.interval
  }

  /// Keeps the fold in place of the ones before it. After the append and not with it: what it takes is not the append's
  /// business, and neither is a disk that has no room for it.
  func keepSnapshot(of state: LaneState, head: [UInt8]) async {
    do {
      let snapshot = try Snapshot(of: state, head: head)
      try await writing { database in
        try database.execute(sql: "DELETE FROM snapshot")
        try database.execute(
          sql: "INSERT INTO snapshot(upto, head, format, digest, state) VALUES (?, ?, ?, ?, ?)",
          arguments: [
            Int64(snapshot.upto), Data(snapshot.head), Snapshot.format, Data(snapshot.digest), Data(snapshot.state),
          ])
      }
    } catch {
      // A reader folds more entries, that is all.
    }
  }
}

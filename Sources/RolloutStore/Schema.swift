import GRDB
import RolloutCore
import RolloutEngine

/// The tables. Events and blobs can only be added, and the database itself sees to that; the rest is a cache and a cell.
enum Schema {
  static let current = steps.count

  /// What each version added to the one before it. Steps are added, never changed, and touch no event.
  private static let steps = [
    """
    CREATE TABLE event(
      seq INTEGER PRIMARY KEY CHECK(seq > 0), prev BLOB NOT NULL, hash BLOB NOT NULL, type TEXT NOT NULL,
      body BLOB NOT NULL) STRICT;
    CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
    CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
    CREATE TABLE blob(digest TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
    CREATE TRIGGER blob_is_never_changed BEFORE UPDATE ON blob BEGIN SELECT RAISE(ABORT, 'append-only'); END;
    CREATE TABLE lease(
      one INTEGER PRIMARY KEY CHECK(one = 1), epoch INTEGER NOT NULL, boot TEXT NOT NULL, pid INTEGER NOT NULL,
      pid_start INTEGER NOT NULL, renewed_ms INTEGER NOT NULL, ttl_ms INTEGER NOT NULL) STRICT;
    """,
    // A process of the version before may hold the lease meanwhile: its row stays, and it can go on renewing it.
    """
    CREATE TABLE snapshot(
      upto INTEGER PRIMARY KEY CHECK(upto > 0), head BLOB NOT NULL, format INTEGER NOT NULL, digest BLOB NOT NULL,
      state BLOB NOT NULL) STRICT;
    ALTER TABLE lease ADD COLUMN host TEXT NOT NULL DEFAULT '';
    ALTER TABLE lease ADD COLUMN pid_namespace INTEGER NOT NULL DEFAULT 0;
    """,
  ]

  /// Makes the tables, or what this version adds to them. Called in the transaction that then writes.
  static func bringUpToDate(_ database: Database, at path: String) throws {
    let version = try known(in: database, at: path)
    guard version < current else { return }
    if version == 0 { try requireEmpty(database, at: path) }
    for step in steps[version...] { try database.execute(sql: step) }
    try database.execute(sql: "PRAGMA user_version = \(current)")
  }

  /// The file's version, 0 for an empty file; throws when it is one that this program does not know.
  static func known(in database: Database, at path: String) throws -> Int {
    let version = try version(of: database)
    guard version <= current else {
      throw JournalError(
        .newer, "\(path) was written by a newer rollout",
        help: "install the version that wrote it; nothing was changed")
    }
    return version
  }

  static func version(of database: Database) throws -> Int {
    try Int.fetchOne(database.cachedStatement(sql: "PRAGMA user_version")) ?? 0
  }

  /// A file without a version is either nothing yet or somebody else's database.
  static func requireEmpty(_ database: Database, at path: String) throws {
    guard try Row.fetchOne(database, sql: "SELECT 1 FROM sqlite_master LIMIT 1") == nil else {
      throw JournalError(
        .corrupt, "\(path) is a database, and no journal",
        help: "name another state path in pipeline.yaml; nothing was changed")
    }
  }

  /// The event's name, for people who look into the file.
  static func typeName(of event: Event) -> String {
    // Without the values, which may be large: a case that has some is a mirror's only child.
    Mirror(reflecting: event).children.first?.label ?? String(describing: event)
  }
}

/// One link of the hash chain: `hash = SHA-256(previous hash ‖ sequence, 8 bytes big-endian ‖ canonical body)`.
struct ChainLink: Equatable {
  var sequence: UInt64
  var hash: [UInt8]

  static let genesis = ChainLink(sequence: 0, hash: [UInt8](repeating: 0, count: 32))
}

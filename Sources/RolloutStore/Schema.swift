import GRDB
import RolloutCore

/// The tables. Events and blobs can only be added, and the database itself sees to that.
enum Schema {
  static let current = 1

  static func create(in database: Database) throws {
    guard try version(of: database) == 0 else { return }
    try database.execute(
      sql: """
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
        PRAGMA user_version = \(current);
        """)
  }

  static func version(of database: Database) throws -> Int {
    try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
  }

  /// The event's name, for people who look into the file.
  static func typeName(of event: Event) -> String {
    String(String(describing: event).prefix { $0.isLetter })
  }
}

/// One link of the hash chain: `hash = SHA-256(previous hash ‖ sequence, 8 bytes big-endian ‖ canonical body)`.
struct ChainLink: Equatable {
  var sequence: UInt64
  var hash: [UInt8]

  static let genesis = ChainLink(sequence: 0, hash: [UInt8](repeating: 0, count: 32))
}

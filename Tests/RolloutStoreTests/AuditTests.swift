import Foundation
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutStore
import Testing

/// Every lie that somebody with the file in hand can tell is found, and the file is left as it is.
@Suite struct AuditTests {
  private let file = JournalFile()

  static let lies: [(what: String, sql: String, says: String)] = [
    (
      "a body",
      "DROP TRIGGER event_is_never_changed; UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'maria', 'marie') AS BLOB) WHERE seq = 1",
      "entry 1"
    ),
    (
      "a row's name", "DROP TRIGGER event_is_never_changed; UPDATE event SET type = 'leaseReleased' WHERE seq = 3",
      "entry 3"
    ),
    (
      "a hash", "DROP TRIGGER event_is_never_changed; UPDATE event SET hash = zeroblob(32) WHERE seq = 9", "entry 9"
    ),
    (
      "a link", "DROP TRIGGER event_is_never_changed; UPDATE event SET prev = zeroblob(32) WHERE seq = 9", "entry 9"
    ),
    ("a hole", "DROP TRIGGER event_is_never_deleted; DELETE FROM event WHERE seq = 9", "entry 10"),
    (
      "a blob that nothing names", "DROP TRIGGER blob_is_never_changed; UPDATE blob SET bytes = x'00'",
      "blob \(Digest(of: "nobody names me").short)"
    ),
    ("a snapshot", "UPDATE snapshot SET state = x'7b7d'", "snapshot"),
    ("a missing table", "DROP TABLE blob", "blob"),
  ]

  @Test(arguments: lies.indices) func `a changed journal is found out`(index: Int) async throws {
    let (what, sql, says) = Self.lies[index]
    let journal = try await file.filled(to: 300)
    _ = try await journal.put(Array("nobody names me".utf8))
    let audit = try await file.look().audit()
    #expect(audit.blobs == 1 && audit.snapshots == 1)
    #expect(try await audit.head == journal.head(at: audit.state.sequence))
    try await file.edit(sql)
    let before = try file.bytes
    let error = try await JournalError.of { _ = try await file.look().audit() }
    #expect(error?.code == .corrupt, "\(what)")
    #expect(error?.message.contains(says) == true, "\(what): \(error?.message ?? "")")
    #expect(error?.help != nil, "\(what)")
    #expect(try file.bytes == before, "\(what)")
  }

  @Test func `an entry that may not follow is found out however well it is hashed`() async throws {
    let end = try await file.filled(to: 100).state().sequence
    let forged = Entry(
      sequence: end + 1, at: JournalFile.now, actor: JournalFile.maria, epoch: 7, event: .leaseReleased)
    try await file.forge(try CanonicalJSON.bytes(forged), type: "leaseReleased", at: end + 1)
    let error = try await JournalError.of { _ = try await file.look().audit() }
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains("cannot follow") == true)
  }

  @Test func `a history that was written anew has another head`() async throws {
    let journal = try await file.filled(to: 100)
    let other = JournalFile()
    let rewritten = try await SQLiteJournal(
      path: other.path, service: "eye-catcher", lineage: "l-2", by: JournalFile.maria, at: JournalFile.now)
    #expect(try await journal.head(at: 1) != rewritten.head(at: 1))
  }
}

import Foundation
import GRDB
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutStore
import Testing

/// Who only looks writes nothing, whatever the file is.
@Suite struct OpeningTests {
  private let file = JournalFile()

  @Test func `looking waits for no writer and changes nothing`() async throws {
    _ = try await file.filled(to: 300)
    let before = try file.bytes
    try await file.whileNobodyCanWrite {
      let journal = try await file.look()
      #expect(try await journal.lookAtState() == journal.state())
      #expect(try await journal.audit().entries.count >= 300)
      #expect(try await !journal.lookAtLease(epoch: 2).isLive)
    }
    #expect(try file.bytes == before)
  }

  @Test func `a journal that exists is opened for writing without a write`() async throws {
    _ = try await file.open()
    let before = try file.bytes
    try await file.whileNobodyCanWrite {
      let state = try await file.open().state()
      #expect(state.sequence == 1)
    }
    #expect(try file.bytes == before)
  }

  @Test func `where nothing has begun there is no journal, and none is made`() async throws {
    #expect(try await SQLiteJournal.existing(path: file.path, service: "eye-catcher") == nil)
    #expect(!FileManager.default.fileExists(atPath: file.folder))
  }

  @Test func `somebody else's database is left alone`() async throws {
    try FileManager.default.createDirectory(atPath: file.folder, withIntermediateDirectories: true)
    try await file.edit("CREATE TABLE recipe(name TEXT)")
    let before = try file.bytes
    for opening in [{ _ = try await file.open() }, { _ = try await file.look() }] {
      let error = try await JournalError.of(opening)
      #expect(error?.code == .corrupt && error?.message.contains("no journal") == true)
    }
    #expect(try file.bytes == before)
  }

  @Test func `a file of a newer version is opened by nobody and not changed`() async throws {
    _ = try await file.filled(to: 100)
    try await file.edit("PRAGMA user_version = 9")
    let before = try file.bytes
    for opening in [{ _ = try await file.open() }, { _ = try await file.look() }] {
      let error = try await JournalError.of(opening)
      #expect(error?.code == .newer)
      #expect(error?.help?.contains("install") == true)
    }
    #expect(try file.bytes == before)
  }

  @Test func `a journal that becomes newer while it is open is not written any more`() async throws {
    let journal = try await file.open()
    try await file.edit("PRAGMA user_version = 9")
    let before = try file.bytes
    for work: () async throws -> Void in [
      { _ = try await journal.state() }, { _ = try await journal.put([1]) },
      {
        _ = try await journal.append(
          [.leaseAcquired(ttl: .seconds(30), why: .free)], expecting: 1, by: JournalFile.maria, epoch: nil,
          at: JournalFile.now)
      },
    ] { #expect(try await JournalError.of(work)?.code == .newer) }
    #expect(try file.bytes == before)
  }

  @Test func `an event of a newer program stops whoever looks, and nothing is written`() async throws {
    let journal = try await file.filled(to: 300)
    let end = try await journal.state().sequence
    let body = Array(#"{"sequence":\#(end + 1),"event":{"warpDrive":{}}}"#.utf8)
    try await file.forge(body, type: "warpDrive", at: end + 1)
    let before = try file.bytes
    for work: (SQLiteJournal) async throws -> Void in [
      { _ = try await $0.lookAtState() }, { _ = try await $0.state() }, { _ = try await $0.audit() },
    ] {
      let error = try await JournalError.of { try await work(try await file.look()) }
      #expect(error?.code == .newer)
    }
    #expect(try file.bytes == before)
  }

  @Test func `a journal with a hole is corrupt to whoever looks, and nothing is written`() async throws {
    let end = try await file.filled(to: 300).state().sequence
    try await file.edit("DROP TRIGGER event_is_never_deleted; DELETE FROM event WHERE seq = 50")
    let before = try file.bytes
    let journal = try await file.look()
    let error = try await JournalError.of { _ = try await journal.state() }
    #expect(error?.code == .corrupt && error?.message.contains("entry 51") == true)
    let append = try await JournalError.of {
      _ = try await journal.append(
        [.leaseAcquired(ttl: .seconds(30), why: .free)], expecting: end, by: JournalFile.maria, epoch: nil,
        at: JournalFile.now)
    }
    #expect(append?.code == .corrupt)
    #expect(try file.bytes == before)
  }

  // MARK: Version 1

  /// The file as the version before made it, with what it had in it.
  private func makeVersion1() async throws -> LaneState {
    let state = try await file.filled(to: 300).state()
    try await file.edit(
      """
      DROP TABLE snapshot;
      ALTER TABLE lease DROP COLUMN host;
      ALTER TABLE lease DROP COLUMN pid_namespace;
      PRAGMA user_version = 1;
      """)
    #expect(try await file.number("PRAGMA user_version") == 1)
    return state
  }

  private func events() async throws -> [String] {
    let raw = try DatabaseQueue(path: file.path)
    return try await raw.read {
      try String.fetchAll(
        $0, sql: "SELECT seq || hex(prev) || hex(hash) || type || hex(body) FROM event ORDER BY seq")
    }
  }

  @Test func `a journal of version 1 is looked at as it is`() async throws {
    let state = try await makeVersion1()
    let before = try file.bytes
    let journal = try await file.look()
    #expect(try await journal.lookAtState() == state)
    #expect(try await journal.audit().state == state)
    #expect(try await !journal.lookAtLease(epoch: 2).isLive)
    #expect(try file.bytes == before)
  }

  @Test func `a journal of version 1 goes on with its events untouched`() async throws {
    let state = try await makeVersion1()
    let before = try await events()
    let journal = try await file.open()
    #expect(try await file.number("PRAGMA user_version") == 1)
    _ = try await journal.append(
      [.leaseAcquired(ttl: .seconds(30), why: .free)], expecting: state.sequence, by: JournalFile.maria, epoch: nil,
      at: JournalFile.now)
    #expect(try await file.number("PRAGMA user_version") == 2)
    #expect(try await Array(events().prefix(before.count)) == before)
    #expect(try await events().count == before.count + 1)
    #expect(try await journal.lookAtLease(epoch: state.sequence + 1).holderLives == true)
    #expect(try await file.number("SELECT count(*) FROM snapshot") == 1, "the first writer makes one")
    #expect(try await file.look().audit().snapshots == 1)
  }

  @Test func `a lease that a process of version 1 holds outlives the change`() async throws {
    let state = try await makeVersion1()
    let journal = try await file.open()
    _ = try await journal.append(
      [.leaseAcquired(ttl: .seconds(30), why: .free)], expecting: state.sequence, by: JournalFile.maria, epoch: nil,
      at: JournalFile.now)
    let epoch = state.sequence + 1
    // As that version writes and renews it, in a file that is this version's by now.
    try await file.edit(
      """
      INSERT OR REPLACE INTO lease(one, epoch, boot, pid, pid_start, renewed_ms, ttl_ms)
      SELECT 1, epoch, boot, pid, pid_start, renewed_ms, ttl_ms FROM lease;
      UPDATE lease SET renewed_ms = renewed_ms + 1 WHERE epoch = ?
      """, [Int64(epoch)])
    let look = try await file.look().lookAtLease(epoch: epoch)
    #expect(look.isLive && look.holderLives == true && look.reach == .process)
  }
}

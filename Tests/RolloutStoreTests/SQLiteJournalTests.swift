import Foundation
import GRDB
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutStore
import Testing

@Suite struct SQLiteJournalTests {
  private let folder = NSTemporaryDirectory() + "rollout-journal-" + UUID().uuidString
  private var path: String { folder + "/deep/rollout.db" }
  private let maria = Actor(name: "maria", kind: .command, host: "here", pid: 1, version: "test")
  private let now = Timestamp(milliseconds: 1_000)

  private func open(_ service: String = "eye-catcher") async throws(JournalError) -> SQLiteJournal {
    try await SQLiteJournal(path: path, service: service, lineage: "l-1", by: maria, at: now)
  }

  /// Events that may follow one another for ever.
  private func lease(_ why: LeaseReason = .free) -> Event { .leaseAcquired(ttl: .seconds(30), why: why) }

  @Test func `what was appended is read back by another process, event for event`() async throws {
    let journal = try await open()
    let written = try await journal.append([lease()], expecting: 1, by: maria, epoch: nil, at: now)
    let other = try await open()
    let read = try await other.entries(after: 0)
    #expect(read.map(\.sequence) == [1, 2])
    #expect(Array(read.suffix(1)) == written)
    #expect(try await other.entries(after: 2).isEmpty)
  }

  @Test func `who expects an older journal conflicts and writes nothing`() async throws {
    let journal = try await open()
    _ = try await journal.append([lease()], expecting: 1, by: maria, epoch: nil, at: now)
    await #expect(throws: JournalError.self) {
      try await journal.append([lease()], expecting: 1, by: maria, epoch: nil, at: now)
    }
    #expect(try await journal.entries(after: 0).count == 2)
  }

  @Test func `of many writers at once exactly one wins each place`() async throws {
    let wins = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let journal = try await open()
          var won = 0
          for expecting in UInt64(1)..<26 {
            do {
              _ = try await journal.append(
                [lease(expecting == 1 ? .free : .expired)], expecting: expecting, by: maria, epoch: nil, at: now)
              won += 1
            } catch let error as JournalError {
              guard error.code == .conflict else { throw error }
            }
          }
          return won
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(wins == 25)
    let entries = try await open().entries(after: 0)
    #expect(entries.map(\.sequence) == Array(1...26))
  }

  @Test func `the database itself refuses to change or delete what happened`() async throws {
    let journal = try await open()
    _ = try await journal.put(Array("evidence".utf8))
    let raw = try DatabaseQueue(path: path)
    for sql in [
      "UPDATE event SET body = x'00'", "DELETE FROM event", "UPDATE blob SET bytes = x'00'",
    ] {
      #expect(throws: DatabaseError.self) { try raw.write { try $0.execute(sql: sql) } }
    }
  }

  @Test func `a forged body, a hole and a cut tail are found and nothing is written`() async throws {
    let journal = try await open()
    _ = try await journal.append([lease()], expecting: 1, by: maria, epoch: nil, at: now)
    let raw = try DatabaseQueue(path: path)
    try await raw.write { database in
      try database.execute(sql: "DROP TRIGGER event_is_never_changed")
      try database.execute(
        sql: "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'test', 'TEST') AS BLOB) WHERE seq = 2")
    }
    let error = await #expect(throws: JournalError.self) { try await journal.entries(after: 0) }
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains("entry 2") == true)
    try await raw.write { database in
      try database.execute(sql: "DROP TRIGGER event_is_never_deleted; DELETE FROM event WHERE seq = 2")
    }
    let gone = await #expect(throws: JournalError.self) { try await journal.entries(after: 2) }
    #expect(gone?.code == .corrupt)
  }

  @Test func `an event that may not follow is refused and not written`() async throws {
    let journal = try await open()
    let error = await #expect(throws: JournalError.self) {
      try await journal.append([lease(), .leaseReleased, .leaseReleased], expecting: 1, by: maria, epoch: 2, at: now)
    }
    #expect(error?.code == .inadmissible)
    #expect(try await journal.entries(after: 0).count == 1)
  }

  @Test func `a forged entry whose hash is right is found by what it says`() async throws {
    let journal = try await open()
    let raw = try DatabaseQueue(path: path)
    let forged = Entry(sequence: 2, at: now, actor: maria, epoch: 7, event: .leaseReleased)
    try await raw.write { database in
      let previous = try #require(try Data.fetchOne(database, sql: "SELECT hash FROM event WHERE seq = 1"))
      let body = try CanonicalJSON.bytes(forged)
      let number = [UInt8](repeating: 0, count: 7) + [2]
      let hash = Data(Digest(of: Array(previous) + number + body).bytes)
      try database.execute(
        sql: "INSERT INTO event(seq, prev, hash, type, body) VALUES (2, ?, ?, 'leaseReleased', ?)",
        arguments: [previous, hash, Data(body)])
    }
    let error = await #expect(throws: JournalError.self) { try await journal.entries(after: 0) }
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains("cannot follow") == true)
  }

  @Test func `an event of a newer program stops this one without touching the journal`() async throws {
    let journal = try await open()
    let raw = try DatabaseQueue(path: path)
    try await raw.write { database in
      let previous = try #require(try Data.fetchOne(database, sql: "SELECT hash FROM event WHERE seq = 1"))
      let body = Array(#"{"sequence":2,"event":{"warpDrive":{}}}"#.utf8)
      let number = [UInt8](repeating: 0, count: 7) + [2]
      let hash = Data(Digest(of: Array(previous) + number + body).bytes)
      try database.execute(
        sql: "INSERT INTO event(seq, prev, hash, type, body) VALUES (2, ?, ?, 'warpDrive', ?)",
        arguments: [previous, hash, Data(body)])
    }
    let error = await #expect(throws: JournalError.self) { try await journal.entries(after: 0) }
    #expect(error?.code == .newer)
  }

  @Test func `the journal of another service is refused`() async throws {
    _ = try await open()
    let error = await #expect(throws: JournalError.self) { try await open("other") }
    #expect(error?.message.contains("eye-catcher") == true)
  }

  @Test func `a file that is no database is refused and left alone`() async throws {
    try FileManager.default.createDirectory(atPath: folder + "/deep", withIntermediateDirectories: true)
    let rubbish = Data("this is not a database, it is a shopping list: milk, eggs, bread".utf8)
    try rubbish.write(to: URL(fileURLWithPath: path))
    let error = await #expect(throws: JournalError.self) { try await open() }
    #expect(error?.code == .corrupt)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == rubbish)
  }

  @Test func `an empty file is a journal that was cut, and is not begun anew`() async throws {
    _ = try await open()
    try Data().write(to: URL(fileURLWithPath: path))
    let error = await #expect(throws: JournalError.self) { try await open() }
    #expect(error?.code == .corrupt)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).isEmpty)
  }

  @Test func `wherever the file is cut or a bit is changed, it is refused or read as it was`() async throws {
    // Longer than a page, so that rows go on in pages of their own.
    let long = Actor(name: String(repeating: "m", count: 6_000), kind: .command, host: "here", pid: 1, version: "test")
    let journal = try await open()
    _ = try await journal.append([lease()], expecting: 1, by: long, epoch: nil, at: now)
    _ = try await journal.append([lease(.expired)], expecting: 2, by: maria, epoch: nil, at: now)
    let right = try await journal.entries(after: 0)
    let file = URL(fileURLWithPath: path)
    let whole = try Data(contentsOf: file)
    // Every size and byte would take minutes; these steps have no factor in common with a page.
    let cuts = stride(from: 0, to: whole.count, by: 611).map { whole.prefix($0) }
    let flips = stride(from: 0, to: whole.count, by: 53).map { offset in
      var data = whole
      data[offset] ^= 1 << (offset % 8)
      return data
    }
    for damaged in cuts + flips {
      try damaged.write(to: file)
      do {
        let found = try await open()
        #expect(try await found.entries(after: 0) == right)
        _ = try await found.leaseIsLive(epoch: 3)
      } catch {
        #expect([.corrupt, .newer, .storageUnavailable].contains(error.code), "\(error)")
      }
      #expect(try Data(contentsOf: file) == damaged)
    }
  }

  @Test func `of many who make a journal at once one does, and no draft is left`() async throws {
    let beginnings = try await withThrowingTaskGroup(of: [Entry].self) { group in
      for _ in 0..<8 { group.addTask { try await open().entries(after: 0) } }
      return try await group.reduce(into: Set<[Entry]>()) { $0.insert($1) }
    }
    #expect(beginnings.count == 1)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["rollout.db"])
  }

  @Test func `blobs come back as they were, and a spoilt one is not taken for what it says`() async throws {
    let journal = try await open()
    let digest = try await journal.put([1, 2, 3])
    #expect(try await journal.put([1, 2, 3]) == digest)
    #expect(try await journal.blob(digest) == [1, 2, 3])
    let raw = try DatabaseQueue(path: path)
    try await raw.write { database in
      try database.execute(sql: "DROP TRIGGER blob_is_never_changed; UPDATE blob SET bytes = x'00'")
    }
    let error = await #expect(throws: JournalError.self) { try await journal.blob(digest) }
    #expect(error?.code == .corrupt)
    let missing = await #expect(throws: JournalError.self) { try await journal.blob(Digest(of: "nothing")) }
    #expect(missing?.code == .notFound)
  }

  @Test func `a lease lives while its process does and ends when it is taken or given back`() async throws {
    let journal = try await open()
    let lease = Event.leaseAcquired(ttl: .seconds(30), why: .free)
    _ = try await journal.append([lease], expecting: 1, by: maria, epoch: nil, at: now)
    #expect(try await journal.leaseIsLive(epoch: 2))
    #expect(try await journal.renewLease(epoch: 2))
    _ = try await journal.append(
      [.leaseAcquired(ttl: .seconds(30), why: .expired)], expecting: 2, by: maria, epoch: nil, at: now)
    #expect(try await !journal.leaseIsLive(epoch: 2))
    #expect(try await !journal.renewLease(epoch: 2))
    _ = try await journal.append([.leaseReleased], expecting: 3, by: maria, epoch: 3, at: now)
    #expect(try await !journal.leaseIsLive(epoch: 3))
  }

  @Test func `the lease of a dead process is dead at once`() async throws {
    let journal = try await open()
    _ = try await journal.append(
      [.leaseAcquired(ttl: .hours(1), why: .free)], expecting: 1, by: maria, epoch: nil, at: now)
    let raw = try DatabaseQueue(path: path)
    // No process has this number: the kernel's largest is 2^22.
    try await raw.write { try $0.execute(sql: "UPDATE lease SET pid = 99999999") }
    #expect(try await !journal.leaseIsLive(epoch: 2))
    try await raw.write { try $0.execute(sql: "UPDATE lease SET pid = 1, pid_start = -1") }
    #expect(try await !journal.leaseIsLive(epoch: 2), "another process with a dead one's number")
  }

  @Test func `a history that is replaced under an open journal is not gone on with`() async throws {
    let journal = try await open()
    _ = try await journal.append([lease()], expecting: 1, by: maria, epoch: nil, at: now)
    let raw = try DatabaseQueue(path: path)
    try await raw.write { database in
      try database.execute(
        sql: "DROP TRIGGER event_is_never_changed; UPDATE event SET hash = zeroblob(32) WHERE seq = 2")
    }
    for reading in [{ _ = try await journal.state() }, { _ = try await journal.lookAtState() }] {
      let error = await #expect(throws: JournalError.self) { try await reading() }
      #expect(error?.code == .corrupt && error?.message.contains("another history") == true)
    }
    let error = await #expect(throws: JournalError.self) {
      try await journal.append([lease(.expired)], expecting: 2, by: maria, epoch: nil, at: now)
    }
    #expect(error?.code == .corrupt)
  }

  @Test func `a place that cannot be written says so with a remedy`() async throws {
    let error = await #expect(throws: JournalError.self) {
      try await SQLiteJournal(path: "/proc/nowhere/rollout.db", service: "s", lineage: "l", by: maria, at: now)
    }
    #expect(error?.code == .storageUnavailable)
    #expect(error?.help != nil)
  }
}

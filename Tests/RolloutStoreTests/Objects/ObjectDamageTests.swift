import JournalConformance
import RolloutCore
import RolloutDigest
import RolloutEngine
import Synchronization
import Testing

@testable import RolloutStore

/// What somebody or something does to the objects is found, and nothing of it is changed.
@Suite struct ObjectDamageTests {
  private let objects = JournalObjects()

  struct Damage: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code = JournalError.Code.corrupt
    var says: String
    var change: @Sendable (JournalObjects) throws -> Void
  }

  private static func key(_ sequence: UInt64) -> String { ObjectName.entry(sequence) }

  private static func cut(_ key: String, _ objects: JournalObjects, by count: Int) {
    objects.store.edit(key, objects.store.bytes(key)?.dropLast(count))
  }

  /// Done to a journal of 1 + 20 entries in 11 objects.
  static let damages = [
    Damage(testDescription: "an entry in the middle is missing", says: "entry 8 is gone") {
      $0.store.edit(key(8), nil)
    },
    Damage(testDescription: "a letter is another one", says: "entry 8") {
      try $0.replace("maria", by: "marie", in: key(8))
    },
    Damage(testDescription: "a hash is another one", says: "entry 8") {
      try $0.replace("\"prev\":\"", by: "\"prev\":\"0", in: key(8))
    },
    Damage(testDescription: "an object was cut", says: "entry 8") { cut(key(8), $0, by: 1) },
    Damage(testDescription: "an object was cut in a line", says: "entry 8") { cut(key(8), $0, by: 200) },
    Damage(testDescription: "an object is empty", says: "entry 8") { $0.store.edit(key(8), []) },
    Damage(testDescription: "an object stands twice", says: "entry 10") {
      $0.store.edit(key(10), $0.store.bytes(key(8)))
    },
    Damage(testDescription: "an object has another's name", says: "entry 10") {
      $0.store.edit(key(9), $0.store.bytes(key(10)))
    },
    Damage(testDescription: "the beginning is missing", says: "does not begin") { $0.store.edit(key(1), nil) },
    Damage(testDescription: "all entries are missing", says: "does not begin") { objects in
      for key in objects.entryKeys { objects.store.edit(key, nil) }
    },
    Damage(testDescription: "it is another service's", says: "first entry") {
      try $0.replace("eye-catcher", by: "ear-catcher", in: ObjectName.meta)
    },
    Damage(testDescription: "the journal is a newer program's", code: .newer, says: "newer") {
      try $0.replace("\"schema\":1", by: "\"schema\":2", in: ObjectName.meta)
    },
    Damage(testDescription: "a newer program went on with it", code: .newer, says: "newer") {
      try $0.replace("\"format\":1", by: "\"format\":2", in: key(20))
    },
  ]

  @Test(arguments: damages) func `a changed journal is found out by whoever reads, decides or writes`(
    damage: Damage
  ) async throws {
    let head = try await objects.filled(withAppends: 10).state().sequence
    try damage.change(objects)
    let before = objects.store.contents
    for work: (ObjectJournal) async throws -> Void in [
      { _ = try await $0.state() }, { _ = try await $0.lookAtState() }, { _ = try await $0.audit() },
      { _ = try await $0.entries(after: 0) }, { try await JournalObjects.takeAndGive($0, after: head) },
    ] {
      for opening in [{ try await objects.look() }, { try await objects.open() }] {
        let error = try await JournalError.of { try await work(try await opening()) }
        #expect(error?.code == damage.code, "\(error?.message ?? "nothing")")
        #expect(error?.message.contains(damage.says) == true, "\(error?.message ?? "nothing")")
        #expect("\(error?.message ?? "")".contains("s3://models/state/") && error?.help != nil)
      }
    }
    #expect(objects.store.contents == before)
  }

  @Test func `an entry that may not follow is found however well it is hashed`() async throws {
    try await objects.filled(withAppends: 2)
    let forged = Entry(
      sequence: 6, at: JournalObjects.now, actor: JournalObjects.maria, epoch: 7, event: .leaseReleased)
    try await objects.forge(try CanonicalJSON.bytes(forged), after: 5)
    for work: (ObjectJournal) async throws -> Void in [{ _ = try await $0.state() }, { _ = try await $0.audit() }] {
      let error = try await JournalError.of { try await work(try await objects.look()) }
      #expect(error?.code == .corrupt && error?.message.contains("cannot follow") == true)
    }
  }

  @Test func `an event of a newer program stops this one`() async throws {
    let journal = try await objects.filled(withAppends: 2)
    try await objects.forge(Array(#"{"sequence":6,"event":{"warpDrive":{}}}"#.utf8), after: 5)
    let before = objects.store.contents
    for journal in [journal, try await objects.look()] {
      for work: () async throws -> Void in [
        { _ = try await journal.state() }, { try await JournalObjects.takeAndGive(journal, after: 5) },
        { try await JournalObjects.takeAndGive(journal, after: 6) },
      ] { #expect(try await JournalError.of(work)?.code == .newer) }
    }
    #expect(objects.store.contents == before)
  }

  @Test func `what does not belong there is passed over`() async throws {
    let state = try await objects.filled(withAppends: 2).state()
    for key in ["entries/", "entries/notes.txt", "entries/7", "segments/x-y", "readme"] {
      objects.store.edit(key, Array("not ours".utf8))
    }
    #expect(try await objects.look().state() == state)
    #expect(try await objects.look().audit().state == state)
    try await JournalObjects.takeAndGive(try await objects.look(), after: 5)
  }

  @Test func `a spoilt blob is not taken for what it says`() async throws {
    let journal = try await objects.open()
    let digest = try await journal.put([1, 2, 3])
    #expect(try await objects.look().audit().blobs == 1)
    objects.store.edit(ObjectName.blobs + digest.hex, [0])
    #expect(try await JournalError.of { _ = try await journal.blob(digest) }?.code == .corrupt)
    let error = try await JournalError.of { _ = try await journal.audit() }
    #expect(error?.code == .corrupt && error?.message.contains(digest.short) == true)
  }

  // MARK: Opening

  @Test func `where nothing has begun there is no journal, and none is made`() async throws {
    #expect(
      try await ObjectJournal.existing(in: objects.store, at: JournalObjects.place, service: "eye-catcher") == nil)
    #expect(objects.store.keys.isEmpty)
  }

  @Test func `whoever only looks writes nothing`() async throws {
    try await objects.filled(to: 300)
    objects.store.happen { request, _ in
      switch request {
      case .put, .delete: .refused(code: "AccessDenied")
      case .read, .list: nil
      }
    }
    let journal = try await objects.look()
    #expect(try await journal.lookAtState() == journal.state())
    #expect(try await journal.audit().entries.count >= 300)
    #expect(try await !journal.lookAtLease(epoch: 2).isLive)
  }

  @Test func `the journal of another service is refused`() async throws {
    _ = try await objects.open()
    let error = try await JournalError.of { _ = try await objects.open("other") }
    #expect(error?.code == .corrupt && error?.message.contains("eye-catcher") == true)
  }

  @Test func `of many who make a journal at once one does`() async throws {
    let beginnings = try await withThrowingTaskGroup(of: [Entry].self) { group in
      for number in 0..<8 {
        group.addTask {
          try await ObjectJournal(
            in: objects.store, at: JournalObjects.place, service: "eye-catcher", lineage: "l-\(number)",
            by: JournalObjects.maria, at: JournalObjects.now
          ).entries(after: 0)
        }
      }
      return try await group.reduce(into: Set<[Entry]>()) { $0.insert($1) }
    }
    #expect(beginnings.count == 1)
    #expect(objects.store.keys == [ObjectName.entry(1), ObjectName.meta])
  }

  @Test func `a maker that dies before the name card leaves a journal, and the next opener makes the card`()
    async throws
  {
    objects.store.happen { request, _ in
      request.isPut && request.key == ObjectName.meta ? .refused(code: "SlowDown") : nil
    }
    #expect(try await JournalError.of { _ = try await objects.open() }?.code == .storageUnavailable)
    #expect(objects.store.keys == [ObjectName.entry(1)])
    objects.store.happen { _, _ in nil }
    #expect(try await objects.look().state().sequence == 1)
    #expect(objects.store.keys == [ObjectName.entry(1)])
    _ = try await objects.open()
    #expect(objects.store.keys == [ObjectName.entry(1), ObjectName.meta])
  }

  @Test func `a journal is made though every answer is lost once`() async throws {
    let lost = Mutex<Set<FakeObjects.Request>>([])
    objects.store.happen { request, _ in lost.withLock { $0.insert(request).inserted } ? .lostAfter : nil }
    #expect(try await objects.open().state().sequence == 1)
    #expect(objects.store.keys == [ObjectName.entry(1), ObjectName.meta])
  }

  @Test func `no journal is kept in a store that overwrites what it is told not to`() async throws {
    objects.store.happen { request, _ in request.isPut ? .unconditional : nil }
    for _ in 0..<2 {
      let error = try await JournalError.of { _ = try await objects.open() }
      #expect(error?.code == .storageUnavailable && error?.help?.contains("If-None-Match") == true)
    }
    objects.store.happen { _, _ in nil }
    #expect(try await objects.open().state().sequence == 1)
  }
}

import JournalConformance
import RolloutCore
import RolloutDigest
import RolloutEngine
import Testing

@testable import RolloutStore

/// Segments and snapshots: they save requests and never say anything of their own.
@Suite struct ObjectCopiesTests {
  private let objects = JournalObjects()

  private func requests(_ work: () async throws -> Void) async throws -> Int {
    let before = objects.store.requests.count
    try await work()
    return objects.store.requests.count - before
  }

  @Test func `a long journal takes few requests, some of them at once`() async throws {
    // Two entries an object: more than two segments of them.
    let state = try await objects.filled(withAppends: 150).state()
    #expect(objects.segmentKeys.count == 2 && objects.entryKeys.count == 151)
    var read: LaneState?
    let count = try await requests { read = try await objects.look().state() }
    #expect(read == state)
    // Two to open, two lists, two segments, and the objects after them.
    #expect(count < 30, "\(count) requests")
    let looking = try await requests { _ = try await objects.look().lookAtState() }
    #expect(looking < 40, "\(looking) requests")
    for key in objects.segmentKeys { objects.store.edit(key, nil) }
    let alone = try await requests { read = try await objects.look().state() }
    #expect(read == state && alone > 150)
    #expect(objects.store.atOnceMax > 1 && objects.store.atOnceMax <= ObjectJournal.requestsMax)
  }

  private static let places: [UInt64] = [0, 1, 2, 3, 64, 128, 129, 130, 131, 140, 141]

  @Test func `packed or not, what is read is the same from anywhere`() async throws {
    let journal = try await objects.filled(withAppends: 70)
    let all = try await objects.look().entries(after: 0)
    #expect(all.map(\.sequence) == Array(1...141))
    for reader in [journal, try await objects.look()] {
      for sequence in Self.places {
        #expect(try await reader.entries(after: sequence) == Array(all.dropFirst(Int(sequence))))
      }
    }
    for sequence in Self.places { #expect(try await journal.head(at: sequence) == objects.look().head(at: sequence)) }
  }

  @Test func `a writer that dies before the segment leaves it to the next one`() async throws {
    objects.store.happen { request, _ in
      request.isPut && request.key.hasPrefix(ObjectName.segments) ? .refused(code: "AccessDenied") : nil
    }
    let state = try await objects.filled(withAppends: 80).state()
    #expect(objects.segmentKeys.isEmpty)
    #expect(try await objects.look().state() == state)
    objects.store.happen { _, _ in nil }
    let next = try await objects.look()
    try await JournalObjects.takeAndGive(next, after: state.sequence)
    #expect(objects.segmentKeys == [ObjectName.segment(1...129)])
    #expect(objects.entryKeys.count == 82, "entries stay")
    #expect(try await objects.look().audit().state == next.state())
  }

  @Test func `two who pack at once make one segment`() async throws {
    objects.store.happen { request, _ in
      request.isPut && request.key.hasPrefix(ObjectName.segments) ? .unreachable : nil
    }
    try await objects.filled(withAppends: 80)
    objects.store.happen { _, _ in nil }
    let readers = [try await objects.look(), try await objects.look()]
    var histories: [ObjectHistory] = []
    for reader in readers { histories.append(try await reader.upToDate()) }
    await withTaskGroup(of: Void.self) { group in
      for (reader, history) in zip(readers, histories) { group.addTask { await reader.keepUp(with: history) } }
    }
    #expect(objects.segmentKeys == [ObjectName.segment(1...129)])
    #expect(objects.store.requests.filter { $0 == .put(ObjectName.segment(1...129)) }.count > 80 / 40)
    _ = try await objects.look().audit()
  }

  // MARK: Spoilt copies

  struct Spoilt: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var isLie = true
    var change: @Sendable (JournalObjects) throws -> Void
  }

  private static let first = ObjectName.segment(1...129)
  private static let second = ObjectName.segment(130...257)

  static let spoilt = [
    Spoilt(testDescription: "a missing segment", isLie: false) { $0.store.edit(first, nil) },
    Spoilt(testDescription: "a segment with another letter") { try $0.replace("maria", by: "marie", in: first) },
    Spoilt(testDescription: "a segment that was cut") { $0.store.edit(second, $0.store.bytes(second)?.dropLast(300)) },
    Spoilt(testDescription: "an empty segment") { $0.store.edit(second, []) },
    Spoilt(testDescription: "a segment of another name") { objects in
      objects.store.edit(ObjectName.segment(258...300), objects.store.bytes(second))
    },
    Spoilt(testDescription: "a missing snapshot", isLie: false) { $0.store.edit(ObjectName.snapshot, nil) },
    Spoilt(testDescription: "a snapshot with another letter") {
      try $0.replace("eye-catcher", by: "ear-catcher", in: ObjectName.snapshot)
    },
    Spoilt(testDescription: "a snapshot that was cut") { objects in
      objects.store.edit(ObjectName.snapshot, objects.store.bytes(ObjectName.snapshot)?.dropLast(40))
    },
    Spoilt(testDescription: "a snapshot of another format", isLie: false) {
      try $0.replace("\"format\":1", by: "\"format\":4711", in: ObjectName.snapshot)
    },
    Spoilt(testDescription: "a snapshot of another chain") { objects in
      try objects.replace("\"head\":\"", by: "\"head\":\"0", in: ObjectName.snapshot)
    },
    Spoilt(testDescription: "a snapshot of another entry") { objects in
      try objects.replace("\"upto\":2", by: "\"upto\":9", in: ObjectName.snapshot)
    },
    Spoilt(testDescription: "rubbish for a snapshot") { $0.store.edit(ObjectName.snapshot, [1, 2, 3]) },
  ]

  @Test(arguments: spoilt) func `a copy that is not whole is passed over, and told`(spoilt: Spoilt) async throws {
    let state = try await objects.filledOnce().state()
    #expect(objects.segmentKeys == [Self.first, Self.second])
    try spoilt.change(objects)
    #expect(try await objects.look().lookAtState() == state)
    #expect(try await objects.look().state() == state)
    #expect(try await objects.look().entries(after: 0).count == 281)
    let error = try await JournalError.of { _ = try await objects.look().audit() }
    #expect((error != nil) == spoilt.isLie, "\(error?.message ?? "")")
    if let error {
      #expect(error.code == .corrupt && error.help?.contains("cache") == true)
      #expect(error.message.contains("segment") || error.message.contains("snapshot"))
    }
    // And the next writer goes on.
    try await JournalObjects.takeAndGive(try await objects.look(), after: state.sequence)
  }

  @Test func `a segment of another history, however well hashed, leads nowhere`() async throws {
    let state = try await objects.filledOnce().state()
    // The history that somebody else's journal has, in its own objects.
    let other = JournalObjects()
    let theirs = try await ObjectJournal(
      in: other.store, at: JournalObjects.place, service: "eye-catcher", lineage: "l-2", by: JournalObjects.maria,
      at: JournalObjects.now)
    for round in UInt64(0)..<140 { try await JournalObjects.takeAndGive(theirs, after: 1 + 2 * round) }
    for key in [Self.first, Self.second] { objects.store.edit(key, other.store.bytes(key)) }
    #expect(try await objects.look().state() == state)
    let error = try await JournalError.of { _ = try await objects.look().audit() }
    #expect(error?.message.contains("segment") == true)
  }

  @Test func `a forged snapshot deceives whoever looks, decides nothing, and is found`() async throws {
    let honest = try await objects.filled(to: 300).state()
    let bytes = try #require(objects.store.bytes(ObjectName.snapshot))
    var kept = try #require(KeptSnapshot(bytes))
    var state = try CanonicalJSON.value(LaneState.self, from: kept.state)
    state.environments["production"]?.path = [1]
    kept.state = try CanonicalJSON.bytes(state)
    kept.header.digest = Digest(of: kept.state)
    objects.store.edit(ObjectName.snapshot, kept.bytes)
    #expect(try await objects.look().lookAtState() != honest)
    #expect(try await objects.look().state() == honest)
    let deciding = try await objects.look()
    _ = try await deciding.state()
    #expect(try await deciding.lookAtState() == honest)
    let found = try await JournalError.of { _ = try await objects.look().audit() }
    #expect(found?.code == .corrupt && found?.message.contains("snapshot") == true)
  }

  @Test func `a snapshot is replaced by a newer one and never by an older one`() async throws {
    var seen: [UInt64] = []
    for count in [UInt64(100), 200, 300, 500] {
      try await objects.filled(to: count)
      let upto = objects.store.bytes(ObjectName.snapshot).flatMap { KeptSnapshot($0) }?.header.upto
      if let upto { seen.append(upto) }
    }
    #expect(seen == seen.sorted() && Set(seen).count == 3, "\(seen)")
    #expect(try await objects.look().audit().snapshots == 1)
  }
}

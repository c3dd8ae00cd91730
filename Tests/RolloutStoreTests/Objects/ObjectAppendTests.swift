import JournalConformance
import RolloutCore
import RolloutEngine
import Testing

@testable import RolloutStore

/// Writers who race each other over a network that loses what they are told.
@Suite struct ObjectAppendTests {
  private let objects = JournalObjects()

  private func lease(_ why: LeaseReason = .free) -> Event { .leaseAcquired(ttl: .seconds(30), why: why) }

  @Test func `of two writers who race 200 times each place is won once`() async throws {
    _ = try await objects.open()
    let wins = try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for _ in 0..<2 {
        group.addTask {
          let journal = try await objects.open()
          var won: [UInt64] = []
          for round in UInt64(0)..<100 {
            do {
              won += try await JournalObjects.takeAndGive(journal, after: 1 + 2 * round).map(\.sequence)
            } catch let error as JournalError { #expect(error.code == .conflict) }
          }
          return won
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(wins.joined().sorted() == Array(2...201))
    let audit = try await objects.look().audit()
    #expect(audit.entries.map(\.sequence) == Array(1...201))
  }

  @Test func `an append whose answer is lost is found to be written`() async throws {
    let journal = try await objects.open()
    objects.store.happenOnce(.lostAfter) { $0.isPut }
    let entries = try await journal.append(
      [lease()], expecting: 1, by: JournalObjects.maria, epoch: nil, nonce: 7, at: JournalObjects.now)
    #expect(entries.map(\.nonce) == [7])
    #expect(try await objects.look().entries(after: 1) == entries)
  }

  @Test func `an append that may still arrive is unknown, and written once whoever tries it again`() async throws {
    let journal = try await objects.open()
    objects.store.happenOnce(.late(after: 6)) { $0.isPut }
    let error = try await JournalError.of {
      _ = try await journal.append(
        [lease()], expecting: 1, by: JournalObjects.maria, epoch: nil, nonce: 7, at: JournalObjects.now)
    }
    #expect(error?.code == .unknown)
    #expect(error?.message.contains("s3://models/state/entries/00000000000000000002") == true)
    // The same again, a moment later, whether the first has arrived by then or not.
    var entries: [Entry]?
    while entries == nil {
      entries = try? await journal.append(
        [lease()], expecting: 1, by: JournalObjects.maria, epoch: nil, nonce: 7, at: JournalObjects.now + .seconds(1))
      if entries == nil { entries = try await journal.entries(after: 1) }
    }
    for _ in 0..<10 { _ = try await objects.look().state() }
    #expect(try await objects.look().entries(after: 1) == entries)
    #expect(entries?.map(\.nonce) == [7])
  }

  /// `n`: how many requests later the write comes.
  @Test(arguments: 0..<12) func `whenever a write comes late it is recognised as one's own`(n: Int) async throws {
    let journal = try await objects.open()
    objects.store.happenOnce(.late(after: n)) { $0.isPut }
    let entries = try await journal.appendOnce(
      [lease()], expecting: 1, by: JournalObjects.maria, at: JournalObjects.now)
    #expect(entries?.count == 1)
    for _ in 0..<5 { _ = try await objects.look().state() }
    let read = try await objects.look().entries(after: 0)
    #expect(read.count == 2 && read.last == entries?.first)
  }

  @Test func `an own write that arrives just before it is tried again is taken as it stands`() async throws {
    var taken: [Timestamp] = []
    for n in 0..<12 {
      let objects = JournalObjects()
      let journal = try await objects.open()
      objects.store.happenOnce(.late(after: n)) { $0.isPut }
      for second in Int64(0)..<2 {
        let entries = try? await journal.append(
          [lease()], expecting: 1, by: JournalObjects.maria, epoch: nil, nonce: 7,
          at: JournalObjects.now + .seconds(second))
        if second == 1, let entries { taken += entries.map(\.at) }
      }
      for _ in 0..<5 { _ = try await objects.look().state() }
      let read = try await journal.entries(after: 1)
      #expect(read.map(\.nonce) == [7], "\(n) requests later")
    }
    #expect(Set(taken) == [JournalObjects.now, JournalObjects.now + .seconds(1)], "earlier ones and new ones")
  }

  @Test func `somebody else's entry in the place of a lost one is a conflict`() async throws {
    let (journal, other) = (try await objects.open(), try await objects.open())
    _ = try await journal.state()
    objects.store.happen { request, _ in request.isPut ? .lostBefore : nil }
    let unknown = try await JournalError.of { try await JournalObjects.takeAndGive(journal, after: 1) }
    #expect(unknown?.code == .unknown)
    objects.store.happen { _, _ in nil }
    try await JournalObjects.takeAndGive(other, after: 1)
    let conflict = try await JournalError.of { try await JournalObjects.takeAndGive(journal, after: 1) }
    #expect(conflict?.code == .conflict)
  }

  @Test(arguments: [
    (FakeObjects.Fault.unreachable, "no route"), (.refused(code: "AccessDenied"), "s3:PutObject"),
    (.refused(code: "SlowDown"), "again"), (.refused(code: "NoSuchBucket"), "make the bucket"),
  ]) func `a write that is refused is told with its place and a remedy`(fault: FakeObjects.Fault, says: String)
    async throws
  {
    let journal = try await objects.open()
    let before = objects.store.contents
    objects.store.happen { request, _ in request.isPut ? fault : nil }
    let error = try await JournalError.of { try await JournalObjects.takeAndGive(journal, after: 1) }
    #expect(error?.code == .storageUnavailable)
    let told = "\(error?.message ?? "") \(error?.help ?? "")"
    #expect(told.contains(says) && told.contains("s3://models/state/entries/00000000000000000002"))
    #expect(objects.store.contents == before)
    objects.store.happen { _, _ in nil }
    try await JournalObjects.takeAndGive(journal, after: 1)
  }

  @Test func `who may not read or list is told which permission is missing`() async throws {
    let journal = try await objects.filled(withAppends: 1)
    for (concerns, permission) in [("entries/", "s3:ListBucket"), ("entries/00000000000000000002", "s3:GetObject")] {
      objects.store.happen { request, _ in
        !request.isPut && request.key == concerns ? .refused(code: "AccessDenied") : nil
      }
      let error = try await JournalError.of { _ = try await journal.state() }
      #expect(error?.code == .storageUnavailable)
      #expect(error?.help?.contains(permission) == true && error?.help?.contains("s3://models/state/") == true)
    }
  }

  @Test func `a history that is replaced under an open journal is not gone on with`() async throws {
    let journal = try await objects.filled(withAppends: 2)
    let before = try await journal.state().sequence
    try objects.replace("maria", by: "marie", in: "entries/00000000000000000004")
    let held = objects.store.contents
    for work: () async throws -> Void in [
      { _ = try await journal.state() }, { _ = try await journal.lookAtState() },
      { _ = try await journal.entries(after: before) },
      { try await JournalObjects.takeAndGive(journal, after: before) },
    ] {
      let error = try await JournalError.of(work)
      #expect(error?.code == .corrupt && error?.message.contains("another history") == true)
    }
    #expect(objects.store.contents == held)
  }

  @Test func `polling a journal where nothing happens asks for no list`() async throws {
    let journal = try await objects.filled(withAppends: 3)
    let before = objects.store.requests.count
    #expect(try await journal.entries(after: 7).isEmpty)
    #expect(
      Set(objects.store.requests.dropFirst(before)) == [
        .read("entries/00000000000000000006"), .read("entries/00000000000000000008"),
      ])
  }

  @Test(.timeLimit(.minutes(1))) func `an append does not wait for ever for what comes after it`() async throws {
    var journal = try await objects.open()
    journal.patience = .milliseconds(10)
    objects.store.happen { request, _ in request.key == "lease" ? .hangs : nil }
    #expect(try await JournalObjects.takeAndGive(journal, after: 1).count == 2)
    #expect(try await objects.look().state().sequence == 3)
  }

  /// What happens to a request: mostly nothing.
  private static func mishap(_ request: FakeObjects.Request, _ number: Int, seed: UInt64) -> FakeObjects.Fault? {
    var chance = SplitMix(seed: seed &* 1_000_003 &+ UInt64(number))
    let drawn = chance.next() % 30
    switch drawn {
    case 0: return .unreachable
    case 1: return .refused(code: "SlowDown")
    case 2: return .lostBefore
    case 3, 4: return .lostAfter
    case 5, 6, 7: return request.isPut ? .late(after: Int(chance.next() % 12)) : nil
    default: return nil
    }
  }

  private struct Outcome {
    var acknowledged: [Entry] = []
    /// Appends of which the writer knows that it does not know.
    var doubtful = 0
  }

  private func write(as pid: Int32) async -> Outcome {
    let actor = Actor(name: "w", kind: .command, host: "here", pid: pid, version: "test")
    var (outcome, journal) = (Outcome(), ObjectJournal?.none)
    for _ in 0..<12 {
      do {
        if journal == nil { journal = try await objects.open() }
        guard let journal else { break }
        let end = try await journal.state().sequence
        outcome.acknowledged +=
          try await journal.appendOnce(
            [lease(end == 1 ? .free : .expired)], expecting: end, by: actor, at: JournalObjects.now) ?? []
      } catch {
        #expect(error.code == .storageUnavailable, "\(error)")
        outcome.doubtful += 1
      }
    }
    return outcome
  }

  @Test(arguments: UInt64(1)...12)
  func `whatever happens to requests, what was acknowledged is there once`(seed: UInt64) async throws {
    _ = try await objects.open()
    objects.store.happen { Self.mishap($0, $1, seed: seed) }
    let outcome = await withTaskGroup(of: Outcome.self) { group in
      for pid in Int32(1)...3 { group.addTask { await write(as: pid) } }
      return await group.reduce(into: Outcome()) { sum, one in
        sum.acknowledged += one.acknowledged
        sum.doubtful += one.doubtful
      }
    }
    objects.store.happen { _, _ in nil }
    for _ in 0..<20 { _ = try await objects.look().state() }
    let entries = try await objects.look().audit().entries.dropFirst()
    #expect(outcome.acknowledged.count > 5)
    #expect(Set(outcome.acknowledged).isSubset(of: entries))
    #expect(Set(outcome.acknowledged).count == outcome.acknowledged.count)
    #expect(Set(entries.map(\.nonce)).count == entries.count, "nothing was written twice")
    #expect(
      entries.count - outcome.acknowledged.count <= outcome.doubtful, "nothing was written that was said not to be")
  }
}

import RolloutCore
import RolloutEngine
import Synchronization
import Testing

/// What a person's append makes of an answer that never comes.
@Suite struct AppendOnceTests {
  @Test func `an entry whose answer was lost is found and not written twice`() async throws {
    let journal = ForgetfulJournal(writesBefore: 1)
    let entries = try #require(try await journal.appendOnce(Self.wish, expecting: 0, by: ci, at: Self.now))
    #expect(entries.map(\.sequence) == [1])
    #expect(journal.all.count == 1)
  }

  @Test func `an entry that was never written is written`() async throws {
    let journal = ForgetfulJournal(losesRequests: 2)
    let entries = try await journal.appendOnce(Self.wish, expecting: 0, by: ci, at: Self.now)
    #expect(entries?.count == 1)
    #expect(journal.all.count == 1)
  }

  @Test func `somebody else's entry in its place is a conflict`() async throws {
    let journal = ForgetfulJournal(losesRequests: 1)
    journal.write(nonce: 7)
    #expect(try await journal.appendOnce(Self.wish, expecting: 0, by: ci, at: Self.now) == nil)
    #expect(journal.all.map(\.nonce) == [7])
  }

  @Test func `a storage that never answers is given up`() async throws {
    let journal = ForgetfulJournal(losesRequests: 100)
    let error = try #require(
      await #expect(throws: JournalError.self) {
        try await journal.appendOnce(Self.wish, expecting: 0, by: ci, at: Self.now)
      })
    #expect(error.code == .storageUnavailable)
  }

  private static let now = Timestamp(milliseconds: 0)
  private static let wish = [Event.laneCreated(service: "eye", lineage: "l")]
}

private let ci = Actor(name: "ci", kind: .command, host: "here", pid: 1, version: "test")

/// Loses requests, or the answers to requests that it carried out.
private final class ForgetfulJournal: Journal {
  private struct State {
    var entries: [Entry] = []
    var lostRequests: Int
    var lostAnswers: Int
  }

  private let state: Mutex<State>

  init(losesRequests: Int = 0, writesBefore lostAnswers: Int = 0) {
    state = Mutex(State(lostRequests: losesRequests, lostAnswers: lostAnswers))
  }

  var all: [Entry] { state.withLock { $0.entries } }

  func write(nonce: UInt64) {
    state.withLock { state in
      state.entries.append(
        Entry(
          sequence: UInt64(state.entries.count) + 1, at: Timestamp(milliseconds: 0), actor: ci, epoch: nil,
          nonce: nonce, event: .laneCreated(service: "eye", lineage: "l")))
    }
  }

  func entries(after sequence: UInt64) async throws(JournalError) -> [Entry] { all.filter { $0.sequence > sequence } }

  func append(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, nonce: UInt64, at now: Timestamp
  ) async throws(JournalError) -> [Entry] {
    let isLost = state.withLock { state in
      defer { state.lostRequests -= 1 }
      return state.lostRequests > 0
    }
    if isLost { throw JournalError(.unknown, "no answer") }
    guard UInt64(all.count) == sequence else { throw JournalError(.conflict, "somebody else wrote") }
    write(nonce: nonce)
    let isForgotten = state.withLock { state in
      defer { state.lostAnswers -= 1 }
      return state.lostAnswers > 0
    }
    if isForgotten { throw JournalError(.unknown, "no answer") }
    return Array(all.suffix(1))
  }

  func renewLease(epoch: UInt64) async throws(JournalError) -> Bool { false }
  func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook { LeaseLook(isLive: false) }
  func head(at sequence: UInt64) async throws(JournalError) -> Digest { throw JournalError(.notFound, "no chain") }
  func put(_ bytes: [UInt8]) async throws(JournalError) -> Digest { throw JournalError(.notFound, "no blobs") }
  func blob(_ digest: Digest) async throws(JournalError) -> [UInt8] { throw JournalError(.notFound, "no blobs") }
}

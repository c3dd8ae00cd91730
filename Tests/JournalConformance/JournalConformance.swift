import RolloutCore
import RolloutDigest
package import RolloutEngine

/// What every journal must do, whatever it is kept in. Rules take a way to open the same journal again and again, each time
/// as another process would, and throw where the journal does otherwise.
package struct JournalRule: Sendable, CustomStringConvertible {
  package typealias Open = @Sendable () async throws -> any Journal

  package let description: String
  private let body: @Sendable (@escaping Open) async throws -> Void

  package func check(_ open: @escaping Open) async throws { try await body(open) }

  package struct Broken: Error, CustomStringConvertible { package let description: String }

  package static let all: [JournalRule] = [
    JournalRule(description: "entries follow one another without holes, for every reader", body: contiguous),
    JournalRule(description: "several events are written together or not at all", body: atomic),
    JournalRule(description: "who expects an older journal conflicts and writes nothing", body: comparing),
    JournalRule(description: "of many writers at one place exactly one wins", body: racing),
    JournalRule(description: "entries carry their writer's nonce", body: nonces),
    JournalRule(description: "what may not follow is refused and not written", body: admission),
    JournalRule(description: "a lease lives for its holder, ends, and its numbers only grow", body: leases),
    JournalRule(description: "bytes are kept by what they are", body: blobs),
    JournalRule(description: "a reader never sees half an append", body: wholeReads),
    JournalRule(description: "the head at an entry names the history up to it, and never changes", body: heads),
    JournalRule(
      description: "its state is the fold of its entries, for whoever decides and whoever looks", body: folds),
    JournalRule(description: "what it comes to when everything is recomputed is what it was", body: audits),
  ]

  private static func demand(_ holds: Bool, _ what: @autoclosure () -> String) throws {
    if !holds { throw Broken(description: what()) }
  }
}

// MARK: - The rules

extension JournalRule {
  private static let maria = Actor(name: "maria", kind: .command, host: "here", pid: 1, version: "test")
  private static let now = Timestamp(milliseconds: 1_000)
  private static let ttl = TimeSpan.seconds(30)

  private static func lease(_ why: LeaseReason) -> Event { .leaseAcquired(ttl: ttl, why: why) }

  /// A lease taken and given back: two entries, after which the same may follow.
  @Sendable private static func takeAndGive(
    _ journal: any Journal, after sequence: UInt64
  ) async throws(JournalError) -> [Entry] {
    try await journal.append(
      [lease(.free), .leaseReleased], expecting: sequence, by: maria, epoch: sequence + 1, at: now)
  }

  @Sendable private static func contiguous(_ open: @escaping Open) async throws {
    let journal = try await open()
    var written: [Entry] = []
    for _ in 0..<3 { written += try await takeAndGive(journal, after: UInt64(written.count) + 1) }
    for reader in [journal, try await open()] {
      let read = try await reader.entries(after: 0)
      try demand(read.map(\.sequence) == Array(1...7), "sequence numbers are \(read.map(\.sequence))")
      try demand(Array(read.dropFirst()) == written, "what is read is not what was written")
      try demand(try await reader.entries(after: 5) == Array(read.suffix(2)), "entries after 5 are others")
      try demand(try await reader.entries(after: 7).isEmpty, "there is something after the end")
    }
  }

  @Sendable private static func atomic(_ open: @escaping Open) async throws {
    let journal = try await open()
    do {
      _ = try await journal.append(
        [lease(.free), .leaseReleased, .leaseReleased], expecting: 1, by: maria, epoch: 2, at: now)
      throw Broken(description: "a lease was given back twice")
    } catch let error as JournalError {
      try demand(error.code == .inadmissible, "it was refused as \(error.code)")
    }
    try demand(try await open().entries(after: 0).count == 1, "part of it was written")
  }

  @Sendable private static func comparing(_ open: @escaping Open) async throws {
    let (first, second) = (try await open(), try await open())
    _ = try await takeAndGive(first, after: 1)
    for expecting in [UInt64(1), 2, 9] {
      do {
        _ = try await takeAndGive(second, after: expecting)
        throw Broken(description: "an append after \(expecting) was taken at 3")
      } catch let error as JournalError {
        try demand(error.code == .conflict, "it was refused as \(error.code)")
      }
    }
    try demand(try await first.entries(after: 3).isEmpty, "something was written")
  }

  @Sendable private static func racing(_ open: @escaping Open) async throws {
    _ = try await open()
    let wins = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let journal = try await open()
          var won = 0
          for round in UInt64(0)..<10 {
            do {
              _ = try await takeAndGive(journal, after: 1 + 2 * round)
              won += 1
            } catch let error as JournalError {
              // Whoever won this place tries the next one, so that every place is won.
              guard error.code == .conflict else { throw error }
            }
          }
          return won
        }
      }
      return try await group.reduce(0, +)
    }
    try demand(wins == 10, "\(wins) appends won ten places")
    try demand(try await open().entries(after: 0).count == 21, "there is more or less than what won")
  }

  @Sendable private static func nonces(_ open: @escaping Open) async throws {
    let journal = try await open()
    let nonce: UInt64 = (1 << 53) - 1
    _ = try await journal.append(
      [lease(.free), .leaseReleased], expecting: 1, by: maria, epoch: 2, nonce: nonce, at: now)
    let read = try await open().entries(after: 1)
    try demand(read.map(\.nonce) == [nonce, nonce], "nonces are \(read.map { $0.nonce ?? 0 })")
  }

  @Sendable private static func admission(_ open: @escaping Open) async throws {
    let journal = try await open()
    for events in [[Event.leaseReleased], [lease(.expired)], [.holdSet(rollout: "r1", reason: "")]] {
      do {
        _ = try await journal.append(events, expecting: 1, by: maria, epoch: 1, at: now)
        throw Broken(description: "\(events) was written")
      } catch let error as JournalError {
        try demand(error.code == .inadmissible, "it was refused as \(error.code)")
      }
    }
    try demand(try await journal.entries(after: 1).isEmpty, "something was written")
  }

  @Sendable private static func leases(_ open: @escaping Open) async throws {
    let (journal, other) = (try await open(), try await open())
    let first = try await journal.append([lease(.free)], expecting: 1, by: maria, epoch: nil, at: now)
    try demand(first[0].sequence == 2, "the lease is not the entry's number")
    try demand(try await other.leaseIsLive(epoch: 2), "a lease just taken is dead")
    try demand(try await journal.renewLease(epoch: 2), "its holder cannot renew it")
    try demand(try await !other.renewLease(epoch: 1), "another epoch renews it")
    try demand(try await !other.leaseIsLive(epoch: 1), "another epoch is live")
    let second = try await other.append([lease(.expired)], expecting: 2, by: maria, epoch: nil, at: now)
    try demand(second[0].sequence > first[0].sequence, "a later lease has a smaller number")
    try demand(try await !journal.renewLease(epoch: 2), "who lost it renews it")
    _ = try await other.append([.leaseReleased], expecting: 3, by: maria, epoch: 3, at: now)
    try demand(try await !journal.leaseIsLive(epoch: 3), "a lease given back is live")
    try demand(try await !journal.renewLease(epoch: 3), "a lease given back is renewed")
  }

  @Sendable private static func blobs(_ open: @escaping Open) async throws {
    let journal = try await open()
    let bytes = Array("plan".utf8)
    let digest = try await journal.put(bytes)
    try demand(digest == Digest(of: bytes), "a blob is not named by its digest")
    try demand(try await journal.put(bytes) == digest, "the same bytes are two blobs")
    try demand(try await open().blob(digest) == bytes, "other bytes came back")
    do {
      _ = try await journal.blob(Digest(of: "nothing"))
      throw Broken(description: "a blob that was never kept came back")
    } catch let error as JournalError {
      try demand(error.code == .notFound, "it was refused as \(error.code)")
    }
  }

  @Sendable private static func wholeReads(_ open: @escaping Open) async throws {
    let journal = try await open()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { for round in UInt64(0)..<20 { _ = try await takeAndGive(journal, after: 1 + 2 * round) } }
      group.addTask {
        let reader = try await open()
        for _ in 0..<20 {
          let count = try await reader.entries(after: 0).count
          try demand(count % 2 == 1, "\(count) entries: half an append was seen")
        }
      }
      try await group.waitForAll()
    }
  }

  @Sendable private static func heads(_ open: @escaping Open) async throws {
    let journal = try await open()
    let first = try await journal.head(at: 1)
    _ = try await takeAndGive(journal, after: 1)
    let other = try await open()
    try demand(try await other.head(at: 1) == first, "the head at 1 changed")
    let all = [first, try await other.head(at: 2), try await other.head(at: 3)]
    try demand(Set(all).count == 3, "two histories have one head")
  }

  @Sendable private static func folds(_ open: @escaping Open) async throws {
    let (journal, other) = (try await open(), try await open())
    for round in UInt64(0)..<3 {
      _ = try await takeAndGive(journal, after: 1 + 2 * round)
      let fold = try LaneState.folding(try await other.entries(after: 0))
      for reader in [journal, other, try await open()] {
        try demand(try await reader.lookAtState() == fold, "what is looked at is no fold of \(fold.sequence) entries")
        try demand(try await reader.state() == fold, "the state is no fold of \(fold.sequence) entries")
      }
    }
  }

  @Sendable private static func audits(_ open: @escaping Open) async throws {
    let journal = try await open()
    _ = try await takeAndGive(journal, after: 1)
    let audit = try await open().audit()
    try demand(try await audit.entries == journal.entries(after: 0), "other entries were recomputed")
    try demand(try await audit.state == journal.state(), "another state was recomputed")
    try demand(try await audit.head == journal.head(at: 3), "another head was recomputed")
  }
}

import Foundation
import RolloutCore
import RolloutDigest
import Testing

/// A rollout that the first version of the program began and was killed in: read, understood and gone on with by this one.
/// `Fixtures/journal-1.jsonl` is what that version wrote; it is never made again.
@Suite struct OlderJournalTests {
  private static func lines() throws -> [Substring] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/journal-1.jsonl")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
  }

  @Test func `every entry is read and written as it was, byte for byte`() throws {
    for line in try Self.lines() {
      let entry = try CanonicalJSON.value(Entry.self, from: Array(line.utf8))
      #expect(String(decoding: try CanonicalJSON.bytes(entry), as: UTF8.self) == line)
    }
  }

  @Test func `it means what it meant, and a driver of this version goes on where it stood`() throws {
    let entries = try Self.lines().map { try CanonicalJSON.value(Entry.self, from: Array($0.utf8)) }
    let state = try LaneState.folding(entries)
    #expect(state.past.map(\.outcome) == [.promoted])
    #expect(state.environments["staging"]?.live?.number == 2)
    #expect(state.environments["production"]?.live?.number == 1)
    let live = try #require(state.liveRollout)
    #expect(live.mode == .forward && live.gate?.approvals.map(\.by) == ["maria"])
    guard case .bake = live.program[live.position] else {
      Issue.record("it was killed in a bake, and is at \(live.position)")
      return
    }
    let actor = Actor(name: "ci", kind: .command, host: "ci-2", pid: 1, version: "newer")
    var driver = Driver(actor: actor, role: .drive(waitsAtGates: false), state: state, seed: 1)
    let now = try #require(entries.last?.at) + .seconds(5)
    var request = driver.resume(.begin, at: now)
    guard case .read = request else {
      Issue.record("it reads first, not \(request)")
      return
    }
    request = driver.resume(.entries([]), at: now)
    #expect(request == .lookAtLease(epoch: state.lease?.epoch ?? 0))
    request = driver.resume(.lease(isLive: false), at: now)
    guard case .append(let events, let expecting, _, _) = request, case .leaseAcquired(_, .expired)? = events.first
    else {
      Issue.record("it takes the dead driver's lease, not \(request)")
      return
    }
    #expect(expecting == state.sequence)
  }
}

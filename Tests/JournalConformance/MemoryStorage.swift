package import RolloutCore
import RolloutDigest
package import RolloutEngine
import Synchronization

/// A journal in memory that keeps every rule: the plainest thing that is one.
package final class MemoryStorage: Journal {
  private struct State {
    var entries: [Entry] = []
    var lane = LaneState()
    var heads: [Digest] = []
    var blobs: [Digest: [UInt8]] = [:]
    var isHeld = false
  }

  private let state = Mutex(State())

  package init(service: String, by actor: Actor) async throws {
    _ = try await append(
      [.laneCreated(service: service, lineage: "memory")], expecting: 0, by: actor, epoch: nil,
      at: Timestamp(milliseconds: 0))
  }

  package func entries(after sequence: UInt64) async throws(JournalError) -> [Entry] {
    state.withLock { $0.entries.filter { $0.sequence > sequence } }
  }

  package func state() async throws(JournalError) -> LaneState { state.withLock { $0.lane } }

  package func append(
    _ events: [Event], expecting sequence: UInt64, by actor: Actor, epoch: UInt64?, nonce: UInt64, at now: Timestamp
  ) async throws(JournalError) -> [Entry] {
    let result: Result<[Entry], JournalError> = state.withLock { state in
      guard state.lane.sequence == sequence else {
        return .failure(JournalError(.conflict, "somebody else wrote"))
      }
      var (lane, heads, added) = (state.lane, state.heads, [Entry]())
      for event in events {
        let entry = Entry(
          sequence: lane.sequence + 1, at: now, actor: actor, epoch: event.needsLease ? epoch : nil, nonce: nonce,
          event: event)
        if let refusal = lane.refusal(of: entry) {
          return .failure(JournalError(.inadmissible, refusal.description))
        }
        do {
          try lane.apply(entry)
          heads.append(Digest(of: "\(heads.last?.hex ?? "")\n\(try CanonicalJSON.digest(entry).hex)"))
        } catch { return .failure(JournalError(.inadmissible, "\(error)")) }
        added.append(entry)
      }
      (state.lane, state.heads) = (lane, heads)
      state.entries += added
      state.isHeld = lane.lease != nil
      return .success(added)
    }
    return try result.get()
  }

  package func renewLease(epoch: UInt64) async throws(JournalError) -> Bool { try await leaseIsLive(epoch: epoch) }

  package func lookAtLease(epoch: UInt64) async throws(JournalError) -> LeaseLook {
    LeaseLook(isLive: state.withLock { $0.isHeld && $0.lane.lease?.epoch == epoch })
  }

  package func head(at sequence: UInt64) async throws(JournalError) -> Digest {
    let head = state.withLock { state in
      sequence > 0 && sequence <= UInt64(state.heads.count) ? state.heads[Int(sequence) - 1] : nil
    }
    guard let head else { throw JournalError(.notFound, "there is no entry \(sequence)") }
    return head
  }

  package func put(_ bytes: [UInt8]) async throws(JournalError) -> Digest {
    let digest = Digest(of: bytes)
    state.withLock { $0.blobs[digest] = bytes }
    return digest
  }

  package func blob(_ digest: Digest) async throws(JournalError) -> [UInt8] {
    guard let bytes = state.withLock({ $0.blobs[digest] }) else {
      throw JournalError(.notFound, "no blob \(digest.short)")
    }
    return bytes
  }
}

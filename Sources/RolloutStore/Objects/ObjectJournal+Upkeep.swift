import RolloutCore
import RolloutDigest
import RolloutEngine

/// Copies that save whoever comes new most of the requests. Made after an append by whoever wrote it, and by nobody twice;
/// what goes wrong with them is not the append's business.
extension ObjectJournal {
  func keepUp(with history: ObjectHistory) async {
    if history.end >= upkeep.snapshotAt + Self.interval { try? await keepSnapshot(of: history) }
    if history.end >= upkeep.packedTo + Self.interval { try? await pack(upTo: history) }
  }

  /// Packs the oldest entries that are in no segment yet, object after object as they are. Where a segment ends follows
  /// from the entries alone, so that everybody would make the same one.
  private func pack(upTo history: ObjectHistory) async throws(JournalError) {
    let packed = Self.chain(of: try await keys(under: ObjectName.segments)).last?.upperBound ?? 0
    upkeep.packed(to: packed)
    guard history.end >= packed + Self.interval else { return }
    let starts = history.starts(after: packed)
    guard let next = starts.firstIndex(where: { $0 > packed + Self.interval }) else { return }
    let range = packed + 1...starts[next] - 1
    var bytes: [UInt8] = []
    var end = packed
    try await visit(starts[..<next].map(ObjectName.entry)) { (key, object) throws(JournalError) in
      guard let object, let batch = try? EntryBatch.read(object.bytes).first, batch.header.sequence == end + 1,
        history.head(at: end) == batch.header.prev, history.head(at: batch.end) == batch.recomputedHead
      else { throw .broken(end + 1, at: key, in: place) }
      bytes += object.bytes
      end = batch.end
    }
    guard end == range.upperBound else { throw .gone(end + 1, in: place) }
    let key = ObjectName.segment(range)
    try await repeating(.write, key) { () async throws(ObjectError) in
      _ = try await store.put(bytes, as: key, if: .absent)
    }
    upkeep.packed(to: range.upperBound)
  }

  /// Keeps the fold in place of the one before it.
  private func keepSnapshot(of history: ObjectHistory) async throws(JournalError) {
    guard let start = history.lastStart, let kept = KeptSnapshot(of: history, start: start) else { return }
    let object = try await object(ObjectName.snapshot)
    let older = object.flatMap { KeptSnapshot($0.bytes) }
    // One of another format, or of entries that are not there, is in nobody's way.
    if let older, older.isReadable, older.header.upto <= history.end, older.header.upto + Self.interval > history.end {
      return upkeep.snapshot(at: older.header.upto)
    }
    let condition = object.map { PutCondition.unchanged(tag: $0.tag) } ?? .absent
    do { _ = try await store.put(kept.bytes, as: ObjectName.snapshot, if: condition) } catch {
      throw JournalError(error, .write, place + ObjectName.snapshot)
    }
    upkeep.snapshot(at: history.end)
  }
}

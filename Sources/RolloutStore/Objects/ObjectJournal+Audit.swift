import RolloutCore
import RolloutDigest
package import RolloutEngine

/// Everything recomputed from the objects themselves, whatever this process has seen of them before.
extension ObjectJournal {
  package func audit() async throws(JournalError) -> JournalAudit {
    guard try await begun() != nil else { throw .cut(place) }
    let kept = try await snapshotToCheck()
    let keys = try await keys(under: ObjectName.entries).filter { ObjectName.sequence(of: $0) != nil }
    var (history, entries, isHonest) = (ObjectHistory(), [Entry](), kept == nil)
    var digests: [UInt64: Digest] = [:]
    try await visit(keys) { (key, object) throws(JournalError) in
      let start = history.end + 1
      entries += try add(object, at: key, to: &history)
      digests[start] = object.map { Digest(of: $0.bytes) }
      if let kept, kept.header.upto == history.end { isHonest = KeptSnapshot(of: history, start: start) == kept }
    }
    guard isHonest else { throw snapshotLies(kept) }
    try await checkSegments(digests)
    return JournalAudit(
      entries: entries, state: history.fold.state, head: Digest(bytes: history.head.hash),
      blobs: try await checkedBlobs(), snapshots: kept == nil ? 0 : 1)
  }

  /// `nil` for one of another format, of which nothing can be said and which nobody with this program reads.
  private func snapshotToCheck() async throws(JournalError) -> KeptSnapshot? {
    struct Version: Decodable { var format: Int }
    guard let object = try await object(ObjectName.snapshot) else { return nil }
    let line = Array(object.bytes.prefix { $0 != UInt8(ascii: "\n") })
    guard let version = try? CanonicalJSON.ownValue(Version.self, from: line) else { throw snapshotLies(nil) }
    guard version.format == Snapshot.format else { return nil }
    guard let kept = KeptSnapshot(object.bytes) else { throw snapshotLies(nil) }
    return kept
  }

  /// `digests`: of each entry's object, by its first entry.
  private func checkSegments(_ digests: [UInt64: Digest]) async throws(JournalError) {
    let keys = try await keys(under: ObjectName.segments).filter { ObjectName.range(ofSegment: $0) != nil }
    try await visit(keys) { (key, object) throws(JournalError) in
      guard let object, let range = ObjectName.range(ofSegment: key),
        let batches = try? EntryBatch.read(object.bytes), batches.first?.header.sequence == range.lowerBound,
        batches.last?.end == range.upperBound, zip(batches, batches.dropFirst()).allSatisfy({ $0.leads(to: $1) }),
        batches.allSatisfy({ digests[$0.header.sequence] == Digest(of: $0.bytes) })
      else { throw copyLies(key, "the segment \(key.dropFirst(ObjectName.segments.count))") }
    }
  }

  private func checkedBlobs() async throws(JournalError) -> Int {
    let keys = try await keys(under: ObjectName.blobs)
    try await visit(keys) { (key, object) throws(JournalError) in
      let name = key.dropFirst(ObjectName.blobs.count)
      guard let object, Digest(of: object.bytes).hex == name else {
        throw JournalError(
          .corrupt, "blob \(name.prefix(12)) in \(place) is not what its name says",
          help: "somebody or something changed \(place)\(key); restore it from a copy. Nothing was changed")
      }
    }
    return keys.count
  }

  private func snapshotLies(_ kept: KeptSnapshot?) -> JournalError {
    copyLies(ObjectName.snapshot, "the snapshot\(kept.map { " up to entry \($0.header.upto)" } ?? "")")
  }

  private func copyLies(_ key: String, _ what: String) -> JournalError {
    JournalError(
      .corrupt, "\(what) of \(place) is not what the entries say; the entries are whole",
      help: "it is a cache that is made again: find out who wrote \(place)\(key) and delete it")
  }
}

extension EntryBatch {
  fileprivate func leads(to next: EntryBatch) -> Bool { next.header.sequence == end + 1 }
}

package import RolloutCore
import RolloutDigest
package import RolloutEngine

/// The journal of one service in a store of objects, one object for each append. Nobody owns it: the object after the last
/// one can be made once, and whoever makes it has written.
package struct ObjectJournal: Journal {
  let store: any ObjectStore
  /// `s3://bucket/prefix/`: where the keys begin, for people.
  let place: String
  let service: String
  let host: HostIdentity
  /// What this process has folded from the first entry on: what decisions are made on.
  let histories = Furthest<ObjectHistory>()
  /// What may have come from a snapshot: for people.
  let looks = Furthest<ObjectHistory>()
  let sightings = LeaseSightings()
  let upkeep = Upkeep()
  /// How long an append waits for what comes after it.
  var patience = TimeSpan.seconds(5)

  /// Entries between two snapshots, and at least in one segment. Whoever comes new reads what is after them one by one.
  static let interval: UInt64 = 128
  /// Requests on their way at once.
  static let requestsMax = 16
  /// Times that the same is asked for again where that can do no harm.
  static let triesMax = 4

  init(_ store: any ObjectStore, _ place: String, _ service: String) {
    self.store = store
    self.place = place.hasSuffix("/") ? place : place + "/"
    self.service = service
    host = HostIdentity.current
  }
}

// MARK: - Reading

extension ObjectJournal {
  package func entries(after sequence: UInt64) async throws(JournalError) -> [Entry] {
    let known = histories.value
    // Asked every moment by drivers, and mostly there is nothing: that is told by the next name, for less than a list.
    if known.end > 0, sequence >= known.end, try await isUnchanged(known) { return [] }
    let (read, entries) = try await reading(after: known)
    histories.advance(to: read)
    guard sequence < known.end else { return entries.filter { $0.sequence > sequence } }
    return try await again(after: sequence, upTo: known) + entries
  }

  package func state() async throws(JournalError) -> LaneState {
    try await upToDate().fold.state
  }

  func upToDate() async throws(JournalError) -> ObjectHistory {
    let (read, _) = try await reading(after: histories.value)
    histories.advance(to: read)
    return read
  }

  package func head(at sequence: UInt64) async throws(JournalError) -> Digest {
    let history = try await upToDate()
    guard let head = history.head(at: sequence) else { throw .gone(sequence, in: place) }
    return head
  }
}

// MARK: - Blobs

extension ObjectJournal {
  package func put(_ bytes: [UInt8]) async throws(JournalError) -> Digest {
    let digest = Digest(of: bytes)
    let key = ObjectName.blobs + digest.hex
    // What is there already is the same.
    try await repeating(.write, key) { () async throws(ObjectError) in
      _ = try await store.put(bytes, as: key, if: .absent)
    }
    return digest
  }

  package func blob(_ digest: Digest) async throws(JournalError) -> [UInt8] {
    guard let bytes = try await object(ObjectName.blobs + digest.hex)?.bytes else { throw .missing(digest, in: place) }
    guard Digest(of: bytes) == digest else { throw .spoilt(digest, in: place) }
    return bytes
  }
}

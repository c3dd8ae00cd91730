import RolloutCore
import RolloutDigest
import RolloutEngine

/// Entries out of objects: each object's chain is recomputed, and nothing is skipped.
extension ObjectJournal {
  /// Everything after `known`, checked, with `known` gone on by it. Throws when the store holds another history by now.
  func reading(after known: ObjectHistory) async throws(JournalError) -> (ObjectHistory, [Entry]) {
    guard known.end > 0 else { return try await beginning() }
    async let last = outcome { () async throws(JournalError) in try await lastObject(of: known) }
    let keys = try await keys(under: ObjectName.entries, after: ObjectName.entry(known.end))
    try require(try await last.get(), isLastOf: known)
    var (history, entries) = (known, [Entry]())
    try await read(keys, into: &history, &entries)
    return (history, entries)
  }

  /// The whole journal: packed entries where they fit, and one by one from there on.
  private func beginning() async throws(JournalError) -> (ObjectHistory, [Entry]) {
    var (history, entries) = (ObjectHistory(), [Entry]())
    try await readSegments(into: &history, &entries)
    let packed = history.end
    upkeep.packed(to: packed)
    do {
      try await readRest(into: &history, &entries)
    } catch {
      // Segments are copies: what does not go on from them may yet go on from the entries.
      guard packed > 0, error.code == .corrupt else { throw error }
      (history, entries) = (ObjectHistory(), [])
      try await readRest(into: &history, &entries)
    }
    try require(history)
    return (history, entries)
  }

  private func readRest(into history: inout ObjectHistory, _ entries: inout [Entry]) async throws(JournalError) {
    let keys = try await keys(under: ObjectName.entries, after: ObjectName.entry(history.end))
    try await read(keys, into: &history, &entries)
  }

  /// What begins as this service's journal.
  private func require(_ history: ObjectHistory) throws(JournalError) {
    guard let found = history.fold.state.service else { throw .cut(place) }
    guard found == service else { throw .foreign(place, of: found, not: service) }
  }

  /// Reads the objects of these names, of which the first follows `history`. Names that are no entry's are passed over.
  func read(
    _ keys: [String], into history: inout ObjectHistory, _ entries: inout [Entry]
  ) async throws(JournalError) {
    let keys = keys.filter { ObjectName.sequence(of: $0) != nil }
    try await visit(keys) { (key, object) throws(JournalError) in
      entries += try add(object, at: key, to: &history)
    }
  }

  func add(_ object: StoredObject?, at key: String, to history: inout ObjectHistory) throws(JournalError) -> [Entry] {
    try history.add(try batch(in: object, at: key, after: history.end), at: key, in: place)
  }

  /// Reads segments as long as each follows the one before it and is whole. A flaw is no error: the entries are there.
  private func readSegments(into history: inout ObjectHistory, _ entries: inout [Entry]) async throws(JournalError) {
    let names = Self.chain(of: try await keys(under: ObjectName.segments))
    var rest = names[...]
    while !rest.isEmpty {
      let some = rest.prefix(Self.requestsMax)
      rest = rest.dropFirst(some.count)
      for (range, object) in zip(some, try await objects(some.map(ObjectName.segment))) {
        guard let object, let (longer, more) = try unpack(object.bytes, range, after: history) else { return }
        history = longer
        entries += more
      }
    }
  }

  /// `nil` when the bytes are not what a segment of this name holds.
  private func unpack(
    _ bytes: [UInt8], _ range: ClosedRange<UInt64>, after history: ObjectHistory
  ) throws(JournalError) -> (ObjectHistory, [Entry])? {
    let key = ObjectName.segment(range)
    var (history, entries) = (history, [Entry]())
    do {
      for batch in try batches(in: bytes, at: key, after: history.end) {
        entries += try history.add(batch, at: key, in: place)
      }
    } catch {
      guard error.code == .corrupt else { throw error }
      return nil
    }
    return history.end == range.upperBound ? (history, entries) : nil
  }

  /// Segments that follow one another from the first entry on, the longest where several begin alike.
  static func chain(of keys: [String]) -> [ClosedRange<UInt64>] {
    let ranges = keys.compactMap(ObjectName.range).sorted {
      ($0.lowerBound, $1.upperBound) < ($1.lowerBound, $0.upperBound)
    }
    var chain: [ClosedRange<UInt64>] = []
    for range in ranges where range.lowerBound == (chain.last?.upperBound ?? 0) + 1 { chain.append(range) }
    return chain
  }

  private func batches(in bytes: [UInt8], at key: String, after end: UInt64) throws(JournalError) -> [EntryBatch] {
    do { return try EntryBatch.read(bytes) } catch {
      switch error {
      case .unreadable: throw .broken(end + 1, at: key, in: place)
      case .newer: throw .newer(place)
      }
    }
  }

  /// The one batch of an entry's object.
  private func batch(in object: StoredObject?, at key: String, after end: UInt64) throws(JournalError) -> EntryBatch {
    guard let object else { throw .gone(ObjectName.sequence(of: key) ?? end + 1, in: place) }
    let batches = try batches(in: object.bytes, at: key, after: end)
    guard batches.count == 1, batches[0].header.sequence == ObjectName.sequence(of: key) else {
      throw .broken(end + 1, at: key, in: place)
    }
    return batches[0]
  }
}

// MARK: - What was read before

extension ObjectJournal {
  /// Entries that this process has read before and does not keep, up to where it then was.
  func again(after sequence: UInt64, upTo known: ObjectHistory) async throws(JournalError) -> [Entry] {
    let boundary = known.boundary(before: sequence)
    let entries: [Entry]
    if boundary == 0 {
      let (history, all) = try await beginning()
      guard history.head(at: known.end) == known.head(at: known.end) else { throw .replaced(known.end, in: place) }
      entries = all
    } else {
      entries = try await chained(after: boundary, in: known)
    }
    return entries.filter { $0.sequence > sequence && $0.sequence <= known.end }
  }

  /// Whether they may follow was checked when they were read first; that they are still the same is checked again.
  private func chained(after boundary: UInt64, in known: ObjectHistory) async throws(JournalError) -> [Entry] {
    let keys = try await keys(under: ObjectName.entries, after: ObjectName.entry(boundary))
      .filter { ObjectName.sequence(of: $0).map { $0 <= known.end } ?? false }
    var (end, entries) = (boundary, [Entry]())
    try await visit(keys) { (key, object) throws(JournalError) in
      let batch = try batch(in: object, at: key, after: end)
      guard batch.header.sequence == end + 1 else { throw .gone(end + 1, in: place) }
      guard known.head(at: end) == batch.header.prev, known.head(at: batch.end) == batch.recomputedHead else {
        throw .replaced(batch.end, in: place)
      }
      for (offset, body) in batch.bodies.enumerated() {
        entries.append(try Entry(chained: body, end + 1 + UInt64(offset), in: place))
      }
      end = batch.end
    }
    guard end == known.end else { throw .gone(end + 1, in: place) }
    return entries
  }

  /// Whether nothing was added; throws when what was there is not there any more.
  func isUnchanged(_ known: ObjectHistory) async throws(JournalError) -> Bool {
    let next = ObjectName.entry(known.end + 1)
    guard let last = known.lastStart else { return false }
    let objects = try await objects([ObjectName.entry(last), next])
    try require(objects[0], isLastOf: known)
    return objects[1] == nil
  }

  private func lastObject(of known: ObjectHistory) async throws(JournalError) -> StoredObject? {
    guard let last = known.lastStart else { return nil }
    return try await object(ObjectName.entry(last))
  }

  private func require(_ object: StoredObject?, isLastOf known: ObjectHistory) throws(JournalError) {
    let batches = object.flatMap { try? EntryBatch.read($0.bytes) } ?? []
    guard batches.count == 1, batches[0].recomputedHead.bytes == known.head.hash else {
      throw .replaced(known.end, in: place)
    }
  }
}

extension EntryBatch {
  var recomputedHead: Digest {
    let start = ChainLink(sequence: header.sequence - 1, hash: header.prev.bytes)
    return Digest(bytes: bodies.reduce(start) { $0.next($1) }.hash)
  }
}

extension JournalError {
  static func cut(_ place: String) -> JournalError {
    JournalError(
      .corrupt, "\(place) does not begin as a journal",
      help: "restore it from a copy, or name another state in pipeline.yaml; nothing was changed")
  }

  static func newer(_ place: String) -> JournalError {
    JournalError(
      .newer, "\(place) was written by a newer rollout",
      help: "install the version that wrote it; nothing was changed")
  }
}

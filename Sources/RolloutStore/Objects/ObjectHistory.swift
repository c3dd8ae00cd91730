import RolloutCore
import RolloutDigest
import RolloutEngine

/// What was read of a journal in objects, each entry checked against the ones before it.
struct ObjectHistory: Growing {
  private(set) var fold = Fold()
  /// Where what it knows begins: 0, or the last entry that a snapshot stands for.
  private(set) var base: UInt64 = 0
  /// The chain's hash at `base` and at every entry after it.
  private var heads = [Digest(bytes: ChainLink.genesis.hash)]
  /// The first entry of each object, ascending.
  private var starts: [UInt64] = []

  init() {}

  /// After a snapshot that is believed. `start`: the first entry of the object that ends with it.
  init(after state: LaneState, head: Digest, start: UInt64) {
    fold = Fold(state: state, head: ChainLink(sequence: state.sequence, hash: head.bytes))
    base = state.sequence
    heads = [head]
    starts = [start]
  }

  var head: ChainLink { fold.head }
  var end: UInt64 { fold.head.sequence }

  func head(at sequence: UInt64) -> Digest? {
    guard sequence >= base, sequence - base < UInt64(heads.count) else { return nil }
    return heads[Int(sequence - base)]
  }

  /// The first entry of the last object; `nil` before there is one.
  var lastStart: UInt64? { starts.last }

  /// The first entries of the objects after `end`, the last entry of one.
  func starts(after end: UInt64) -> [UInt64] { Array(starts.drop { $0 <= end }) }

  /// The last entry of an object, at or before `sequence`: from there everything after `sequence` can be read.
  func boundary(before sequence: UInt64) -> UInt64 {
    guard sequence < end else { return end }
    // The object that holds the entry after `sequence` begins right after the boundary.
    var range = 0..<starts.count
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      range = starts[middle] <= sequence + 1 ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound == 0 ? base : starts[range.lowerBound - 1] - 1
  }

  /// Goes on with what somebody wrote. `key` is where it stands, `place` the journal, for people.
  mutating func add(_ batch: EntryBatch, at key: String, in place: String) throws(JournalError) -> [Entry] {
    guard batch.header.sequence == end + 1 else {
      if batch.header.sequence > end + 1 { throw .gone(end + 1, in: place) }
      throw .broken(batch.header.sequence, at: key, in: place)
    }
    guard batch.header.prev.bytes == head.hash else { throw .broken(end + 1, at: key, in: place) }
    // The whole object before any of it: an altered byte is no entry of a newer program.
    let links = batch.bodies.reduce(into: [head]) { $0.append($0[$0.count - 1].next($1)) }.dropFirst()
    guard links.last?.hash == batch.header.head.bytes else { throw .broken(end + 1, at: key, in: place) }
    var entries: [Entry] = []
    var state = fold.state
    for (body, link) in zip(batch.bodies, links) {
      let entry = try Entry(chained: body, link.sequence, in: place)
      try state.follow(entry, in: place)
      entries.append(entry)
    }
    starts.append(batch.header.sequence)
    heads += links.map { Digest(bytes: $0.hash) }
    if let last = links.last { fold = Fold(state: state, head: last) }
    return entries
  }

  /// Goes on with what this process wrote itself.
  mutating func add(_ written: [Fold.Written], leadingTo fold: Fold) {
    starts.append(end + 1)
    heads += written.map { Digest(bytes: $0.link.hash) }
    self.fold = fold
  }
}

extension JournalError {
  static func gone(_ sequence: UInt64, in place: String) -> JournalError {
    JournalError(
      .corrupt, "entry \(sequence) is gone from \(place)",
      help: "restore \(place)\(ObjectName.entry(sequence)) from an earlier version or a copy; nothing was changed")
  }

  static func broken(_ sequence: UInt64, at key: String, in place: String) -> JournalError {
    JournalError(
      .corrupt, "the chain of \(place) breaks at entry \(sequence)",
      help: "somebody or something changed \(place)\(key); restore it from an earlier version or a copy. "
        + "Nothing was changed")
  }
}

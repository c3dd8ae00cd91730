import RolloutCore
import RolloutDigest

/// A snapshot as its object holds it: a header on a line of its own, then the state.
struct KeptSnapshot: Equatable {
  struct Header: Codable, Equatable {
    var format: Int
    /// The last entry folded.
    var upto: UInt64
    /// The first entry of the object that ends with it.
    var start: UInt64
    /// The chain's hash there.
    var head: Digest
    /// Of the bytes of the state.
    var digest: Digest
  }

  var header: Header
  var state: [UInt8]

  /// `nil` where the state cannot be written down. `start`: the first entry of the last object.
  init?(of history: ObjectHistory, start: UInt64) {
    guard let snapshot = try? Snapshot(of: history.fold.state, head: history.head.hash) else { return nil }
    header = Header(
      format: Snapshot.format, upto: snapshot.upto, start: start, head: Digest(bytes: snapshot.head),
      digest: Digest(bytes: snapshot.digest))
    state = snapshot.state
  }

  init?(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let header = try? CanonicalJSON.ownValue(Header.self, from: Array(parts[0])) else {
      return nil
    }
    self.header = header
    state = Array(parts[1])
  }

  var bytes: [UInt8] {
    guard let first = try? CanonicalJSON.bytes(header) else { preconditionFailure("numbers and hashes are JSON") }
    return first + [UInt8(ascii: "\n")] + state
  }

  /// Whether a program of this format wrote it.
  var isReadable: Bool { header.format == Snapshot.format }

  /// Where it leads, if it is whole and of this program's format.
  var history: ObjectHistory? {
    guard isReadable, Digest(of: state) == header.digest,
      let state = try? CanonicalJSON.ownValue(LaneState.self, from: state), state.sequence == header.upto,
      state.isCoherent, header.upto > 0
    else { return nil }
    return ObjectHistory(after: state, head: header.head, start: header.start)
  }
}

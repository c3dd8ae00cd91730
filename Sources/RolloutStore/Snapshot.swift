import RolloutCore
import RolloutDigest

/// A fold kept beside the entries it was made from, so that whoever only looks need not fold them all again. A cache:
/// whatever is wrong with it, it is passed over, and the entries are folded. It proves nothing either: whoever can
/// write the file can write one that fits the chain, so that nothing is decided on it.
struct Snapshot {
  /// Raised whenever the same entries fold to another state or the state is written otherwise.
  static let format = 1
  /// Entries between two snapshots: few enough to be folded within a millisecond or two.
  static let interval: UInt64 = 256

  /// The last entry folded.
  var upto: UInt64
  /// The hash of the chain there: a snapshot of another history does not fit.
  var head: [UInt8]
  /// Canonical JSON of the state.
  var state: [UInt8]

  init(of state: LaneState, head: [UInt8]) throws {
    upto = state.sequence
    self.head = head
    self.state = try CanonicalJSON.bytes(state)
  }

  var digest: [UInt8] { Digest(of: state).bytes }
}

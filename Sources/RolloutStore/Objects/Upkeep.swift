import Synchronization

/// What this process knows of how far copies of the entries reach, so that it need not ask after every append.
final class Upkeep: Sendable {
  private struct Reach {
    var packed: UInt64 = 0
    var snapshot: UInt64 = 0
  }

  private let reach = Mutex(Reach())

  var packedTo: UInt64 { reach.withLock { $0.packed } }
  var snapshotAt: UInt64 { reach.withLock { $0.snapshot } }

  func packed(to end: UInt64) { reach.withLock { $0.packed = max($0.packed, end) } }
  func snapshot(at end: UInt64) { reach.withLock { $0.snapshot = max($0.snapshot, end) } }
}

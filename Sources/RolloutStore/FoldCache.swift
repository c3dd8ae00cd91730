import RolloutCore
import Synchronization

/// The fold of what this process has read and written so far: entries are never changed, so it only ever grows.
final class FoldCache: Sendable {
  private let contents = Mutex(LaneState())

  var state: LaneState { contents.withLock { $0 } }

  /// Called after the transaction that `state` was folded in; an older one changes nothing.
  func advance(to state: LaneState) {
    contents.withLock { if state.sequence > $0.sequence { $0 = state } }
  }
}

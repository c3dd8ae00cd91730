import RolloutCore
import Synchronization

/// What this process has read and written so far, folded, and the link of the chain where that ends.
struct Fold {
  var state = LaneState()
  var head = ChainLink.genesis
}

/// The furthest fold of this process: entries are never changed, so it only ever grows.
final class FoldCache: Sendable {
  private let contents = Mutex(Fold())

  var fold: Fold { contents.withLock { $0 } }

  /// Called after the transaction that `fold` was made in; an older one changes nothing.
  func advance(to fold: Fold) {
    contents.withLock { if fold.head.sequence > $0.head.sequence { $0 = fold } }
  }
}

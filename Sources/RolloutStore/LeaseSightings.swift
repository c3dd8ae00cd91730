import RolloutCore
import Synchronization

/// Since when this process has seen a lease's row as it is: all that can be known of a holder on another machine, whose
/// clock and processes are not this kernel's.
final class LeaseSightings: Sendable {
  private let last = Mutex<(row: LeaseRow, since: ContinuousClock.Instant)?>(nil)

  /// How long the row has been what it is now.
  func unchanged(_ row: LeaseRow) -> TimeSpan {
    let now = ContinuousClock.now
    return last.withLock { last in
      if let last, last.row == row {
        let (seconds, attoseconds) = (now - last.since).components
        return .milliseconds(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
      }
      last = (row, now)
      return .zero
    }
  }
}

import Synchronization

/// The time that one run may spend waiting for an endpoint to become ready, shared by all its requests, so that a
/// hundred repetitions against an endpoint that never does take no longer than one.
final class WarmUpBudget: Sendable {
  private let left: Mutex<Duration>

  init(_ total: Duration) { left = Mutex(total) }

  /// Whether there is this much time left; takes it if so.
  func take(_ pause: Duration) -> Bool {
    left.withLock { left in
      guard left >= pause else { return false }
      left -= pause
      return true
    }
  }
}

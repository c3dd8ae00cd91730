/// How patiently model servers are started, watched, restarted and stopped.
package struct SupervisionPolicy: Hashable, Sendable {
  /// Wait after the first crash; doubles with every further crash in a row.
  package var backoffMin: TimeSpan
  package var backoffMax: TimeSpan
  /// Crashes in a row after which the fleet counts as failed. Restarts go on, at their slowest pace.
  package var crashesMax: Int
  /// Failed health checks in a row after which a server that was ready is replaced.
  package var failedChecksMax: Int
  /// A server that was ready this long has left its crashes behind.
  package var settledAfter: TimeSpan
  /// SIGKILL follows SIGTERM after this long; the container contract's figure.
  package var killAfter: TimeSpan

  package init(
    backoffMin: TimeSpan = .milliseconds(250), backoffMax: TimeSpan = .seconds(30), crashesMax: Int = 4,
    failedChecksMax: Int = 3, settledAfter: TimeSpan = .seconds(30), killAfter: TimeSpan = .seconds(30)
  ) {
    precondition(backoffMin > .zero && backoffMin <= backoffMax, "backoff grows from a positive start")
    precondition(crashesMax > 0 && failedChecksMax > 0, "a limit of zero would fail every server at once")
    self.backoffMin = backoffMin
    self.backoffMax = backoffMax
    self.crashesMax = crashesMax
    self.failedChecksMax = failedChecksMax
    self.settledAfter = settledAfter
    self.killAfter = killAfter
  }

  /// The wait before the restart that follows the `crashes`-th crash in a row.
  package func backoff(after crashes: Int) -> TimeSpan {
    precondition(crashes > 0, "only a crash is followed by a wait")
    // The exponent stops where the sum would have passed any sensible maximum, long before it could overflow.
    let doublings = min(crashes - 1, 20)
    return min(backoffMax, backoffMin * (1 << doublings))
  }
}

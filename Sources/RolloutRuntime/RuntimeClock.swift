import FoundationEssentials
package import RolloutCore

/// The runtime's times: a monotonic one that decides, a wall time that is shown, and a way to wait.
package struct RuntimeClock: Sendable {
  /// Since the clock was made.
  package var now: @Sendable () -> TimeSpan
  package var wall: @Sendable () -> Timestamp
  package var sleep: @Sendable (TimeSpan) async throws -> Void

  package init(
    now: @escaping @Sendable () -> TimeSpan, wall: @escaping @Sendable () -> Timestamp,
    sleep: @escaping @Sendable (TimeSpan) async throws -> Void
  ) {
    self.now = now
    self.wall = wall
    self.sleep = sleep
  }

  package static func system() -> RuntimeClock {
    let clock = ContinuousClock()
    let start = clock.now
    return RuntimeClock(
      now: { .milliseconds(Int64(start.duration(to: clock.now) / .milliseconds(1))) },
      wall: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) },
      sleep: { try await clock.sleep(for: $0.duration) })
  }
}

extension TimeSpan {
  /// The whole second of a monotonic clock that this moment is in.
  var wholeSecond: Int64 { milliseconds / 1_000 }

  /// The newest second that is over: rules judge no second that has only begun.
  var lastWholeSecond: Int64 { wholeSecond - 1 }
}

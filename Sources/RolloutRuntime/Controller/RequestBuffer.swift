import RolloutCore
import RolloutRouter
import Synchronization

/// What the router measured since the controller last looked. Event loops only append; the controller alone computes.
final class RequestBuffer: RequestSink {
  /// A quarter of a second at a rate no router of one machine reaches. Beyond it, counts are lost and said to be.
  static let recordsMax = 262_144

  struct Timed: Sendable {
    var second: Int64
    var record: RequestRecord
  }

  private struct State {
    var records: [Timed] = []
    var lost = 0
  }

  private let clock: RuntimeClock
  private let state = Mutex(State())

  init(clock: RuntimeClock) { self.clock = clock }

  func record(_ record: RequestRecord) {
    let second = clock.now().wholeSecond
    state.withLock { state in
      guard state.records.count < Self.recordsMax else {
        state.lost += 1
        return
      }
      state.records.append(Timed(second: second, record: record))
    }
  }

  func take() -> (records: [Timed], lost: Int) {
    state.withLock { state in
      defer { state = State() }
      return (state.records, state.lost)
    }
  }
}

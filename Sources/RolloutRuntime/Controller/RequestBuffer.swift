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

  struct Measured: Sendable {
    var records: [Timed] = []
    var lost = 0
    /// Requests that no server took, by endpoint.
    var refusals: [String: Int64] = [:]
  }

  private let clock: RuntimeClock
  private let state = Mutex(Measured())

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

  func recordRefusal(endpoint: String) {
    state.withLock { $0.refusals[endpoint, default: 0] += 1 }
  }

  func take() -> Measured {
    state.withLock { state in
      defer { state = Measured() }
      return state
    }
  }
}

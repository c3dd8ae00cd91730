import Synchronization

/// Runs every job of one test on the thread that pumps it, in an order that a seed decides: the same seed gives the same
/// interleaving, another one another. No await of what is tested may leave it.
final class SeededExecutor: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var random: SplitMix
    /// Which job was picked among how many: what makes two runs the same.
    var picks: UInt64 = 0xcbf2_9ce4_8422_2325
    var count = 0
  }

  private let state: Mutex<State>

  init(seed: UInt64) { state = Mutex(State(random: SplitMix(state: seed))) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
  }

  /// Runs one job; `false` when none is ready.
  func step() -> Bool {
    let job = state.withLock { state -> UnownedJob? in
      guard !state.jobs.isEmpty else { return nil }
      let index = Int(state.random.next() % UInt64(state.jobs.count))
      state.picks = (state.picks ^ UInt64(index << 8 | state.jobs.count)) &* 0x0000_0100_0000_01b3
      state.count += 1
      return state.jobs.remove(at: index)
    }
    guard let job else { return false }
    job.runSynchronously(on: asUnownedTaskExecutor())
    return true
  }

  var interleaving: UInt64 { state.withLock { $0.picks } }
  var steps: Int { state.withLock { $0.count } }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &+ 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A clock that goes on only when nobody has anything to do.
final class VirtualClock: Clock {
  struct Instant: InstantProtocol {
    var offset: Duration
    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private struct Sleeper {
    var deadline: Instant
    var number: Int
    var wake: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now = Instant(offset: .zero)
    var sleepers: [Sleeper] = []
    var born = 0
  }

  private let state = Mutex(State())

  var now: Instant { state.withLock { $0.now } }
  var minimumResolution: Duration { .milliseconds(1) }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let number = state.withLock { state in
      state.born += 1
      return state.born
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (wake: CheckedContinuation<Void, any Error>) in
        let isOver = state.withLock { state in
          if Task.isCancelled || deadline <= state.now { return true }
          state.sleepers.append(Sleeper(deadline: deadline, number: number, wake: wake))
          return false
        }
        if isOver { wake.resume() }
      }
      try Task.checkCancellation()
    } onCancel: {
      let sleeper = state.withLock { state in
        state.sleepers.firstIndex { $0.number == number }.map { state.sleepers.remove(at: $0) }
      }
      sleeper?.wake.resume(throwing: CancellationError())
    }
  }

  /// Wakes whoever sleeps least; `false` when nobody sleeps.
  func advance() -> Bool {
    let sleeper = state.withLock { state -> Sleeper? in
      let first = state.sleepers.indices.min {
        let (left, right) = (state.sleepers[$0], state.sleepers[$1])
        return left.deadline == right.deadline ? left.number < right.number : left.deadline < right.deadline
      }
      guard let first else { return nil }
      let sleeper = state.sleepers.remove(at: first)
      state.now = max(state.now, sleeper.deadline)
      return sleeper
    }
    sleeper?.wake.resume()
    return sleeper != nil
  }
}

import Foundation
import Synchronization
import Testing

/// One kind of fault, made to happen again and again: a few times in CI, as often as the engine's facts ask for with
/// `make faults`. Every run draws its chances from a seed, so that `SEED=n` repeats them.
final class Trial: Sendable {
  static let environment = ProcessInfo.processInfo.environment
  static let isFull = environment["FAULTS"] == "full"

  let fault: String
  /// How often the fault is to happen. `FAULTS=n` says it for every trial that runs.
  let runs: Int
  let seed: UInt64
  private let state = Mutex(State())

  private struct State {
    var mishaps = 0
    var made = 0
    var figures: [(name: String, text: String)] = []
    var times: [String: [Duration]] = [:]
  }

  private init(_ fault: String, ci: Int, full: Int) {
    self.fault = fault
    runs = Self.environment["FAULTS"].flatMap { $0 == "full" ? full : Int($0) } ?? ci
    seed = Self.environment["SEED"].flatMap(UInt64.init) ?? .random(in: 1..<1 << 32)
  }

  static func run(
    _ fault: String, ci: Int, full: Int, _ body: (Trial) async throws -> Void
  ) async throws {
    let trial = Trial(fault, ci: ci, full: full)
    let start = ContinuousClock.now
    defer { trial.tell(took: ContinuousClock.now - start) }
    do {
      try await body(trial)
    } catch let error as Command.Unmet {
      trial.check(false, error.description)
    }
  }

  /// The chances of one run.
  func chances(_ run: Int) -> Chances { Chances(seed: seed &+ UInt64(run) &* 0x9e37_79b9_7f4a_7c15) }

  /// When a trial of so many runs counts as stuck: several times what it takes, because the machine may have much to do.
  func patience(secondsEach: Int) -> Duration { .seconds(300 + runs * secondsEach * 4) }

  /// One more time that the fault really happened.
  func happened() { state.withLock { $0.made += 1 } }
  var timesHappened: Int { state.withLock { $0.made } }

  /// What must hold after every fault.
  func check(_ holds: Bool, _ mishap: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation) {
    guard !holds else { return }
    let number = state.withLock { state in
      state.mishaps += 1
      return state.made
    }
    Issue.record("SEED=\(seed), after \(number) faults: \(mishap())", sourceLocation: sourceLocation)
  }

  func count(_ name: String, _ number: Int) { state.withLock { $0.figures.append((name, "\(number)")) } }
  func time(_ name: String, _ duration: Duration) { state.withLock { $0.times[name, default: []].append(duration) } }

  /// A row of `make faults`' table.
  private func tell(took: Duration) {
    let row = state.withLock { state in
      let times = state.times.sorted { $0.key < $1.key }.map { name, all in
        let sorted = all.sorted()
        func at(_ share: Double) -> Int {
          Int(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] / .milliseconds(1))
        }
        return "\(name) p50 \(at(0.5)) ms, p99 \(at(0.99)) ms, longest \(at(1)) ms"
      }
      let figures = state.figures.map { "\($0.text) \($0.name)" } + times
      return
        "\(fault)|\(state.made)|\(state.mishaps)|\(Int(took / .seconds(1))) s|\(seed)|\(figures.joined(separator: "; "))"
    }
    print("fault trial: \(row.replacing("|", with: ", "))")
    guard let path = Self.environment["FAULTS_REPORT"] else { return }
    // One write of one line: rows of trials that end together do not mix.
    guard let file = fopen(path, "a") else { return }
    fputs(row + "\n", file)
    fclose(file)
  }
}

/// A stream of chances that a seed names.
struct Chances: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func time(_ range: ClosedRange<Int>) -> Duration { .milliseconds(Int.random(in: range, using: &self)) }
  mutating func happens(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// Lets a moment pass that the seed chose: what is tried is that any moment will do.
func moment(_ time: Duration) async throws { try await ContinuousClock().sleep(for: time) }

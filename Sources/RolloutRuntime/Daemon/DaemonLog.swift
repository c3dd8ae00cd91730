import FoundationEssentials
import Glibc
package import Logging
import NIOPosix
import RolloutCore
import Synchronization

/// What the runtime itself has to say, one line each on standard error. Lines are written by a thread that may block: a
/// disk that hangs must not keep the runtime from letting go of a canary.
package struct DaemonLog: LogHandler {
  package var logLevel = Logger.Level.info
  package var metadata: Logger.Metadata = [:]
  private let label: String
  private let lines: LogLines

  /// All handlers of one process write through one `lines`, so that their lines keep their order.
  package init(label: String, lines: LogLines) {
    self.label = label
    self.lines = lines
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let about = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    lines.write("\(now) \(event.level) \(label):\(about) \(event.message)\n")
  }
}

/// Lines on their way to a descriptor, in order, at most so many.
package final class LogLines: Sendable {
  private static let linesMax = 4_096

  private struct State {
    var lines: [String] = []
    var lost = 0
    var isWriting = false
  }

  private let descriptor: Int32
  private let state = Mutex(State())

  package init(descriptor: Int32 = STDERR_FILENO) { self.descriptor = descriptor }

  func write(_ line: String) {
    let begins = state.withLock { state in
      guard state.lines.count < Self.linesMax else {
        state.lost += 1
        return false
      }
      state.lines.append(line)
      defer { state.isWriting = true }
      return !state.isWriting
    }
    if begins { Blocking.pool.submit { [self] _ in drain() } }
  }

  private func drain() {
    while let text = take() { _ = FileSystem.write(Array(text.utf8), to: descriptor) }
  }

  private func take() -> String? {
    state.withLock { state in
      guard !state.lines.isEmpty else {
        state.isWriting = false
        return nil
      }
      defer {
        state.lines = []
        state.lost = 0
      }
      return state.lines.joined()
        + (state.lost == 0 ? "" : "\(state.lost) lines were lost: the log's disk did not take them\n")
    }
  }

  /// Waits for what was said so far, a moment at most: for a process that is about to end.
  package func flush() async {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(1)
    while state.withLock(\.isWriting), clock.now < deadline { try? await clock.sleep(for: .milliseconds(5)) }
  }
}

import Foundation
import Synchronization

/// One run of `rollout` as a process of its own: what it prints can be awaited while it runs.
final class Command: Sendable {
  /// How a command ended and all it printed.
  struct Ended: Sendable, CustomStringConvertible {
    var command: String
    /// The exit code; `128 + signal` when a signal ended it, as shells count.
    var status: Int32
    var output: String
    var errors: String

    var description: String { "`\(command)` exited with \(status)\n\(output)\n\(errors)" }
    var events: [JournalLine] { output.split(separator: "\n").compactMap { JournalLine(line: $0) } }
  }

  /// A command ended, or went on too long, without what a test waited for.
  struct Unmet: Error, CustomStringConvertible { var description: String }

  fileprivate struct State {
    var output = Data()
    var errors = Data()
    var events: [JournalLine] = []
    /// Bytes of `output` that were looked at for events.
    var parsed = 0
    /// Known once everything it printed is.
    var status: Int32?
    var changes = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  let pid: Int32
  private let title: String
  private let state = Mutex(State())

  init(_ executable: URL, _ arguments: [String], environment: [String: String], in folder: URL) throws {
    title = ([executable.lastPathComponent] + arguments).joined(separator: " ")
    let child = try SpawnedProcess(executable.path, arguments, environment: environment, in: folder.path)
    pid = child.pid
    Thread.detachNewThread { [self] in
      child.follow { chunk in
        change { state in
          switch chunk {
          case .output(let data): state.output.append(data)
          case .errors(let data): state.errors.append(data)
          }
        }
      }
      // Held while the process is buried, so that no signal goes to whoever has its number next.
      change { $0.status = child.wait() }
    }
  }

  private func change(_ change: (inout State) -> Void) {
    let waiting = state.withLock { state in
      change(&state)
      state.parseEvents()
      state.changes += 1
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Looks again after every change until there is an answer.
  private func when<T: Sendable>(_ look: (borrowing State) -> T?) async -> T {
    while true {
      let (answer, seen) = state.withLock { (look($0), $0.changes) }
      if let answer { return answer }
      await withCheckedContinuation { continuation in
        let isStale = state.withLock { state in
          if state.changes == seen { state.waiting.append(continuation) }
          return state.changes != seen
        }
        if isStale { continuation.resume() }
      }
    }
  }

  /// The first event, printed already or still to come, that matches.
  @discardableResult
  func event(_ wanted: String, where matches: (JournalLine) -> Bool) async throws -> JournalLine {
    let found: JournalLine?? = await when { state in
      if let event = state.events.first(where: matches) { return .some(event) }
      return state.status == nil ? nil : .some(nil)
    }
    guard let event = found ?? nil else { throw Unmet(description: "no '\(wanted)': \(await ended())") }
    return event
  }

  func ended() async -> Ended {
    let (status, output, errors) = await when { state in
      state.status.map { ($0, state.output, state.errors) }
    }
    return Ended(
      command: title, status: status, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self))
  }

  func signal(_ number: Int32) {
    state.withLock { if $0.status == nil { kill(pid, number) } }
  }
}

extension Command.State {
  fileprivate mutating func parseEvents() {
    while let end = output[(output.startIndex + parsed)...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = output[(output.startIndex + parsed)..<end]
      parsed = end - output.startIndex + 1
      if let event = JournalLine(line: String(decoding: line, as: UTF8.self)) { events.append(event) }
    }
  }
}

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
    var openStreams = 2
    var status: Int32?
    var changes = 0
    var waiting: [CheckedContinuation<Void, Never>] = []

    var isOver: Bool { openStreams == 0 && status != nil }
  }

  let pid: Int32
  private let title: String
  private let state = Mutex(State())

  init(_ executable: URL, _ arguments: [String], environment: [String: String], in folder: URL) throws {
    title = ([executable.lastPathComponent] + arguments).joined(separator: " ")
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = environment
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    let changed = Changes()
    process.terminationHandler = { process in
      let status =
        process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
      changed.tell { $0.status = status }
    }
    Self.read(output, changed) { $0.output.append($1) }
    Self.read(errors, changed) { $0.errors.append($1) }
    try process.run()
    pid = process.processIdentifier
    changed.deliver(to: self)
  }

  /// Carries changes to a command that may not be there yet: a process can end before `init` does.
  private final class Changes: Sendable {
    private struct Box {
      var command: Command?
      var early: [@Sendable (inout State) -> Void] = []
    }
    private let box = Mutex(Box())

    func tell(_ change: @escaping @Sendable (inout State) -> Void) {
      let command = box.withLock { box in
        if box.command == nil { box.early.append(change) }
        return box.command
      }
      command?.change(change)
    }

    func deliver(to command: Command) {
      let early = box.withLock { box in
        box.command = command
        return box.early
      }
      for change in early { command.change(change) }
    }
  }

  private static func read(
    _ pipe: Pipe, _ changed: Changes, append: @escaping @Sendable (inout State, Data) -> Void
  ) {
    pipe.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      guard !data.isEmpty else {
        handle.readabilityHandler = nil
        return changed.tell { $0.openStreams -= 1 }
      }
      changed.tell { append(&$0, data) }
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
      return state.isOver ? .some(nil) : nil
    }
    guard let event = found ?? nil else { throw Unmet(description: "no '\(wanted)': \(await ended())") }
    return event
  }

  func ended() async -> Ended {
    let (status, output, errors) = await when { state in
      state.isOver ? state.status.map { ($0, state.output, state.errors) } : nil
    }
    return Ended(
      command: title, status: status, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self))
  }

  func signal(_ number: Int32) {
    // Never a process that has ended: its number may be somebody else's by now.
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

import Glibc
package import RolloutCore
package import RolloutHTTP

/// The runtime of a directory as a daemon: started, asked, ended from outside.
package struct RuntimeProcess: Sendable {
  static let pollInterval = TimeSpan.milliseconds(50)
  /// How long a daemon that did not serve in time may take to end when asked.
  static let giveUpMax = TimeSpan.seconds(5)

  private let paths: RuntimePaths
  private let client: ControlClient
  private let target: LocalTarget
  private let clock: RuntimeClock

  package init(path: String, http: HTTPClient = HTTPClient(transfersMax: 8), clock: RuntimeClock = .system()) {
    paths = RuntimePaths(root: path)
    client = ControlClient(paths: paths, http: http)
    target = LocalTarget(path: path, http: http)
    self.clock = clock
  }

  /// What the daemon prints.
  package var log: String { paths.log }

  /// `nil`: none answers.
  package func status() async -> RuntimeStatus? {
    do { return try await target.status() } catch { return nil }
  }

  package var isRunning: Bool { get async { await status() != nil } }

  /// Starts the daemon unless one answers, and waits until it does. `executable` and `arguments` are the command that
  /// runs the runtime in the foreground.
  package func startIfNeeded(
    _ executable: String, _ arguments: [String], within limit: TimeSpan = .seconds(30)
  ) async throws(RuntimeError) -> RuntimeStatus {
    if let status = await status() { return status }
    do {
      return try await launch(executable, arguments, within: limit)
    } catch {
      // Somebody else may have started it in the same moment; then theirs is as good.
      if let status = try await statusOfOther(within: limit) { return status }
      throw error
    }
  }

  /// What a runtime that somebody else started says once it serves; `nil`: there is none. It is an error when there is
  /// one and it does not.
  private func statusOfOther(within limit: TimeSpan) async throws(RuntimeError) -> RuntimeStatus? {
    let deadline = clock.now() + limit
    while true {
      if let status = await status() { return status }
      guard let holder = try RuntimeLock.livingHolder(paths) else { return nil }
      guard clock.now() < deadline else {
        throw RuntimeError(
          .startFailed, "another runtime (pid \(holder)) has \(paths.root) and did not serve within \(limit)",
          help: "look at \(paths.log), or end it with `rollout runtime stop`")
      }
      do { try await clock.sleep(Self.pollInterval) } catch { return nil }
    }
  }

  /// Starts the daemon; it is an error if one runs already.
  package func start(
    _ executable: String, _ arguments: [String], within limit: TimeSpan = .seconds(30)
  ) async throws(RuntimeError) -> RuntimeStatus {
    if let status = await status() {
      throw RuntimeError(
        .alreadyRunning,
        "a runtime for \(paths.root) is running already (pid \(status.pid), \(status.address), since \(status.since))",
        help: "use it, or end it with `rollout runtime stop`")
    }
    return try await launch(executable, arguments, within: limit)
  }

  private func launch(
    _ executable: String, _ arguments: [String], within limit: TimeSpan
  ) async throws(RuntimeError) -> RuntimeStatus {
    try FileSystem.makeDirectory(paths.root)
    let process = try DetachedProcess.start(executable, arguments, log: ServerLog(path: paths.log))
    let deadline = clock.now() + limit
    while clock.now() < deadline {
      if let ending = process.ending() {
        throw RuntimeError(
          .startFailed, "the runtime \(ending) before it served" + Self.quoted(process.lastLines),
          help: "its whole log is \(paths.log)")
      }
      if let status = await status(), status.pid == process.pid { return status }
      do { try await clock.sleep(Self.pollInterval) } catch { break }
    }
    await giveUp(process)
    throw RuntimeError(
      .startFailed, "the runtime did not serve within \(limit)" + Self.quoted(process.lastLines),
      help: "its whole log is \(paths.log)")
  }

  /// Ends a daemon that did not serve in time, and buries it: one that comes up late would serve unasked.
  private func giveUp(_ process: DetachedProcess) async {
    kill(process.pid, SIGTERM)
    let deadline = clock.now() + Self.giveUpMax
    while clock.now() < deadline {
      if process.ending() != nil { return }
      do { try await clock.sleep(Self.pollInterval) } catch { break }
    }
    kill(process.pid, SIGKILL)
    waitpid(process.pid, nil, 0)
  }

  /// Ends the daemon in order and waits until it is gone. `false`: none was running.
  @discardableResult
  package func stop(within limit: TimeSpan = .minutes(4)) async throws(RuntimeError) -> Bool {
    guard let pid = try RuntimeLock.livingHolder(paths) else { return false }
    do {
      try await target.shutDown()
    } catch {
      // One that does not listen any more still minds its signals.
      kill(pid, SIGTERM)
    }
    let deadline = clock.now() + limit
    while clock.now() < deadline {
      // Ours to bury if this process started it.
      waitpid(pid, nil, WNOHANG)
      if kill(pid, 0) != 0 { return true }
      do { try await clock.sleep(Self.pollInterval) } catch { break }
    }
    throw RuntimeError(
      .stopFailed, "the runtime (pid \(pid)) has not ended within \(limit)",
      help: "look at \(paths.log), or end it with `kill -9 \(pid)`: its model servers end with it")
  }

  private static func quoted(_ lines: String) -> String { lines.isEmpty ? "" : "; it last printed:\n\(lines)" }
}

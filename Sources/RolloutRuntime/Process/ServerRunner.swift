import FoundationEssentials
import Glibc
import RolloutCore
import RolloutHTTP
import Subprocess
import SystemPackage

/// Runs one model server from its start to its end, and tells how it does.
struct ServerRunner: Sendable {
  let models: any ModelStore
  let http: HTTPClient
  let clock: RuntimeClock

  /// Between checks of a server that has not answered one yet.
  static let startingInterval = TimeSpan.milliseconds(200)

  func run(_ launch: ServerLaunch, report: @escaping @Sendable (InstanceEvent) -> Void) async {
    do {
      let (process, directory, port) = try await prepare(launch)
      let (descriptor, offset) = try await Blocking.run {
        ServerLog.prune(FileSystem.directory(of: launch.log.path), newest: launch.instance.fleet)
        return try launch.log.open()
      }
      let status = try await execute(
        process, launch, in: directory, output: descriptor, port: port, report: report)
      let lastLines = try await Blocking.run { launch.log.lastLines(since: offset) }
      report(.exited(status: status, lastLines: lastLines))
    } catch {
      report(.launchFailed(reason: "the model server of \(launch.content.model.title) could not be started: \(error)"))
    }
  }

  private func prepare(_ launch: ServerLaunch) async throws -> (Configuration, directory: String, port: Int) {
    let directory = try await models.directory(for: launch.content.model)
    guard let port = FreePort.find() else { throw LaunchError("this machine has no free port on 127.0.0.1") }
    let environment = try launch.environment(port: port, runtime: ProcessInfo.processInfo.environment)
    var options = PlatformOptions()
    options.processGroupID = 0
    // No model server may outlive its runtime: the kernel kills it when the thread that started it ends, and
    // swift-subprocess starts all of them from one thread that ends with the process.
    let configuration = Configuration(
      executable: .name("setpriv"), arguments: Arguments(["--pdeathsig", "KILL", "--"] + launch.content.serve.command),
      environment: .custom(
        Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })),
      workingDirectory: FilePath(directory), platformOptions: options)
    return (configuration, directory, port)
  }

  /// How the process ended: `exited with code 1`.
  private func execute(
    _ configuration: Configuration, _ launch: ServerLaunch, in directory: String, output descriptor: Int32, port: Int,
    report: @escaping @Sendable (InstanceEvent) -> Void
  ) async throws -> String {
    let (pids, announce) = AsyncStream.makeStream(of: Int32.self)
    return try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask {
        defer { announce.finish() }
        let log = FileDescriptor(rawValue: descriptor)
        let result = try await Subprocess.run(
          configuration, input: .none, output: .fileDescriptor(log, closeAfterSpawningProcess: true),
          error: .combinedWithOutput
        ) { execution in
          announce.yield(execution.processIdentifier.value)
          return execution.processIdentifier.value
        }
        // Whatever it started itself goes with it.
        kill(-result.closureResult, SIGKILL)
        return Self.describe(result.terminationStatus)
      }
      group.addTask {
        for await pid in pids {
          report(.started(ServerProcess(pid: pid, port: port)))
          await watch(pid, port: port, launch, report: report)
        }
        return nil
      }
      group.addTask { [clock] in
        await launch.log.keepShort(clock)
        return nil
      }
      for try await status in group {
        guard let status else { continue }
        group.cancelAll()
        return status
      }
      preconditionFailure("a process that was run has ended")
    }
  }

  private static func describe(_ status: TerminationStatus) -> String {
    switch status {
    case .exited(let code): "exited with code \(code)"
    case .signaled(let signal): "was killed by signal \(signal)"
    }
  }
}

// MARK: - Health

extension ServerRunner {
  /// Checks until cancelled: often while it starts, then at the template's interval.
  private func watch(
    _ pid: Int32, port: Int, _ launch: ServerLaunch, report: @Sendable (InstanceEvent) -> Void
  ) async {
    let template = launch.content.template
    let request = HTTPRequest(
      url: "http://127.0.0.1:\(port)\(launch.content.serve.healthPath)", timeout: template.healthTimeout.duration,
      connectTimeout: template.healthTimeout.duration, responseBytesMax: 65_536)
    var hasPassed = false
    while !Task.isCancelled {
      let isHealthy = await isHealthy(request)
      if Task.isCancelled { return }
      hasPassed = hasPassed || isHealthy
      report(isHealthy ? .healthPassed(pid: pid) : .healthFailed(pid: pid))
      guard (try? await clock.sleep(hasPassed ? template.healthInterval : Self.startingInterval)) != nil else { return }
    }
  }

  private func isHealthy(_ request: HTTPRequest) async -> Bool {
    do { return try await http.send(request).status == 200 } catch { return false }
  }
}

import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import RolloutCore
import RolloutEngine
import RolloutRegistry
import RolloutRuntime

struct RuntimeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runtime", abstract: "The local runtime, which serves on this machine; `apply` starts it when needed.",
    subcommands: [Start.self, Stop.self, StatusOf.self])

  struct Start: RolloutSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "start", abstract: "Starts the runtime; it goes on after this command ends.")
    @OptionGroup var common: CommonOptions
    @Flag(help: "Serve from this process until it is told to end.")
    var foreground = false

    func perform() async throws -> ExitStatus {
      let session = try Session(common)
      guard foreground else {
        let status = try await LocalRuntimeControl(session).start()
        try session.terminal.present(
          "The runtime serves at \(status.address) (pid \(status.pid)).", RuntimeView.Document(status))
        return .done
      }
      // Whatever this process makes, the control socket first of all, is this user's alone from its first moment on.
      umask(0o077)
      let lines = LogLines()
      LoggingSystem.bootstrap { DaemonLog(label: $0, lines: lines) }
      let logger = Logger(label: "rollout.runtime")
      let runtime = session.pipeline.runtime
      let configuration = RuntimeConfiguration(
        path: runtime.path, host: runtime.host, port: runtime.port, version: programVersion)
      let supervisor = RolloutSupervisor(
        session: session, target: LocalTarget(path: runtime.path), logger: Logger(label: "rollout.supervisor"))
      try await LocalRuntime.run(
        configuration: configuration, models: RegistryModels(), extraServices: [supervisor], logger: logger)
      await lines.flush()
      return .done
    }
  }

  struct Stop: RolloutSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "stop", abstract: "Ends the runtime in order: requests are answered, then model servers stopped.")
    @OptionGroup var common: CommonOptions

    func perform() async throws -> ExitStatus {
      let session = try Session(common)
      let wasRunning = try await LocalRuntimeControl(session).process.stop()
      try session.terminal.present(
        wasRunning ? "The runtime has ended." : "No runtime was running.", RuntimeView.Document(wasRunning: wasRunning))
      return .done
    }
  }

  struct StatusOf: RolloutSubcommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "Whether the runtime runs, and every model server it runs.")
    @OptionGroup var common: CommonOptions

    func perform() async throws -> ExitStatus {
      let session = try Session(common)
      let status = await LocalRuntimeControl(session).process.status()
      try session.terminal.present(
        status.map { RuntimeView.text($0, style: Style(session.terminal)) }
          ?? "The runtime is not running; `rollout runtime start` starts it.",
        RuntimeView.Document(status))
      return status == nil ? .failed : .done
    }
  }
}

/// Model files out of the registry that each revision names, every digest verified first.
private struct RegistryModels: ModelStore {
  func directory(for model: DeployedModel) async throws -> String {
    try await LocalRegistry(path: model.registryPath).directory(for: model)
  }
}

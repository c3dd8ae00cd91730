import FoundationEssentials
import RolloutCore
import RolloutDiagnostics
import RolloutSpec

/// The user's files, read for a command: problems go to standard error, errors end the command.
struct SpecFiles {
  let common: CommonOptions
  let environment: [String: String]
  let terminal: Terminal

  init(_ common: CommonOptions, _ environment: [String: String], _ terminal: Terminal) {
    self.common = common
    self.environment = environment
    self.terminal = terminal
  }

  /// A session over files that are valid as a whole, and the environments they describe.
  static func load(_ common: CommonOptions) throws -> (Session, [EnvironmentSpec]) {
    let environment = ProcessInfo.processInfo.environment
    let terminal = Terminal(format: common.format, environment: environment)
    let files = SpecFiles(common, environment, terminal)
    let loaded = SpecLoader(environment: environment).load(directory: common.environments)
    guard let specs = try files.checked(loaded.specs, loaded.diagnostics) else {
      preconditionFailure("files without errors have values")
    }
    return (Session(common, environment, terminal, specs.pipeline), specs.environments)
  }

  func pipeline() throws -> Pipeline {
    let loaded = SpecLoader(environment: environment).loadPipeline(directory: common.environments)
    guard let pipeline = try checked(loaded.pipeline, loaded.diagnostics) else {
      preconditionFailure("files without errors have values")
    }
    return pipeline
  }

  func model(in directory: String) throws -> ModelManifest {
    let loaded = SpecLoader(environment: environment).loadModel(directory: directory)
    guard let manifest = try checked(loaded.manifest, loaded.diagnostics) else {
      preconditionFailure("files without errors have values")
    }
    return manifest
  }

  /// The value, once what is wrong was said.
  private func checked<T>(_ value: T?, _ diagnostics: [Diagnostic]) throws -> T? {
    if !diagnostics.isEmpty {
      Terminal.complain(DiagnosticText(coloured: terminal.color).render(diagnostics))
    }
    if value == nil {
      throw CommandFailure(
        .invalidFiles, DiagnosticText.summary(diagnostics), help: "rollout explain CODE says more about each")
    }
    return value
  }
}

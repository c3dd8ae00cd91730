import ArgumentParser
import FoundationEssentials
import RolloutCore
import RolloutDiagnostics
import RolloutDigest
import RolloutSpec

struct ValidateCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Reads every file and reports everything that is wrong; touches nothing.")

  @OptionGroup var common: CommonOptions

  func perform() async throws -> ExitStatus {
    let environment = ProcessInfo.processInfo.environment
    let terminal = Terminal(format: common.format, environment: environment)
    let loaded = SpecLoader(environment: environment).load(directory: common.environments)
    if common.format == .json {
      terminal.print(try CanonicalJSON.pretty(DiagnosticReport(loaded.diagnostics)))
    } else if !loaded.diagnostics.isEmpty {
      terminal.print(DiagnosticText(coloured: terminal.color).render(loaded.diagnostics))
      terminal.print(DiagnosticText.summary(loaded.diagnostics))
    }
    guard let specs = loaded.specs else { return .invalidFiles }
    if common.format != .json, loaded.diagnostics.isEmpty {
      let names = specs.environments.map(\.name).joined(separator: ", ")
      terminal.print("\(specs.pipeline.service): \(names) are valid.")
    }
    return .done
  }
}

struct CompletionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Prints a completion script: bash, zsh or fish.")

  @Argument(help: "bash, zsh or fish.")
  var shell: String

  func run() async throws {
    guard let shell = CompletionShell(rawValue: shell) else {
      throw ValidationError("'\(shell)' has no completions; there are some for bash, zsh and fish")
    }
    print(RolloutCommand.completionScript(for: shell))
  }
}

struct SchemaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Prints the JSON Schema of a kind of file, for editors.")

  @Argument(help: "pipeline, environment, alarm, template, smoke or model.")
  var kind: SpecKind

  func run() async throws { print(kind.schemaText, terminator: "") }
}

extension SpecKind: ExpressibleByArgument {}

import ArgumentParser

enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case text, json, markdown
}

struct CommonOptions: ParsableArguments {
  @Option(name: .long, help: "The folder with pipeline.yaml and the environment files.")
  var environments = "Environments"

  @Option(name: .long, help: "How results are written: text, json, or markdown where a command has it.")
  var format = OutputFormat.text
}

/// A command of ours: says what it does, leaves errors and exits to `run`.
protocol ReportingSubcommand: AsyncParsableCommand {
  /// What it can write; anything else is a usage error.
  static var formats: [OutputFormat] { get }
  var format: OutputFormat { get }
  func perform() async throws -> ExitStatus
}

/// A command about a service, whose files say where everything is.
protocol RolloutSubcommand: ReportingSubcommand {
  var common: CommonOptions { get }
}

extension RolloutSubcommand {
  var format: OutputFormat { common.format }
}

extension ReportingSubcommand {
  static var formats: [OutputFormat] { [.text, .json] }

  func run() async throws {
    guard Self.formats.contains(format) else {
      throw ValidationError("this command does not write \(format.rawValue); it writes text or json")
    }
    let status: ExitStatus
    do {
      status = try await perform()
    } catch let exit as ExitCode {
      throw exit
    } catch let usage as ValidationError {
      throw usage
    } catch {
      let failure = CommandFailure(error)
      Terminal.complain("error: \(failure.message)")
      if let help = failure.help { Terminal.complain("help: \(help)") }
      throw failure.status.code
    }
    if status != .done { throw status.code }
  }
}

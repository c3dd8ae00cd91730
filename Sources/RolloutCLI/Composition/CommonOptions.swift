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

/// A command of ours: says what it does with a session, leaves errors and exits to `run`.
protocol RolloutSubcommand: AsyncParsableCommand {
  var common: CommonOptions { get }
  func perform() async throws -> ExitStatus
}

extension RolloutSubcommand {
  func run() async throws {
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

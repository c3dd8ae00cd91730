import ArgumentParser
import FoundationEssentials
import RolloutSpec

struct InitCommand: ReportingSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Writes a working set of files; changes none that is there.")

  @Argument(help: "The folder to write into.")
  var directory = "."
  @Option(help: "The service's name.")
  var service = "my-service"
  @Option(help: "How results are written: text or json.")
  var format = OutputFormat.text

  private struct Document: Encodable {
    let schema = "rollout/init/1"
    let service: String
    let files: [String]
  }

  func validate() throws {
    guard Scaffold.isServiceName(service) else {
      throw ValidationError("'\(service)' cannot be a service's name: use letters, digits and hyphens, at most 50")
    }
  }

  func perform() async throws -> ExitStatus {
    let terminal = Terminal(format: format, environment: ProcessInfo.processInfo.environment)
    let files = FileManager.default
    let scaffold = Scaffold.files(service: service).map { (path: "\(directory)/\($0.path)", text: $0.text) }
    let present = scaffold.map(\.path).filter { files.fileExists(atPath: $0) }
    guard present.isEmpty else {
      throw CommandFailure(
        .failed, "\(present.joined(separator: ", ")) \(present.count == 1 ? "is" : "are") there already",
        help: "name another folder; nothing was written")
    }
    do {
      for file in scaffold {
        let folder = file.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        try files.createDirectory(atPath: folder.joined(separator: "/"), withIntermediateDirectories: true)
        try Data(file.text.utf8).write(to: URL(fileURLWithPath: file.path), options: .atomic)
        terminal.say("wrote \(file.path)")
      }
    } catch {
      throw CommandFailure(
        .failed, "cannot write into \(directory): \(error)", help: "name a folder that this user may write to")
    }
    try terminal.present(
      "Next: rollout validate, rollout models register DIR --metric accuracy=0.61, rollout plan",
      Document(service: service, files: scaffold.map(\.path)))
    return .done
  }
}

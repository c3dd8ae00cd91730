import ArgumentParser
import FoundationEssentials
import RolloutSpec

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Writes a working set of files; changes none that is there.")

  @Argument(help: "The folder to write into.")
  var directory = "."
  @Option(help: "The service's name.")
  var service = "my-service"

  func validate() throws {
    guard Scaffold.isServiceName(service) else {
      throw ValidationError("'\(service)' cannot be a service's name: use letters, digits and hyphens, at most 50")
    }
  }

  func run() async throws {
    let files = FileManager.default
    let scaffold = Scaffold.files(service: service)
    let present = scaffold.map { "\(directory)/\($0.path)" }.filter { files.fileExists(atPath: $0) }
    guard present.isEmpty else {
      Terminal.complain("error: \(present.joined(separator: ", ")) \(present.count == 1 ? "is" : "are") there already")
      Terminal.complain("help: name another folder; nothing was written")
      throw ExitStatus.failed.code
    }
    do {
      for file in scaffold {
        let path = "\(directory)/\(file.path)"
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(file.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        print("wrote \(path)")
      }
    } catch {
      Terminal.complain("error: cannot write into \(directory): \(error)")
      throw ExitStatus.failed.code
    }
    print("Next: rollout validate, rollout models register DIR --metric accuracy=0.61, rollout plan")
  }
}

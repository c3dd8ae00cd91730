import Foundation
import Testing

/// A folder with the files of EyeCatcher on SageMaker, and a command line: all that a machine has that works on it.
struct Machine: Sendable {
  let folder: URL
  let variables: [String: String]

  /// With the product's own files, as they are.
  init(_ folder: URL, variables: [String: String]) throws {
    self.folder = folder
    self.variables = variables
    for path in ["Environments/aws", "Environments/smoke", "Templates", "Alarms"] {
      let copy = folder.appending(path: path)
      try FileManager.default.createDirectory(at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: Bench.checkout.appending(path: path), to: copy)
    }
  }

  private init(copying machine: Machine, to folder: URL) throws {
    self.folder = folder
    variables = machine.variables
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: machine.folder.path) where !name.hasPrefix(".") {
      try FileManager.default.copyItem(at: machine.folder.appending(path: name), to: folder.appending(path: name))
    }
  }

  /// Another one, with the same files.
  func another() throws -> Machine {
    try Machine(
      copying: self,
      to: folder.deletingLastPathComponent().appending(path: "machine-\(UUID().uuidString.prefix(4))"))
  }

  // MARK: Files

  func text(of path: String) throws -> String { try String(contentsOf: folder.appending(path: path), encoding: .utf8) }

  func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: folder.appending(path: path)) }

  /// Replaces the only place where a file says `old`.
  func edit(_ path: String, _ old: String, _ new: String) throws {
    let parts = try text(of: path).components(separatedBy: old)
    guard parts.count == 2 else {
      throw Command.Unmet(description: "\(path) says '\(old)' \(parts.count - 1) times")
    }
    try write(parts.joined(separator: new), to: path)
  }

  /// For tests that are about neither.
  func leaveOutStagingAndApproval() throws {
    try edit("Environments/aws/pipeline.yaml", "stages: [staging, production]", "stages: [production]")
    try edit(
      "Environments/aws/production.yaml",
      "approval: {approvers: [release], minimum: 1, selfApproval: false, expires: 72h}\n", "")
  }

  // MARK: Commands

  func start(
    _ arguments: String..., as actor: String = "ci", with variables: [String: String] = [:]
  ) throws -> Command {
    try start(arguments, as: actor, with: variables)
  }

  private func start(_ arguments: [String], as actor: String, with more: [String: String]) throws -> Command {
    var environment = ProcessInfo.processInfo.environment
    environment["ROLLOUT_ACTOR"] = actor
    environment.merge(variables) { $1 }
    environment.merge(more) { $1 }
    return try Command(
      Bench.executable, arguments + ["--environments", "Environments/aws"], environment: environment, in: folder)
  }

  /// Runs a command on another host, as far as it can tell by its name: it sees the process of a lease's holder no more.
  /// Naming a host needs root.
  func rolloutOnAnotherHost(_ arguments: String...) async throws -> Command.Ended {
    let unshare = URL(filePath: "/usr/bin/unshare")
    guard getuid() == 0, FileManager.default.isExecutableFile(atPath: unshare.path) else {
      try Test.cancel("only root names hosts")
    }
    let script = #"hostname another-host && exec "$0" "$@""#
    var environment = ProcessInfo.processInfo.environment
    environment["ROLLOUT_ACTOR"] = "ci"
    environment.merge(variables) { $1 }
    return try await Command(
      unshare,
      ["--uts", "/bin/sh", "-c", script, Bench.executable.path] + arguments
        + ["--environments", "Environments/aws"], environment: environment, in: folder
    ).ended()
  }

  func rollout(
    _ arguments: String..., as actor: String = "ci", with variables: [String: String] = [:]
  ) async throws -> Command.Ended {
    try await start(arguments, as: actor, with: variables).ended()
  }

  /// Runs a command that a test needs to end in exactly this way before it can go on.
  @discardableResult
  func expect(
    _ status: Int32, _ arguments: String..., as actor: String = "ci", with variables: [String: String] = [:]
  ) async throws -> Command.Ended {
    let ended = try await start(arguments, as: actor, with: variables).ended()
    guard ended.status == status else { throw Command.Unmet(description: "expected exit \(status): \(ended)") }
    return ended
  }

  /// Somebody else's request, by Amazon's own client; see Fixtures/aws.py.
  @discardableResult
  func boto(_ service: String, _ method: String, _ parameters: String) async throws -> String {
    let command = try Command(
      Bench.checkout.appending(path: ".venv/bin/python3"),
      [Bench.fixtures.appending(path: "aws.py").path, service, method, parameters],
      environment: ProcessInfo.processInfo.environment.merging(variables) { $1 }, in: folder)
    let ended = await command.ended()
    guard ended.status == 0 else { throw Command.Unmet(description: "\(ended)") }
    return ended.output
  }

  func status() async throws -> CloudStatus {
    let ended = try await expect(0, "status", "--format", "json")
    return try JSONDecoder().decode(CloudStatus.self, from: Data(ended.output.utf8))
  }
}

/// What `status --format json` prints: as much of it as tests look at.
struct CloudStatus: Decodable, Sendable {
  struct Environment: Decodable, Sendable {
    var environment: String
    var live: Live?
    var stable: Fleet?
    var canary: Canary?
  }
  struct Live: Decodable, Sendable { var model: Model }
  struct Model: Decodable, Sendable { var version: Int }
  struct Fleet: Decodable, Sendable {
    struct Alarm: Decodable, Sendable {
      var name: String
      var state: String
    }
    var model: Model
    var desired: Int
    var ready: Int
    var alarms: [Alarm]
  }
  struct Canary: Decodable, Sendable {
    var model: Model
    var sharePercent: Double
  }
  struct Rollout: Decodable, Sendable {
    var rollout: String
    var environment: String
    var state: String
    var action: String
  }

  var environments: [Environment]
  var rollout: Rollout?

  subscript(name: String) -> Environment? { environments.first { $0.environment == name } }
}

import Foundation
import RolloutHTTP
import Synchronization
import Testing

/// A folder of its own with environment files, a registry, a runtime and a port: what one test works with.
final class Bench: Sendable {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")
  static let checkout = fixtures.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// Beside the test bundle, where the build puts every product.
  static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "rollout")

  let folder: URL
  let port: Int
  let client = HTTPClient(transfersMax: 64)
  private let modelsMade = Atomic<Int>(0)

  private init(_ settings: Settings) throws {
    let name = "rollout-bench-\(UUID().uuidString.prefix(8))"
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appending(path: name)
    port = Ports.next()
    try write(settings)
  }

  /// Runs a test with a bench. At its end the runtime is stopped, and no process may be left.
  static func run(
    _ settings: Settings = Settings(), underLoad: Bool = false, patience: Duration = Watchdog.patience,
    _ body: (Bench) async throws -> Void
  ) async throws {
    let need = underLoad ? 3 : 1
    await Turnstile.shared.enter(need)
    do {
      let bench = try Bench(settings)
      let watchdog = Watchdog(bench.folder, patience)
      do {
        try await body(bench)
      } catch {
        Issue.record(error, "the runtime's log:\n\(bench.runtimeLog.suffix(6_000))")
      }
      await bench.clear()
      watchdog.end()
    } catch {
      await Turnstile.shared.leave(need)
      throw error
    }
    await Turnstile.shared.leave(need)
  }

  private func clear() async {
    do {
      let stop = try await rollout("runtime", "stop")
      #expect(stop.status == 0, "\(stop)")
    } catch {
      Issue.record(error)
    }
    #expect(processes.isEmpty, "processes are left behind")
    killProcesses()
    try? FileManager.default.removeItem(at: folder)
  }

  var runtimeLog: String {
    (try? String(contentsOf: folder.appending(path: ".rollout/runtime/runtime.log"), encoding: .utf8)) ?? ""
  }
}

// MARK: - Files and models

extension Bench {
  func write(_ settings: Settings) throws {
    var settings = settings
    settings.port = port
    for (path, text) in settings.files { try write(text, to: path) }
  }

  func write(_ text: String, to path: String) throws {
    let file = folder.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// A model's directory whose server behaves as `behaviour` says; see Fixtures/model/server.py.
  func makeModel(_ behaviour: [String: String] = [:], cores: Double = 1) throws -> URL {
    let number = modelsMade.add(1, ordering: .relaxed).newValue
    let model = "models/\(number)"
    let environment = behaviour.sorted { $0.key < $1.key }.map { "    \($0.key): \"\($0.value)\"" }
    try write(
      """
      serve:
        command: [python3, server.py]
        environment:
          BUILD: "\(number)"
      \(environment.joined(separator: "\n"))
        portVariable: SAGEMAKER_BIND_TO_PORT
        health: /ping
        cores: \(cores)
        concurrency: 16

      """, to: "\(model)/model.yaml")
    try FileManager.default.copyItem(
      at: Self.fixtures.appending(path: "model/server.py"), to: folder.appending(path: "\(model)/server.py"))
    return folder.appending(path: model)
  }

  /// Registers and approves a version.
  func register(_ behaviour: [String: String] = [:], accuracy: Double = 0.61, cores: Double = 1) async throws {
    let model = try makeModel(behaviour, cores: cores)
    try await expect(0, "models", "register", model.path, "--metric", "accuracy=\(accuracy)", "--approve")
  }

  /// Registers a version and takes it to production, whatever gates there are.
  func deploy(_ behaviour: [String: String] = [:]) async throws {
    try await register(behaviour)
    let first = try await rollout("apply")
    guard first.status == 3 else {
      guard first.status == 0 else { throw Command.Unmet(description: "\(first)") }
      return
    }
    try await expect(0, "approve", as: "maria")
    try await expect(0, "apply")
  }
}

// MARK: - Commands

extension Bench {
  /// `variables` are added to what this process has.
  func start(
    _ arguments: String..., as actor: String = "ci", with variables: [String: String] = [:]
  ) throws -> Command {
    try start(arguments, as: actor, with: variables)
  }

  func start(
    _ arguments: [String], as actor: String = "ci", with variables: [String: String] = [:]
  ) throws -> Command {
    var environment = ProcessInfo.processInfo.environment
    environment["ROLLOUT_ACTOR"] = actor
    environment.merge(variables) { $1 }
    return try Command(Self.executable, arguments, environment: environment, in: folder)
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

  /// The runtime's own word; `nil` when none runs.
  func status() async throws -> RuntimeStatus? {
    let ended = try await rollout("runtime", "status", "--format", "json")
    return (try? JSONDecoder().decode(RuntimeDocument.self, from: Data(ended.output.utf8)))?.runtime
  }

  /// The version that production's users are on.
  func liveVersion(in environment: String = "production") async throws -> Int? {
    try await status()?[environment]?.observation.stable?.model.version
  }

  /// Asks again and again until there is an answer. The pause only keeps the asking from being all the machine does.
  @discardableResult
  func until<T>(_ wanted: String, _ ask: () async throws -> T?) async throws -> T {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      if let answer = try await ask() { return answer }
      try await ContinuousClock().sleep(for: .milliseconds(100))
    }
    throw Command.Unmet(description: "not within a minute: \(wanted)")
  }
}

// MARK: - Users

extension Bench {
  func invoke(_ endpoint: String = "production", variant: String? = nil) async throws -> HTTPResponse {
    try await client.send(request(endpoint, variant: variant))
  }

  func request(_ endpoint: String, variant: String? = nil) -> HTTPRequest {
    var headers = [("Content-Type", "application/json")]
    if let variant { headers.append(("X-Amzn-SageMaker-Target-Variant", variant)) }
    return HTTPRequest(
      method: "POST", url: "http://127.0.0.1:\(port)/endpoints/\(endpoint)/invocations", headers: headers,
      body: Array(#"{"picture": 1}"#.utf8), timeout: .seconds(30))
  }
}

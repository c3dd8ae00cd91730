import Foundation
import Logging
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutHTTP
import Testing

@testable import RolloutRuntime

/// A running runtime in this process, with real model servers, on a free port and in a directory of its own.
struct RuntimeFixture: Sendable {
  static let endpoint = "eye"

  let runtime: LocalRuntime
  let path: String
  let http = HTTPClient()
  var target: LocalTarget { LocalTarget(path: path, http: http) }

  /// A runtime that holds its directory and serves once it is run.
  static func make(at path: String, models: any ModelStore = FixtureModels()) async throws -> LocalRuntime {
    // Short patience, so that what takes seconds in production takes moments here.
    let policy = SupervisionPolicy(
      backoffMin: .milliseconds(50), backoffMax: .seconds(1), crashesMax: 3, settledAfter: .seconds(2),
      killAfter: .seconds(5))
    return try await LocalRuntime(
      configuration: RuntimeConfiguration(
        path: path, port: 0, version: "1.2.3", supervision: policy, handlesSignals: false),
      models: models, logger: Logger(label: "runtime") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Runs `body` beside a runtime that is ended in order afterwards.
  static func run(
    at path: String, models: any ModelStore = FixtureModels(),
    _ body: @Sendable (RuntimeFixture) async throws -> Void
  ) async throws {
    let runtime = try await make(at: path, models: models)
    let (ready, announce) = AsyncStream.makeStream(of: RuntimeStatus.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { announce.finish() }
        try await runtime.run { status in announce.yield(status) }
      }
      for await _ in ready {
        let fixture = RuntimeFixture(runtime: runtime, path: path)
        do {
          try await body(fixture)
        } catch {
          group.cancelAll()
          throw error
        }
        try await fixture.target.shutDown()
      }
      try await group.waitForAll()
    }
  }

  static func inTemporaryDirectory(
    models: any ModelStore = FixtureModels(), _ body: @Sendable (RuntimeFixture) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { path in try await run(at: path, models: models, body) }
  }
}

// MARK: - Waiting

extension RuntimeFixture {
  /// Looks again whenever the runtime has done something, until `found` finds something.
  func eventually<Value: Sendable>(
    _ what: String, within limit: Duration = .seconds(40), _ found: () async throws -> Value?
  ) async throws -> Value {
    let changes = runtime.changes.stream()
    let start = ContinuousClock.now
    if let value = try await found() { return value }
    for await _ in changes {
      if let value = try await found() { return value }
      guard ContinuousClock.now - start < limit else { break }
    }
    let seen = try await CanonicalJSON.pretty(target.status())
    throw Unmet(description: "not within \(limit): \(what); the runtime says\n\(seen)")
  }

  func eventuallyObserved(
    _ what: String, where holds: (EndpointObservation) -> Bool
  ) async throws -> EndpointObservation {
    try await eventually(what) {
      let observation = try await target.observe(Self.endpoint, fence: nil)
      return holds(observation) ? observation : nil
    }
  }

  struct Unmet: Error, CustomStringConvertible { let description: String }
}

// MARK: - Orders and requests

extension RuntimeFixture {
  func perform(_ order: TargetOrder, fence: UInt64) async throws {
    try await target.perform(order, on: Self.endpoint, fence: fence)
  }

  /// Brings a revision to stable by the way every revision goes. Uses three fences from `fence` on.
  func serve(_ revision: Revision, fence: UInt64 = 1, keepWarm: TimeSpan = .zero) async throws {
    try await prepareAndShift(revision, to: .all, fence: fence)
    try await perform(.promote(revision.digest, keepWarm: keepWarm), fence: fence + 2)
  }

  func prepareAndShift(_ revision: Revision, to share: Percent, fence: UInt64) async throws {
    try await perform(.prepare(revision), fence: fence)
    _ = try await eventuallyObserved("a ready canary") { observation in
      guard let fleet = observation.canary?.fleet else { return false }
      return fleet.ready == fleet.desired
    }
    try await perform(.shift(share), fence: fence + 1)
  }

  func invoke(variant: String? = nil) async throws -> HTTPResponse {
    try await http.send(
      HTTPRequest(
        method: "POST", url: "\(runtime.address)/endpoints/\(Self.endpoint)/invocations",
        headers: [("Content-Type", "application/json")]
          + (variant.map { [("X-Amzn-SageMaker-Target-Variant", $0)] } ?? []),
        body: Array("{}".utf8)))
  }

  /// Sends requests one after the other; the statuses, and which versions answered.
  func invoke(times: Int) async throws -> (statuses: [Int: Int], versions: [String: Int]) {
    var statuses: [Int: Int] = [:]
    var versions: [String: Int] = [:]
    for _ in 0..<times {
      let response = try await invoke()
      statuses[response.status, default: 0] += 1
      if response.status == 200 { versions[try Answer(response).version, default: 0] += 1 }
    }
    return (statuses, versions)
  }

  struct Answer: Decodable {
    let version: String
    let variant: String
    let pid: Int32
    let directory: String

    init(_ response: HTTPResponse) throws { self = try CanonicalJSON.value(Answer.self, from: response.body) }
  }
}

/// Serves the fixture's own directory, and refuses what a test says it must.
struct FixtureModels: ModelStore {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"
  var damagedVersions: Set<Int> = []

  struct Damaged: Error, CustomStringConvertible {
    let description = "the package's digest does not match"
  }

  func directory(for model: DeployedModel) async throws -> String {
    if damagedVersions.contains(model.version) { throw Damaged() }
    return Self.directory
  }
}

func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
  let path = FileManager.default.temporaryDirectory.path + "/rollout-runtime-\(UUID().uuidString.prefix(8))"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  try await body(path)
}

extension Revision {
  /// A revision of the fixture's server; `environment` says how it misbehaves.
  static func fixture(
    _ version: Int, instances: Int = 1, environment: [String: String] = [:], alarms: [AlarmRule] = [],
    autoscaling: ScalingPolicy? = nil, lease: TimeSpan = .seconds(60), startupTimeout: TimeSpan = .seconds(30)
  ) throws -> Revision {
    let content = Content(
      model: DeployedModel(
        group: "eye-catcher", version: version, digest: Digest(of: "version \(version)"), variant: "full",
        metrics: [:], sizeBytes: 1, registryPath: "/registry"),
      serve: ServeSpec(command: ["python3", "server.py"], environment: environment),
      endpoint: EndpointSpec(name: RuntimeFixture.endpoint, instances: instances),
      template: EndpointTemplate(
        healthInterval: .milliseconds(500), startupTimeout: startupTimeout, drain: .seconds(5), lease: lease),
      alarms: alarms, autoscaling: autoscaling)
    return Revision(digest: try CanonicalJSON.digest(content), content: content)
  }
}

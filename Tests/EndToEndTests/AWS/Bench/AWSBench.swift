import Foundation
import Testing

/// AWS of its own and machines that work on it: what one test of SageMaker works with.
///
/// Time in AWS is virtual. It runs `rate` times as fast as ours unless a test holds it still, and then only as far as
/// what the test waits for.
final class AWSBench: Sendable {
  static let rate = 600

  let cloud: Emulator
  let here: Machine
  private let folder: URL

  private init(_ cloud: Emulator) throws {
    self.cloud = cloud
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "rollout-aws-\(UUID().uuidString.prefix(8))")
    here = try Machine(folder.appending(path: "machine"), variables: Self.variables(cloud.keys))
  }

  static func run(patience: Duration = Watchdog.patience, _ body: (AWSBench) async throws -> Void) async throws {
    await Turnstile.shared.enter(1)
    do {
      let cloud = try await EmulatorPool.shared.take()
      let bench = try AWSBench(cloud)
      try await bench.prepare()
      let watchdog = Watchdog(bench.folder, patience)
      do {
        try await body(bench)
      } catch {
        Issue.record(error, await bench.report)
      }
      watchdog.end()
      try await bench.clear()
      try await EmulatorPool.shared.giveBack(cloud)
    } catch {
      await Turnstile.shared.leave(1)
      throw error
    }
    await Turnstile.shared.leave(1)
  }

  private static func variables(_ keys: Emulator.Keys) -> [String: String] {
    [
      "AWS_ENDPOINT_URL": keys.url, "AWS_ACCESS_KEY_ID": keys.accessKeyId,
      "AWS_SECRET_ACCESS_KEY": keys.secretAccessKey, "AWS_EC2_METADATA_DISABLED": "true",
      // Nobody's own files.
      "AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
      "ROLLOUT_POLL": "100ms", "ROLLOUT_LEASE_TTL": "10s",
    ]
  }

  private func prepare() async throws {
    try await cloud.tell("clock", #"{"rate": \#(Self.rate)}"#)
    try await cloud.tell("buckets", #"{"name": "eye-catcher-rollout"}"#)
    try await seed()
  }

  private func clear() async throws {
    #expect(try await cloud.violations == [])
    #expect(Processes.about(folder).isEmpty, "processes are left behind")
    Processes.kill(about: folder)
    try? FileManager.default.removeItem(at: folder)
  }

  /// What AWS was asked to change.
  private var report: Comment {
    get async {
      let log = (try? await cloud.log) ?? []
      let lines = log.filter { !$0.isRead && $0.service != "s3" && $0.operation != "InvokeEndpoint" }.suffix(60)
        .map { "\($0)" }
      return Comment(rawValue: "AWS was asked:\n\(lines.joined(separator: "\n"))\n\(cloud.errors.suffix(2_000))")
    }
  }
}

// MARK: - Models and traffic

extension AWSBench {
  /// Registers and approves one more version, with what the product's files ask of one.
  func seed(_ status: String = "Approved") async throws {
    try await cloud.tell(
      "seed",
      #"""
      {"group": "eye-catcher", "versions": [{"status": "\#(status)",
        "metrics": {"accuracy": 0.61, "sizeBytes": 300000000,
          "quantised.accuracy": 0.6, "quantised.sizeBytes": 90000000},
        "variants": ["quantised"],
        "behaviour": {"answer": [{"label": "safe", "score": 0.97}, {"label": "nsfw", "score": 0.03}]}}]}
      """#)
  }

  func model(_ version: Int, _ behaviour: String) async throws {
    try await cloud.tell("models", #"{"eye-catcher/\#(version)": \#(behaviour)}"#)
  }

  func traffic(perMinute: Int, on endpoint: String = "eye-catcher-prod") async throws {
    try await cloud.tell("traffic", #"{"endpoint": "\#(endpoint)", "perMinute": \#(perMinute)}"#)
  }

  /// Takes the latest version to production with everybody's consent.
  func deploy() async throws {
    try await here.expect(3, "apply")
    try await here.expect(0, "approve", as: "release")
    try await here.expect(0, "apply")
  }

  /// Leaves out staging and the approval, takes version 1 to production and registers version 2.
  func begin(serving requestsPerMinute: Int = 0) async throws {
    try here.leaveOutStagingAndApproval()
    try await here.expect(0, "apply")
    if requestsPerMinute > 0 { try await traffic(perMinute: requestsPerMinute) }
    try await seed()
  }
}

// MARK: - Requests

extension AWSBench {
  /// What AWS was asked for meanwhile, other than to look.
  func changes(_ body: () async throws -> Void) async throws -> [CloudRequest] {
    let before = try await cloud.log.count
    try await body()
    return try await cloud.log[before...].filter { !$0.isRead }
  }

  /// Waits until AWS was asked for something, whether or not it has answered.
  func untilAsked(_ wanted: String, _ matches: (CloudRequest) -> Bool) async throws {
    try await until("\(wanted) in AWS's log") { _ in try await self.cloud.log.contains(where: matches) }
  }
}

// MARK: - Time

extension AWSBench {
  func run(rate: Int = AWSBench.rate) async throws { try await cloud.tell("clock", #"{"rate": \#(rate)}"#) }

  /// Time stands still from here on, but for `advance` and `hold(at:)`.
  func hold() async throws { try await run(rate: 0) }

  func advance(_ seconds: Int) async throws { try await cloud.tell("clock", #"{"advance": \#(seconds)}"#) }

  /// Lets time go on in small steps, and stand still in the one in which AWS is so. Whatever leads there is begun after
  /// `hold`: on a busy machine it could be over before time stands still.
  @discardableResult
  func hold(
    at wanted: String, _ look: (CloudState) throws -> Bool
  ) async throws -> CloudState {
    try await until(wanted) { state in
      if try look(state) { return true }
      try await self.advance(10)
      return false
    }
  }

  /// Asks again and again until AWS is so. The pause only keeps the asking from being all the machine does.
  @discardableResult
  func until(_ wanted: String, _ look: (CloudState) async throws -> Bool) async throws -> CloudState {
    let deadline = ContinuousClock.now + .seconds(180)
    while ContinuousClock.now < deadline {
      let state = try await cloud.state
      if try await look(state) { return state }
      try await ContinuousClock().sleep(for: .milliseconds(50))
    }
    throw Command.Unmet(description: "not within 180 seconds: \(wanted); there is \(try await cloud.state)")
  }
}

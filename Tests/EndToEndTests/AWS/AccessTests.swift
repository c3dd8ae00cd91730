import Foundation
import Testing

/// What `rollout init --aws` writes, as somebody uses it who starts with nothing but an account.
@Suite struct AccessTests {
  @Test func `what init writes is enough for a service's whole life on SageMaker, and no more`() async throws {
    try await AWSBench.run { bench in
      let newcomer = try await Newcomer(bench)
      try await newcomer.makeRoles()
      let keys = try await newcomer.makeUser("rollout")

      try await newcomer.expect(0, "validate", with: keys)
      try await failAtFirst(bench, newcomer, keys)
      try await newcomer.seed()
      try await newcomer.deploy(with: keys)
      #expect(try await bench.cloud.state.endpoints["fox-prod"]?.version == 3)
      try await newcomer.expect(0, "models", "list", with: keys)
      try await newcomer.expect(0, "models", "reject", "2", "--comment", "answers with errors", with: keys)

      try await newcomer.seed("PendingManualApproval")
      try await newcomer.expect(0, "models", "approve", "4", with: keys)
      try await newcomer.deploy(with: keys)
      try await newcomer.expect(0, "rollback", "production", "--reason", "odd answers", with: keys)
      try await abort(bench, newcomer, keys)
      try await newcomer.expect(0, "status", with: keys)
      #expect(try await bench.cloud.state.endpoints["fox-prod"]?.version == 3)
      try await expectNoRefusals(bench)

      // Application Auto Scaling acts by a role of its own here; in an account it also asks whether the caller might.
      let unused = try newcomer.actions(of: "rollout").subtracting(try await newcomer.used(by: "rollout"))
      #expect(unused == ["sagemaker:UpdateEndpointWeightsAndCapacities"])
    }
  }

  @Test func `whoever may only plan sees everything and changes nothing`() async throws {
    try await AWSBench.run { bench in
      let newcomer = try await Newcomer(bench)
      let keys = try await newcomer.makeUser("rollout")
      let planning = try await newcomer.makeUser("plan")
      try await newcomer.seed()
      try await newcomer.expect(2, "plan", "--detailed-exitcode", with: planning)
      try await newcomer.deploy(with: keys)
      try await newcomer.seed()
      try await newcomer.expect(2, "plan", "--format", "markdown", "--detailed-exitcode", with: planning)
      try await newcomer.expect(0, "status", with: planning)
      try await expectNoRefusals(bench)

      let before = try await bench.cloud.state
      let apply = try await newcomer.rollout("apply", with: planning)
      #expect(apply.status == 74 && apply.errors.contains("allow s3:PutObject"), "\(apply)")
      let reject = try await newcomer.rollout("models", "reject", "1", "--comment", "no", with: planning)
      #expect(reject.status != 0 && reject.errors.contains("sagemaker:UpdateModelPackage"), "\(reject)")
      let after = try await bench.cloud.state
      #expect(after.configurations == before.configurations && after.models == before.models)

      // After a way back, which nothing watches, the stack tells what alarms there are.
      try await newcomer.deploy(with: keys)
      try await newcomer.expect(0, "rollback", "production", with: keys)
      try await newcomer.expect(0, "status", with: planning)
      let unused = try newcomer.actions(of: "plan").subtracting(try await newcomer.used(by: "plan"))
      #expect(unused == [])
    }
  }

  /// One version that never stands up and one that fails its smoke tests: with each of them, the stack goes again.
  private func failAtFirst(_ bench: AWSBench, _ newcomer: Newcomer, _ keys: [String: String]) async throws {
    try await newcomer.seed(behaving: #""failsToStart": true"#)
    try await newcomer.expect(1, "apply", with: keys)
    try await newcomer.seed(behaving: #""errorRate": 1"#)
    try await newcomer.expect(1, "apply", with: keys)
    #expect(try await bench.cloud.state.endpoints.isEmpty)
  }

  private func abort(_ bench: AWSBench, _ newcomer: Newcomer, _ keys: [String: String]) async throws {
    try await newcomer.seed("PendingManualApproval")
    try await newcomer.expect(0, "models", "approve", "5", with: keys)
    try await newcomer.expect(3, "apply", with: keys)
    try await newcomer.expect(0, "approve", "--yes", as: "ana", with: keys)
    let apply = try newcomer.start(["apply"], as: "ci", with: keys)
    try await bench.hold(at: "the canary has its share") { ($0.endpoints["fox-prod"]?.newShare ?? 0) > 0 }
    try await bench.run()
    try await newcomer.expect(0, "abort", "--reason", "odd answers", as: "ana", with: keys)
    let ended = await apply.ended()
    #expect(ended.status == 4, "\(ended)")
  }

  private func expectNoRefusals(_ bench: AWSBench) async throws {
    let refused = try await bench.cloud.log.filter { $0.error?.hasPrefix("AccessDenied") == true }
    #expect(refused.isEmpty, "\(refused)")
  }
}

/// Somebody in an empty folder, with an empty account.
private struct Newcomer {
  private let bench: AWSBench
  private let folder: URL

  init(_ bench: AWSBench) async throws {
    self.bench = bench
    folder = bench.here.folder.appending(path: "fox")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let written = try await rollout(
      "init", "--aws", "--service", "fox", "--region", "us-east-1", "--account", "123456789012", "--bucket", "cubs")
    guard written.status == 0 else { throw Command.Unmet(description: "\(written)") }
    try await bench.cloud.tell("buckets", #"{"name": "cubs"}"#)
  }

  /// Registers one more version.
  func seed(_ status: String = "Approved", behaving: String? = nil) async throws {
    let answer = #""answer": [{"label": "fox", "score": 0.9}]"#
    try await bench.cloud.tell(
      "seed",
      #"{"group": "fox", "versions": [{"status": "\#(status)", "behaviour": {\#(behaving ?? answer)}}]}"#)
  }

  /// Takes the latest version to production.
  func deploy(with keys: [String: String]) async throws {
    try await expect(3, "apply", with: keys)
    try await expect(0, "approve", "--yes", as: "ana", with: keys)
    try await expect(0, "apply", with: keys)
  }

  // MARK: Access

  private func access(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: "Access/\(name).json"), encoding: .utf8)
  }

  /// By the commands that `init` names.
  func makeRoles() async throws {
    for name in ["endpoint", "rollout", "plan"] {
      let role = ["RoleName": "fox-\(name)"]
      let trust = role.merging(["AssumeRolePolicyDocument": try access("\(name)-trust")]) { $1 }
      try await bench.here.boto("iam", "create_role", try json(trust))
      let policy = role.merging(["PolicyName": name, "PolicyDocument": try access("\(name)-policy")]) { $1 }
      try await bench.here.boto("iam", "put_role_policy", try json(policy))
    }
  }

  private func json(_ value: [String: String]) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
  }

  /// Keys of a user who may do what a policy says, and nothing else.
  func makeUser(_ name: String) async throws -> [String: String] {
    struct Keys: Decodable {
      var accessKeyId: String
      var secretAccessKey: String
    }
    let made = try await bench.cloud.tell("users", #"{"name": "\#(name)", "policy": \#(try access("\(name)-policy"))}"#)
    let keys = try JSONDecoder().decode(Keys.self, from: made)
    return ["AWS_ACCESS_KEY_ID": keys.accessKeyId, "AWS_SECRET_ACCESS_KEY": keys.secretAccessKey]
  }

  func actions(of name: String) throws -> Set<String> {
    struct Policy: Decodable {
      struct Statement: Decodable { var Action: [String] }
      var Statement: [Statement]
    }
    let policy = try JSONDecoder().decode(Policy.self, from: Data(try access("\(name)-policy").utf8))
    return Set(policy.Statement.flatMap(\.Action))
  }

  func used(by name: String) async throws -> Set<String> {
    struct Used: Decodable { var users: [String: [String]] }
    let used: Used = try await bench.cloud.ask("users")
    return Set(used.users[name] ?? [])
  }

  // MARK: Commands

  func start(_ arguments: [String], as actor: String, with keys: [String: String]) throws -> Command {
    var environment = ProcessInfo.processInfo.environment
    environment["ROLLOUT_ACTOR"] = actor
    environment.merge(bench.here.variables) { $1 }
    environment.merge(keys) { $1 }
    return try Command(Bench.executable, arguments, environment: environment, in: folder)
  }

  func rollout(
    _ arguments: String..., as actor: String = "ci", with keys: [String: String] = [:]
  ) async throws -> Command.Ended {
    try await start(arguments, as: actor, with: keys).ended()
  }

  /// Runs a command that must end in exactly this way.
  func expect(
    _ status: Int32, _ arguments: String..., as actor: String = "ci", with keys: [String: String]
  ) async throws {
    let ended = try await start(arguments, as: actor, with: keys).ended()
    guard ended.status == status else { throw Command.Unmet(description: "expected exit \(status): \(ended)") }
  }
}

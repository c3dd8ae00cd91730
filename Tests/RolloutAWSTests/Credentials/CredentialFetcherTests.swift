import Foundation
import LoopbackServer
import RolloutCore
import RolloutDigest
import RolloutHTTP
import Testing

@testable import RolloutAWS

/// Every source, asked for real: servers on loopback, programs, files.
@Suite struct CredentialFetcherTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("aws-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private func file(_ name: String, _ text: String, isProgram: Bool = false) throws -> String {
    let url = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    if isProgram { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path) }
    return url.path
  }

  private func fetch(_ plan: CredentialPlan, _ aws: FakeAWS, _ environment: [String: String] = [:]) async throws
    -> AWSCredentials
  {
    try await CredentialFetcher(
      settings: try aws.settings(environment.merging(["HOME": folder.path]) { given, _ in given }),
      http: HTTPClient(transfersMax: 2), pace: aws.pace, region: "eu-central-1"
    ).fetch(plan)
  }

  private func trouble(_ plan: CredentialPlan, _ aws: FakeAWS) async -> String? {
    await #expect(throws: AWSFailure.self) { try await fetch(plan, aws) }?.description
  }

  private static let expiry = "2025-11-25T11:00:00Z"
  private static let expires = Timestamp("2025-11-25T11:00:00.000Z")
  private static let keys =
    #"{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"\#(expiry)"}"#

  private static func session(_ operation: String) -> LoopbackServer.Reply {
    .answer(
      status: 200,
      body: Array(
        """
        <\(operation)Response><\(operation)Result><Credentials><AccessKeyId>A</AccessKeyId>
        <SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken><Expiration>\(expiry)</Expiration>
        </Credentials></\(operation)Result></\(operation)Response>
        """.utf8))
  }

  private let wanted = AWSCredentials(accessKey: "A", secretKey: "S", sessionToken: "T", expires: expires)

  @Test func `a role is taken with the keys of its source`() async throws {
    let aws = try FakeAWS(Self.session("AssumeRole"))
    let role = CredentialPlan.Role(arn: "arn:r", externalID: "x", seconds: 900)
    let source = CredentialPlan.fixed(AWSCredentials(accessKey: "ASOURCE", secretKey: "s"))
    #expect(try await fetch(.role(role, as: source), aws) == wanted)
    let request = try #require(aws.requests.first)
    let form = String(decoding: request.body, as: UTF8.self)
    #expect(form.hasSuffix("&RoleArn=arn%3Ar&RoleSessionName=rollout&ExternalId=x&DurationSeconds=900"))
    #expect(request.header("Authorization")?.contains("Credential=ASOURCE/") == true)
  }

  @Test func `a role that is refused says whose refusal it was`() async throws {
    let aws = try FakeAWS(
      .answer(
        status: 403, body: Array("<Error><Code>AccessDenied</Code><Message>not you</Message></Error>".utf8)))
    let source = CredentialPlan.fixed(AWSCredentials(accessKey: "A", secretKey: "s"))
    #expect(
      await trouble(.role(.init(arn: "arn:r"), as: source), aws)
        == "AWS refused sts:AssumeRole in eu-central-1: AccessDenied: not you")
  }

  @Test func `a job's identity is read from its file each time, and signs nothing`() async throws {
    let path = try file("token", "first\n")
    let aws = try FakeAWS(Self.session("AssumeRoleWithWebIdentity"), Self.session("AssumeRoleWithWebIdentity"))
    let plan = CredentialPlan.webIdentity(.init(arn: "arn:r", tokenPath: path, sessionName: "job"))
    #expect(try await fetch(plan, aws) == wanted)
    _ = try file("token", "second")
    #expect(try await fetch(plan, aws) == wanted)
    let forms = aws.requests.map { String(decoding: $0.body, as: UTF8.self) }
    #expect(forms[0].hasSuffix("WebIdentityToken=first") && forms[1].hasSuffix("WebIdentityToken=second"))
    #expect(aws.requests.allSatisfy { $0.header("Authorization") == nil })
  }

  @Test func `single sign-on uses the login that is cached, as long as it lasts`() async throws {
    let plan = CredentialPlan.singleSignOn(.init(cacheKey: "corp", region: "eu-west-1", account: "1", role: "a b"))
    let name = ".aws/sso/cache/\(SHA1.hex(of: "corp")).json"
    let aws = try FakeAWS(
      .json(
        #"{"roleCredentials":{"accessKeyId":"A","secretAccessKey":"S","sessionToken":"T","expiration":1764068400000}}"#)
    )
    #expect(await trouble(plan, aws)?.contains("is not in") == true)
    _ = try file(name, #"{"accessToken":"bearer","expiresAt":"2025-11-25T09:00:00Z"}"#)
    #expect(await trouble(plan, aws) == "the login of corp was over at 2025-11-25T09:00:00.000Z")
    _ = try file(name, #"{"accessToken":"bearer","expiresAt":"2025-11-25T12:00:00Z"}"#)
    #expect(try await fetch(plan, aws, ["AWS_ENDPOINT_URL_SSO": aws.base]) == wanted)
    let request = try #require(aws.requests.first)
    #expect(request.path == "/federation/credentials?role_name=a%20b&account_id=1")
    #expect(request.header("x-amz-sso_bearer_token") == "bearer")
  }

  @Test func `a program's answer is read, and what it complains of is told`() async throws {
    let aws = try FakeAWS()
    let good = try file(
      "good",
      "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"'\"$1\"'\",\"SecretAccessKey\":\"S\",\"SessionToken\":\"T\",\"Expiration\":\"\(Self.expiry)\"}'",
      isProgram: true)
    #expect(try await fetch(.process([good, "A"]), aws) == wanted)
    let bad = try file("bad", "#!/bin/sh\necho 'no network' >&2\nexit 3", isProgram: true)
    #expect(await trouble(.process([bad]), aws)?.hasSuffix("failed: no network") == true)
    let old = try file("old", "#!/bin/sh\necho '{\"Version\":2}'", isProgram: true)
    #expect(await trouble(.process([old]), aws)?.contains("version 1") == true)
    #expect(await trouble(.process([folder.path + "/none"]), aws)?.contains("cannot be run") == true)
    #expect(await trouble(.process([]), aws) == "credential_process names no program")
  }

  @Test func `a container's service is asked with its token, three times if need be`() async throws {
    let aws = try FakeAWS(.answer(status: 500), .reset(), .json(Self.keys))
    let token = try file("token", "from the file\n")
    let plan = CredentialPlan.container(.init(url: aws.base + "/c", token: "given", tokenPath: token))
    #expect(try await fetch(plan, aws) == wanted)
    #expect(aws.requests.allSatisfy { $0.header("Authorization") == "from the file" })
    let broken = CredentialPlan.container(.init(url: aws.base + "/c", token: "a\r\nX: b"))
    #expect(await trouble(broken, aws) == "the container's token holds a line break")
  }

  @Test func `a machine is asked for a token, its role and the role's keys`() async throws {
    let aws = try FakeAWS(
      .answer(status: 200, body: Array("metadata-token".utf8)), .answer(status: 200, body: Array("deploy\n".utf8)),
      .json(Self.keys))
    #expect(try await fetch(.instance(endpoint: aws.base), aws) == wanted)
    #expect(aws.requests.map(\.method) == ["PUT", "GET", "GET"])
    #expect(aws.requests.last?.path == "/latest/meta-data/iam/security-credentials/deploy")
    #expect(aws.requests.dropFirst().allSatisfy { $0.header("x-aws-ec2-metadata-token") == "metadata-token" })
  }

  @Test(arguments: [
    #"{"Code":"Failed","AccessKeyId":"A","SecretAccessKey":"S"}"#, "{}", "<html>",
    #"{"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"soon"}"#,
  ])
  func `an answer that is no key is told, and not used`(text: String) async throws {
    let aws = try FakeAWS(.json(text))
    #expect(await trouble(.container(.init(url: aws.base)), aws) != nil)
  }
}

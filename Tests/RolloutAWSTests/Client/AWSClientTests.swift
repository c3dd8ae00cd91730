import LoopbackServer
import RolloutCore
import RolloutHTTP
import Synchronization
import Testing

@testable import RolloutAWS

/// What is sent, and what is sent again, over real connections.
@Suite struct AWSClientTests {
  private static let identity = LoopbackServer.Reply.answer(
    status: 200,
    body: Array(
      """
      <GetCallerIdentityResponse><GetCallerIdentityResult><Account>123</Account><Arn>arn:x</Arn>
      </GetCallerIdentityResult></GetCallerIdentityResponse>
      """.utf8))

  private static func refusal(_ status: Int, _ code: String, date: String? = nil) -> LoopbackServer.Reply {
    .answer(
      status: status, headers: date.map { [("Date", $0)] } ?? [],
      body: Array("<ErrorResponse><Error><Code>\(code)</Code><Message>no</Message></Error></ErrorResponse>".utf8))
  }

  private static let mutation = AWSCall(.sageMaker, "sagemaker:UpdateEndpoint", isRepeatable: false)

  private func failure(_ aws: FakeAWS, _ call: AWSCall = mutation) async throws -> AWSFailure? {
    let client = try aws.client()
    return await #expect(throws: AWSError.self) { try await client.send(call) }?.failure
  }

  @Test func `a request arrives as it was signed`() async throws {
    let aws = try FakeAWS(Self.identity)
    let identity = try await CallerIdentity(try aws.client())
    #expect(identity.account == "123" && identity.arn == "arn:x")
    let request = try #require(aws.requests.first)
    #expect(String(decoding: request.body, as: UTF8.self) == "Action=GetCallerIdentity&Version=2011-06-15")
    let signed = AWSRequest(
      "POST", host: String(aws.base.dropFirst("http://".count)),
      headers: [.init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")], body: request.body)
    let signer = SigV4(
      AWSCredentials(accessKey: "AKIDEXAMPLE", secretKey: "secret"), region: "eu-central-1", service: "sts")
    let expected = signer.signed(signed, at: aws.time.withLock { $0.now }).headers.last?.value
    #expect(request.header("Authorization") == expected)
  }

  @Test func `a service that is busy is asked again after a pause`() async throws {
    let aws = try FakeAWS(
      Self.refusal(400, "Throttling"), .answer(status: 500, body: Array("<html>oops</html>".utf8)), Self.identity)
    _ = try await CallerIdentity(try aws.client())
    #expect(aws.slept == [.milliseconds(500), .seconds(1)] && aws.left == 0)
  }

  @Test func `a clock that is wrong is corrected, for every request that follows`() async throws {
    let date = "Tue, 25 Nov 2025 10:30:00 GMT"
    let aws = try FakeAWS(Self.refusal(403, "RequestTimeTooSkewed", date: date), Self.identity, Self.identity)
    let client = try aws.client()
    _ = try await CallerIdentity(client)
    _ = try await CallerIdentity(client)
    #expect(
      aws.requests.map { $0.header("X-Amz-Date") } == ["20251125T100000Z", "20251125T103000Z", "20251125T103000Z"])
    #expect(aws.slept.isEmpty)
  }

  @Test func `credentials that ended in the middle of a wait are asked for anew`() async throws {
    let keys = { (name: String) in
      LoopbackServer.Reply.json(
        #"{"AccessKeyId":"\#(name)","SecretAccessKey":"s","Token":"t","Expiration":"2025-11-25T12:00:00Z"}"#)
    }
    let aws = try FakeAWS(
      keys("A1"), Self.refusal(403, "ExpiredToken"), keys("A2"), Self.identity)
    let client = try aws.client([
      "AWS_ACCESS_KEY_ID": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.base + "/credentials",
    ])
    _ = try await CallerIdentity(client)
    let names = aws.requests.map { $0.header("Authorization")?.firstMatch(of: /Credential=(\w+)/).map { String($0.1) } }
    #expect(names == [nil, "A1", nil, "A2"])
    #expect(aws.requests[1].header("X-Amz-Security-Token") == "t")
  }

  @Test func `an order that may have been obeyed is not given again`() async throws {
    let broken = try FakeAWS(.answer(status: 500, body: Array("<html></html>".utf8)))
    #expect(try await failure(broken)?.mayHaveHappened == true)
    let lost = try FakeAWS(.reset())
    #expect(try await failure(lost)?.mayHaveHappened == true)
    #expect(broken.left + lost.left == 0 && broken.slept.isEmpty && lost.slept.isEmpty)
  }

  @Test func `an order that was only refused for haste is given again`() async throws {
    let aws = try FakeAWS(.json(#"{"__type":"ThrottlingException"}"#, status: 400), .json("{}"))
    let client = try aws.client()
    #expect(try await client.send(Self.mutation).status == 200)
  }

  @Test func `an order that was refused for good did not happen`() async throws {
    let aws = try FakeAWS(.json(#"{"__type":"ValidationException","message":"no such endpoint"}"#, status: 400))
    #expect(try await failure(aws)?.mayHaveHappened == false)
  }

  @Test func `a missing permission is told by the name that policies call it`() async throws {
    let aws = try FakeAWS(.json(#"{"__type":"AccessDeniedException","Message":"not yours"}"#, status: 400))
    let client = try aws.client()
    let error = await #expect(throws: AWSError.self) { try await client.send(Self.mutation) }
    #expect(
      error?.description
        == "AWS refused sagemaker:UpdateEndpoint in eu-central-1: AccessDeniedException: not yours")
    #expect(error?.help == "allow sagemaker:UpdateEndpoint in the policy of whoever runs this")
  }

  @Test(arguments: [
    (
      "User: arn:aws:iam::1:user/ci is not authorized to perform: iam:PassRole on resource: arn:r because no "
        + "identity-based policy allows the iam:PassRole action",
      "allow iam:PassRole in the policy of whoever runs this"
    ),
    (
      "User: arn:u is not authorized to perform: sagemaker:UpdateEndpoint on resource: arn:e with an explicit deny in a "
        + "service control policy",
      "a policy denies sagemaker:UpdateEndpoint expressly; that must be taken out of it, to allow it elsewhere is not "
        + "enough"
    ),
  ])
  func `a refusal that names the action that was missing is believed`(message: String, help: String) async throws {
    let aws = try FakeAWS(.json(#"{"__type":"AccessDeniedException","Message":"\#(message)"}"#, status: 400))
    let client = try aws.client()
    let error = await #expect(throws: AWSError.self) { try await client.send(Self.mutation) }
    #expect(error?.help == help)
  }

  @Test func `nobody there is told with the host that was asked`() async throws {
    let client = try FakeAWS().client(["AWS_ENDPOINT_URL": "http://127.0.0.1:1"])
    let error = await #expect(throws: AWSError.self) { try await client.send(Self.mutation) }
    #expect(error?.failure.mayHaveHappened == false)
    #expect(error?.help?.contains("127.0.0.1:1") == true)
  }

  @Test func `a list that leads back to an earlier page is not followed for ever`() async throws {
    let client = try FakeAWS().client()
    let error = await #expect(throws: AWSError.self) {
      try await client.pages(of: "x:List") { token throws(AWSError) in
        (items: [1], next: token == "a" ? "b" : "a")
      }
    }
    #expect(error?.description.contains("does not end") == true)
  }

  @Test func `an answer that means nothing is not taken for an empty one`() async throws {
    let aws = try FakeAWS(.answer(status: 200, body: Array("<html>Welcome to the Wi-Fi</html>".utf8)), .json("[]"))
    let client = try aws.client()
    await #expect(throws: AWSError.self) { try await CallerIdentity(client) }
    await #expect(throws: AWSError.self) { try await CallerIdentity(client) }
  }
}

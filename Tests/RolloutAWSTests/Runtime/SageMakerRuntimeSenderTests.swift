import LoopbackServer
import RolloutCore
import RolloutHTTP
import Synchronization
import Testing

@testable import RolloutAWS

/// Requests to models on SageMaker: signed, and answered as a user would be.
@Suite struct SageMakerRuntimeSenderTests {
  private let notReady = LoopbackServer.Reply.answer(
    status: 429, headers: [("x-amzn-errortype", "ModelNotReadyException:http://internal.amazon.com/")],
    body: Array(#"{"message":"loading"}"#.utf8))

  private func ask(
    _ sender: SageMakerRuntimeSender, variant: String? = nil
  ) async throws(HTTPError) -> HTTPResponse {
    var headers = [(name: "Content-Type", value: "image/png"), (name: "Accept", value: "application/json")]
    if let variant { headers.append(("X-Amzn-SageMaker-Target-Variant", variant)) }
    return try await sender.send(
      HTTPRequest(
        method: "POST", url: "\(sender.base)/endpoints/eyes/invocations", headers: headers, body: [1, 0, 255]))
  }

  @Test func `a request arrives signed, under the path that is configured for the runtime`() async throws {
    let aws = try FakeAWS(.json(#"{"nsfw":0.1}"#))
    let client = try aws.client(["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": aws.base + "/runtime"])
    let sender = try SageMakerRuntimeSender(client)
    #expect(sender.base == aws.base + "/runtime")
    let answer = try await ask(sender, variant: "AllTraffic")
    #expect(answer.status == 200 && answer.text == #"{"nsfw":0.1}"# && answer.elapsed > .zero)
    let request = try #require(aws.requests.first)
    #expect(request.path == "/runtime/endpoints/eyes/invocations" && request.body == [1, 0, 255])
    let signed = AWSRequest(
      "POST", host: String(aws.base.dropFirst("http://".count)), path: "/runtime/endpoints/eyes/invocations",
      headers: [
        .init("Content-Type", "image/png"), .init("Accept", "application/json"),
        .init("X-Amzn-SageMaker-Target-Variant", "AllTraffic"),
      ], body: [1, 0, 255])
    let signer = SigV4(
      AWSCredentials(accessKey: "AKIDEXAMPLE", secretKey: "secret"), region: "eu-central-1", service: "sagemaker")
    #expect(
      request.header("Authorization") == signer.signed(signed, at: aws.time.withLock { $0.now }).headers.last?.value)
  }

  @Test func `without a setting the runtime of the region is asked`() throws {
    let sender = try SageMakerRuntimeSender(try FakeAWS().client(["AWS_ENDPOINT_URL": ""]))
    #expect(sender.base == "https://runtime.sagemaker.eu-central-1.amazonaws.com")
  }

  @Test func `a model that is not ready is waited for`() async throws {
    let aws = try FakeAWS(notReady, notReady, .json("{}"))
    #expect(try await ask(try SageMakerRuntimeSender(try aws.client())).status == 200)
    #expect(aws.slept == [.seconds(1), .seconds(2)])
  }

  @Test func `all requests together wait no longer than is allowed`() async throws {
    let aws = try FakeAWS(notReady, notReady, notReady)
    let sender = try SageMakerRuntimeSender(try aws.client(), readyWithin: .seconds(1))
    #expect(try await ask(sender).status == 429)
    #expect(try await ask(sender).text == #"{"message":"loading"}"#)
    #expect(aws.slept == [.seconds(1)] && aws.left == 0)
  }

  @Test(arguments: [424, 500, 503, 400, 429])
  func `what a user would get is handed on as it came, and asked for once`(status: Int) async throws {
    let body = #"{"OriginalStatusCode":503,"OriginalMessage":"no","message":"Received server error"}"#
    let aws = try FakeAWS(.json(body, status: status))
    let answer = try await ask(try SageMakerRuntimeSender(try aws.client()))
    #expect(answer.status == status && answer.text == body)
    #expect(aws.requests.count == 1 && aws.slept.isEmpty)
  }

  @Test func `a missing permission is no test of a model`() async throws {
    let aws = try FakeAWS(.json(#"{"__type":"AccessDeniedException","Message":"not yours"}"#, status: 403))
    let sender = try SageMakerRuntimeSender(try aws.client())
    let error = await #expect(throws: HTTPError.self) { try await ask(sender) }
    #expect(error?.help == "allow sagemaker:InvokeEndpoint in the policy of whoever runs this")
    #expect(error?.nothingWasSent == true)
  }

  @Test func `credentials and a clock that can be mended are`() async throws {
    let skewed = LoopbackServer.Reply.answer(
      status: 403,
      headers: [
        ("x-amzn-errortype", "InvalidSignatureException"), ("Date", "Tue, 25 Nov 2025 10:30:00 GMT"),
      ])
    let expired = LoopbackServer.Reply.json(#"{"__type":"ExpiredTokenException"}"#, status: 403)
    let aws = try FakeAWS(skewed, expired, .json("{}"))
    #expect(try await ask(try SageMakerRuntimeSender(try aws.client())).status == 200)
    #expect(
      aws.requests.map { $0.header("X-Amz-Date") } == ["20251125T100000Z", "20251125T103000Z", "20251125T103000Z"])
  }

  @Test func `an answer that is lost may have been one`() async throws {
    let aws = try FakeAWS(.reset())
    let sender = try SageMakerRuntimeSender(try aws.client())
    let error = await #expect(throws: HTTPError.self) { try await ask(sender) }
    #expect(error?.code == .connectionLost)
    let nowhere = try SageMakerRuntimeSender(try FakeAWS().client(["AWS_ENDPOINT_URL": "http://127.0.0.1:1"]))
    let unheard = await #expect(throws: HTTPError.self) { try await ask(nowhere) }
    #expect(unheard?.code == .couldNotConnect)
  }

  @Test(arguments: ["http://elsewhere/endpoints/e/invocations", "/endpoints/a%20b/invocations", "/endpoints/e?x=1"])
  func `what is no address of a model is not signed`(url: String) async throws {
    let aws = try FakeAWS()
    let sender = try SageMakerRuntimeSender(try aws.client())
    let whole = url.hasPrefix("/") ? sender.base + url : url
    let error = await #expect(throws: HTTPError.self) { try await sender.send(HTTPRequest(method: "POST", url: whole)) }
    #expect(error?.code == .invalidURL && aws.requests.isEmpty)
  }
}

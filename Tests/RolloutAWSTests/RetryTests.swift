import RolloutCore
import Testing

@testable import RolloutAWS

/// What is sent again, when, and how often.
@Suite struct RetryTests {
  private func refusal(_ status: Int, _ code: String, after: TimeSpan? = nil) -> AWSFailure {
    .refused(AWSRefusal(status: status, code: code, message: "", retryAfter: after))
  }

  @Test func `three attempts, each pause drawn from twice the time before`() {
    var policy = RetryPolicy()
    let failure = refusal(400, "ThrottlingException")
    #expect(policy.verdict(on: failure, attempt: 1, chance: 0.5) == .again(after: .milliseconds(500)))
    #expect(policy.verdict(on: failure, attempt: 2, chance: 0.5) == .again(after: .seconds(1)))
    #expect(policy.verdict(on: failure, attempt: 3, chance: 0.5) == .giveUp)
  }

  @Test(arguments: [
    ("ValidationException", 400, false), ("LimitExceededException", 400, false), ("AccessDenied", 403, false),
    ("SlowDown", 503, true), ("HTTP 502", 502, true), ("Throttling", 400, true), ("ModelError", 424, false),
    ("IDPCommunicationError", 400, true),
  ])
  func `what a second try cannot change is not tried again`(code: String, status: Int, isTriedAgain: Bool) {
    var policy = RetryPolicy()
    #expect((policy.verdict(on: refusal(status, code), attempt: 1, chance: 0) != .giveUp) == isTriedAgain)
  }

  @Test func `a service that is down is not hammered by all requests at once`() {
    var policy = RetryPolicy()
    let timeout = AWSFailure.noAnswer("timed out", isTimeout: true)
    var retries = 0
    while policy.verdict(on: timeout, attempt: 1, chance: 0) != .giveUp { retries += 1 }
    #expect(retries == 50)
    policy.succeeded(afterRetryOf: timeout)
    #expect(policy.verdict(on: timeout, attempt: 1, chance: 0) != .giveUp, "what went well gives back what it drew")
  }

  @Test func `a wrong clock and expired credentials are mended once, at no cost`() {
    var policy = RetryPolicy()
    let skewed = refusal(403, "RequestTimeTooSkewed")
    let expired = refusal(403, "ExpiredTokenException")
    #expect(policy.verdict(on: skewed, attempt: 3, chance: 0) == .againByServerTime)
    #expect(policy.verdict(on: skewed, attempt: 3, hasMended: [.clock], chance: 0) == .giveUp)
    #expect(policy.verdict(on: expired, attempt: 3, chance: 0) == .againWithNewCredentials)
    #expect(policy.tokens == 500)
  }

  @Test func `an answer that asks to wait is heard, within reason`() {
    var policy = RetryPolicy()
    let polite = refusal(429, "TooManyRequestsException", after: .seconds(3))
    let absurd = refusal(429, "TooManyRequestsException", after: .hours(9))
    #expect(policy.verdict(on: polite, attempt: 1, chance: 0) == .again(after: .seconds(3)))
    #expect(policy.verdict(on: absurd, attempt: 1, chance: 0) == .again(after: RetryPolicy.backoffMax))
  }
}

/// Errors in every form in which they come.
@Suite struct AWSRefusalTests {
  private func refusal(_ status: Int, _ body: String, _ headers: [String: String] = [:]) -> AWSRefusal {
    AWSRefusal(status: status, headers: headers, body: Array(body.utf8))
  }

  @Test func `JSON names its type with or without a namespace`() {
    let said = refusal(
      400, #"{"__type":"com.amazonaws.sagemaker#ValidationException:http://x","Message":"no such thing"}"#,
      ["x-amzn-requestid": "r-1"])
    #expect(said.code == "ValidationException" && said.message == "no such thing" && said.requestID == "r-1")
  }

  @Test func `a header that names the error is right`() {
    #expect(refusal(400, "{}", ["x-amzn-errortype": "ModelError:http://y"]).code == "ModelError")
    let query = refusal(400, #"{"__type":"Other"}"#, ["x-amzn-query-error": "ResourceNotFound;Sender"])
    #expect(query.code == "ResourceNotFound")
  }

  @Test func `XML is read wherever the error stands in it`() {
    let body =
      "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>a &lt; b &amp;&amp; c</Message>"
    let said = refusal(400, body + "</Error></ErrorResponse>")
    #expect(said.code == "ValidationError" && said.message == "a < b && c")
    #expect(refusal(412, "<Error><Code>PreconditionFailed</Code></Error>").code == "PreconditionFailed")
  }

  @Test(arguments: ["", "<html><body>502 Bad Gateway</body></html>", "{\"half", "\u{0}\u{1}"])
  func `whatever a proxy says is no answer of AWS`(body: String) {
    let said = refusal(502, body)
    #expect(said.code == "HTTP 502")
    #expect(said.message.contains(body.isEmpty ? "empty answer" : "not an answer of AWS"))
  }
}

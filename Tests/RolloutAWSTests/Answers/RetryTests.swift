import RolloutCore
import Testing

@testable import RolloutAWS

/// What is sent again, when, and how often.
@Suite struct RetryTests {
  private static let moment = Timestamp(milliseconds: 1_700_000_000_000)

  private func refusal(_ status: Int, _ code: String, after: TimeSpan? = nil, at: Timestamp? = nil) -> AWSFailure {
    .refused(AWSRefusal(status: status, code: code, message: "", retryAfter: after, serverTime: at))
  }

  private func attempt(
    _ number: Int, mended: Set<AWSFailure.Mend> = [], isRepeatable: Bool = true
  ) -> RetryPolicy.Attempt {
    RetryPolicy.Attempt(number, signedAt: Self.moment, mended: mended, isRepeatable: isRepeatable)
  }

  @Test func `three attempts, each pause drawn from twice the time before`() {
    var policy = RetryPolicy()
    let failure = refusal(400, "ThrottlingException")
    #expect(policy.verdict(on: failure, attempt(1), chance: 0.5) == .again(after: .milliseconds(500)))
    #expect(policy.verdict(on: failure, attempt(2), chance: 0.5) == .again(after: .seconds(1)))
    #expect(policy.verdict(on: failure, attempt(3), chance: 0.5) == .giveUp)
  }

  @Test(arguments: [
    ("ValidationException", 400, false), ("LimitExceededException", 400, false), ("AccessDenied", 403, false),
    ("SlowDown", 503, true), ("HTTP 502", 502, true), ("Throttling", 400, true), ("ModelError", 424, false),
    ("IDPCommunicationError", 400, true),
  ])
  func `what a second try cannot change is not tried again`(code: String, status: Int, isTriedAgain: Bool) {
    var policy = RetryPolicy()
    #expect((policy.verdict(on: refusal(status, code), attempt(1), chance: 0) != .giveUp) == isTriedAgain)
  }

  @Test func `a service that is down is not hammered by all requests at once`() {
    var policy = RetryPolicy()
    let timeout = AWSFailure.noAnswer("timed out", isTimeout: true)
    var retries = 0
    while policy.verdict(on: timeout, attempt(1), chance: 0) != .giveUp { retries += 1 }
    #expect(retries == 50)
    policy.succeeded(afterRetryOf: timeout)
    #expect(policy.verdict(on: timeout, attempt(1), chance: 0) != .giveUp, "what went well gives back what it drew")
  }

  @Test func `a wrong clock and expired credentials are mended once, at no cost`() {
    var policy = RetryPolicy()
    let skewed = refusal(403, "RequestTimeTooSkewed", at: Self.moment + .minutes(20))
    let expired = refusal(403, "ExpiredTokenException")
    #expect(policy.verdict(on: skewed, attempt(3), chance: 0) == .againByServerTime)
    #expect(policy.verdict(on: skewed, attempt(3, mended: [.clock]), chance: 0) == .giveUp)
    #expect(policy.verdict(on: expired, attempt(3), chance: 0) == .againWithNewCredentials)
    #expect(policy.tokens == 500)
  }

  @Test func `an answer that asks to wait is heard, within reason`() {
    var policy = RetryPolicy()
    let polite = refusal(429, "TooManyRequestsException", after: .seconds(3))
    let absurd = refusal(429, "TooManyRequestsException", after: .hours(9))
    #expect(policy.verdict(on: polite, attempt(1), chance: 0) == .again(after: .seconds(3)))
    #expect(policy.verdict(on: absurd, attempt(1), chance: 0) == .again(after: RetryPolicy.backoffMax))
  }

  @Test func `a wrong key is not taken for a wrong clock`() {
    var policy = RetryPolicy()
    let wrongKey = refusal(403, "SignatureDoesNotMatch", at: Self.moment + .seconds(1))
    let wrongClock = refusal(403, "SignatureDoesNotMatch", at: Self.moment + .minutes(-20))
    #expect(policy.verdict(on: wrongKey, attempt(1), chance: 0) == .giveUp)
    #expect(policy.verdict(on: wrongClock, attempt(1), chance: 0) == .againByServerTime)
  }

  @Test func `what must not happen twice is sent again only if it certainly did not happen`() {
    var policy = RetryPolicy()
    let once = attempt(1, isRepeatable: false)
    for failure in [
      AWSFailure.noAnswer("timed out", isTimeout: true), refusal(500, "InternalFailure"), refusal(502, "HTTP 502"),
      refusal(400, "RequestTimeout"),
    ] {
      #expect(policy.verdict(on: failure, once, chance: 0) == .giveUp)
    }
    for failure in [AWSFailure.unreachable("no route"), refusal(400, "ThrottlingException"), refusal(503, "SlowDown")] {
      #expect(policy.verdict(on: failure, once, chance: 0) == .again(after: .zero))
    }
  }
}

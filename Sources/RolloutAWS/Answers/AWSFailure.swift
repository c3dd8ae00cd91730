package import RolloutCore
import RolloutDigest

/// Why a request to AWS was not answered as asked.
package enum AWSFailure: Error, Hashable, Sendable {
  /// No answer: it may have been obeyed, unless nothing was sent.
  case noAnswer(String, isTimeout: Bool)
  case refused(AWSRefusal)

  /// What must be put right before the same request is worth sending again.
  package enum Mend: Hashable, Sendable { case clock, credentials }
}

/// An answer that says no.
package struct AWSRefusal: Hashable, Sendable, CustomStringConvertible {
  /// Of HTTP.
  package var status: Int
  /// `ValidationException`; `HTTP 502` where a proxy or a gateway answered in AWS's place.
  package var code: String
  package var message: String
  /// What AWS's support asks for.
  package var requestID: String?
  /// How long the answer asks to wait.
  package var retryAfter: TimeSpan?

  package init(status: Int, code: String, message: String, requestID: String? = nil, retryAfter: TimeSpan? = nil) {
    self.status = status
    self.code = code
    self.message = message
    self.requestID = requestID
    self.retryAfter = retryAfter
  }

  package var description: String { "\(code): \(message)\(requestID.map { " (request \($0))" } ?? "")" }
}

extension AWSFailure {
  package var isTimeout: Bool { if case .noAnswer(_, true) = self { true } else { false } }

  package var retryAfter: TimeSpan? { if case .refused(let refusal) = self { refusal.retryAfter } else { nil } }

  var mend: Mend? {
    guard case .refused(let refusal) = self else { return nil }
    if Self.skewCodes.contains(refusal.code) { return .clock }
    return Self.expiryCodes.contains(refusal.code) ? .credentials : nil
  }

  /// The trouble may be over in a moment, and a second request does no harm that the first could not have done.
  var mayBeSentAgain: Bool {
    switch self {
    case .noAnswer: true
    case .refused(let refusal):
      [500, 502, 503, 504].contains(refusal.status) || Self.passingCodes.contains(refusal.code)
        || Self.throttlingCodes.contains(refusal.code)
    }
  }

  private static let skewCodes: Set = [
    "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException",
    "SignatureDoesNotMatch",
  ]
  private static let expiryCodes: Set = ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]
  private static let passingCodes: Set = [
    "RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "IDPCommunicationError",
  ]
  /// Without `LimitExceededException`, which botocore repeats: it is a quota, and asking again does not raise it.
  private static let throttlingCodes: Set = [
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
    "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
    "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "EC2ThrottledException",
  ]
}

extension AWSRefusal {
  /// What an answer says, in whichever of AWS's protocols it says it, or in none: proxies answer in HTML, load balancers
  /// with nothing. Header names are lower-case.
  package init(status: Int, headers: [String: String], body: [UInt8]) {
    let text = String(decoding: body.prefix(Self.bytesMax), as: UTF8.self)
    let said = Self.fromJSON(body) ?? Self.fromXML(text)
    // CloudWatch names errors of its old protocol in a header, and that name is the documented one.
    let named =
      headers["x-amzn-query-error"].flatMap { $0.split(separator: ";").first.map(String.init) }
      ?? headers["x-amzn-errortype"] ?? said?.code
    self.init(
      status: status, code: named.map(Self.bare) ?? "HTTP \(status)",
      message: said?.message ?? Self.summary(of: text, status),
      requestID: headers["x-amzn-requestid"] ?? headers["x-amz-request-id"],
      retryAfter: Self.pause(headers))
  }

  private static let bytesMax = 65_536
  private static let wordsMax = 200

  private static func pause(_ headers: [String: String]) -> TimeSpan? {
    if let milliseconds = headers["x-amz-retry-after"].flatMap({ Int64($0) }) { return .milliseconds(milliseconds) }
    return headers["retry-after"].flatMap { Int64($0) }.map { .seconds($0) }
  }

  /// `com.amazonaws.sagemaker#ValidationException:http://…` is about `ValidationException`.
  private static func bare(_ code: String) -> String {
    let head = code.split(separator: ":").first ?? ""
    return String(head.split(separator: "#").last ?? head)
  }

  private struct Document: Decodable {
    var __type: String?
    var code: String?
    var message: String?
    var Message: String?
  }

  private static func fromJSON(_ body: [UInt8]) -> (code: String?, message: String?)? {
    guard body.first == UInt8(ascii: "{"), let said = try? CanonicalJSON.value(Document.self, from: body) else {
      return nil
    }
    return (said.__type ?? said.code, said.message ?? said.Message)
  }

  /// `<Error><Code>…</Code><Message>…</Message></Error>`, however deep and whatever stands round it.
  private static func fromXML(_ text: String) -> (code: String?, message: String?)? {
    guard let code = element("Code", in: text) else { return nil }
    return (code, element("Message", in: text))
  }

  private static func element(_ name: String, in text: String) -> String? {
    guard let start = text.firstRange(of: "<\(name)>"), let end = text[start.upperBound...].firstRange(of: "</\(name)>")
    else {
      return nil
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
    return entities.reduce(String(text[start.upperBound..<end.lowerBound])) {
      $0.replacing($1.0, with: $1.1)
    }
  }

  private static func summary(of text: String, _ status: Int) -> String {
    let words = text.replacing("\n", with: " ").prefix(wordsMax)
    return words.isEmpty ? "an empty answer with status \(status)" : "not an answer of AWS: \(words)"
  }
}

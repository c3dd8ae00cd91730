package import RolloutCore
import RolloutDigest

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
  /// The answer's `Date`.
  package var serverTime: Timestamp?

  package init(
    status: Int, code: String, message: String, requestID: String? = nil, retryAfter: TimeSpan? = nil,
    serverTime: Timestamp? = nil
  ) {
    self.status = status
    self.code = code
    self.message = message
    self.requestID = requestID
    self.retryAfter = retryAfter
    self.serverTime = serverTime
  }

  /// On one line: a wrong signature is answered with pages of what should have been signed.
  package var description: String {
    "\(code): \(message.prefix { !$0.isNewline })\(requestID.map { " (request \($0))" } ?? "")"
  }

  /// Something at the other end broke while it was being answered.
  var isBreakdown: Bool { [500, 502, 503, 504].contains(status) }
}

extension AWSRefusal {
  /// What an answer says, in whichever of AWS's protocols it says it, or in none: proxies answer in HTML, load balancers
  /// with nothing. Header names are lower-case.
  package init(status: Int, headers: [String: String], body: [UInt8]) {
    let body = Array(body.prefix(Self.bytesMax))
    let said = Self.fromJSON(body) ?? Self.fromXML(body)
    // CloudWatch names errors of its old protocol in a header, and that name is the documented one.
    let named =
      headers["x-amzn-query-error"].flatMap { $0.split(separator: ";").first.map(String.init) }
      ?? headers["x-amzn-errortype"] ?? said?.code
    self.init(
      status: status, code: named.map(Self.bare) ?? "HTTP \(status)",
      message: said?.message ?? Self.summary(of: String(decoding: body, as: UTF8.self), status, isNamed: named != nil),
      requestID: headers["x-amzn-requestid"] ?? headers["x-amz-request-id"], retryAfter: Self.pause(headers),
      serverTime: headers["date"].flatMap { Timestamp(httpDate: $0) })
  }

  private static let bytesMax = 65_536
  private static let wordsMax = 200

  private static func pause(_ headers: [String: String]) -> TimeSpan? {
    if let milliseconds = headers["x-amz-retry-after"].flatMap({ Int64($0) }) { return .milliseconds(milliseconds) }
    return headers["retry-after"].flatMap { Int32($0) }.map { .seconds(Int64($0)) }
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
  private static func fromXML(_ body: [UInt8]) -> (code: String?, message: String?)? {
    guard let error = XMLElement(body)?.first("Error"), let code = error.text("Code") else { return nil }
    return (code, error.text("Message"))
  }

  private static func summary(of text: String, _ status: Int, isNamed: Bool) -> String {
    let words = text.replacing("\n", with: " ").prefix(wordsMax)
    if words.isEmpty { return "an empty answer with status \(status)" }
    return isNamed ? String(words) : "not an answer of AWS: \(words)"
  }
}

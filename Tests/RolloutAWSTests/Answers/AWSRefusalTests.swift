import RolloutCore
import Testing

@testable import RolloutAWS

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

  @Test func `an answer says what time it is at the other end, and how long to wait`() {
    let said = refusal(429, "{}", ["date": "Sun, 06 Nov 1994 08:49:37 GMT", "retry-after": "3"])
    #expect(said.serverTime == Timestamp("1994-11-06T08:49:37.000Z") && said.retryAfter == .seconds(3))
    #expect(refusal(429, "{}", ["date": "yesterday", "retry-after": "soon"]).serverTime == nil)
  }

  @Test(arguments: ["", "<html><body>502 Bad Gateway</body></html>", "{\"half", "\u{0}\u{1}"])
  func `whatever a proxy says is no answer of AWS`(body: String) {
    let said = refusal(502, body)
    #expect(said.code == "HTTP 502")
    #expect(said.message.contains(body.isEmpty ? "empty answer" : "not an answer of AWS"))
  }
}

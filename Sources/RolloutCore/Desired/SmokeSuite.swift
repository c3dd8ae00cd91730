/// Requests with expectations, run against a revision before it sees a user. Request bodies are part of the value, so
/// that the evidence is about exactly these bytes wherever the suite runs.
package struct SmokeSuite: Hashable, Codable, Sendable {
  package var name: String
  package var cases: [SmokeCase]

  package init(name: String, cases: [SmokeCase]) {
    self.name = name
    self.cases = cases
  }
}

package struct SmokeCase: Hashable, Sendable {
  package var name: String
  package var contentType: String
  package var accept: String?
  /// The request body.
  package var body: [UInt8]
  /// Where the body came from, for people: a file name or `json`.
  package var bodySource: String
  package var status: Int
  package var assertions: [SmokeAssertion]
  /// Longest answer allowed, each repetition.
  package var latencyMax: TimeSpan?
  package var repetitions: Int
  package var concurrency: Int

  package init(
    name: String, contentType: String, accept: String? = nil, body: [UInt8], bodySource: String, status: Int = 200,
    assertions: [SmokeAssertion] = [], latencyMax: TimeSpan? = nil, repetitions: Int = 1, concurrency: Int = 1
  ) {
    self.name = name
    self.contentType = contentType
    self.accept = accept
    self.body = body
    self.bodySource = bodySource
    self.status = status
    self.assertions = assertions
    self.latencyMax = latencyMax
    self.repetitions = repetitions
    self.concurrency = concurrency
  }
}

/// What the JSON answer must hold at `path` (`$`, `.name`, `['name']`, `[0]`, `[-1]`).
package struct SmokeAssertion: Hashable, Codable, Sendable {
  package enum Condition: Hashable, Codable, Sendable {
    case equals(JSONValue)
    case within([Comparison])
    case exists
  }

  package var path: String
  package var condition: Condition
  /// Where the assertion stands, `images.yaml:12`, so that a failure names the line that says otherwise.
  package var source: String

  package init(path: String, condition: Condition, source: String) {
    self.path = path
    self.condition = condition
    self.source = source
  }
}

extension SmokeCase: Codable {
  private enum Key: String, CodingKey {
    case name, contentType, accept, body, bodySource, status, assertions, latencyMax, repetitions, concurrency
  }

  /// The body is base64 text: pictures are too large for arrays of numbers.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(contentType, forKey: .contentType)
    try container.encodeIfPresent(accept, forKey: .accept)
    try container.encode(Base64.text(body), forKey: .body)
    try container.encode(bodySource, forKey: .bodySource)
    try container.encode(status, forKey: .status)
    try container.encode(assertions, forKey: .assertions)
    try container.encodeIfPresent(latencyMax, forKey: .latencyMax)
    try container.encode(repetitions, forKey: .repetitions)
    try container.encode(concurrency, forKey: .concurrency)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard let body = Base64.bytes(try container.decode(String.self, forKey: .body)) else {
      throw DecodingError.dataCorruptedError(forKey: .body, in: container, debugDescription: "not base64")
    }
    self.init(
      name: try container.decode(String.self, forKey: .name),
      contentType: try container.decode(String.self, forKey: .contentType),
      accept: try container.decodeIfPresent(String.self, forKey: .accept), body: body,
      bodySource: try container.decode(String.self, forKey: .bodySource),
      status: try container.decode(Int.self, forKey: .status),
      assertions: try container.decode([SmokeAssertion].self, forKey: .assertions),
      latencyMax: try container.decodeIfPresent(TimeSpan.self, forKey: .latencyMax),
      repetitions: try container.decode(Int.self, forKey: .repetitions),
      concurrency: try container.decode(Int.self, forKey: .concurrency))
  }
}

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

package struct SmokeCase: Hashable, Codable, Sendable {
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

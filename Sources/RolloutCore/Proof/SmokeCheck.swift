/// What an endpoint answered to one request of a smoke case: the model's own status and body.
package struct SmokeAnswer: Hashable, Sendable {
  package enum Body: Hashable, Sendable {
    case json(JSONValue)
    /// Why it is not JSON: `it is empty`.
    case other(String)
  }

  package var status: Int
  package var body: Body
  /// The start of the body, for people.
  package var excerpt: String
  package var milliseconds: Double

  package init(status: Int, body: Body, excerpt: String, milliseconds: Double) {
    self.status = status
    self.body = body
    self.excerpt = excerpt
    self.milliseconds = milliseconds
  }
}

extension SmokeCase {
  /// Everything about an answer that is not as this case says; empty when it passed.
  package func defects(in answer: SmokeAnswer) -> [SmokeDefect] {
    guard answer.status == status else {
      // The body of another status is about something else: its assertions would only add noise.
      let detail = answer.excerpt.isEmpty ? nil : answer.excerpt
      return [SmokeDefect("expected status \(status), got ", .text(String(answer.status)), detail: detail)]
    }
    var defects: [SmokeDefect] = []
    if let latencyMax, answer.milliseconds > Double(latencyMax.milliseconds) {
      let tenths = (answer.milliseconds * 10).rounded() / 10
      defects.append(
        SmokeDefect("expected an answer within \(latencyMax), got one after ", .number(tenths), unit: " ms"))
    }
    switch answer.body {
    case .json(let document):
      defects += assertions.compactMap { $0.defect(in: document) }
    case .other(let reason):
      if let first = assertions.first {
        defects.append(
          SmokeDefect("expected JSON, ", .text("but " + reason), detail: answer.excerpt, source: first.source))
      }
    }
    return defects
  }
}

extension SmokeAssertion {
  /// Why the document does not hold what this asserts; `nil` when it does.
  package func defect(in document: JSONValue) -> SmokeDefect? {
    let place: JSONPath
    do {
      place = try JSONPath(path)
    } catch {
      return SmokeDefect("the path \(path) cannot be read: ", .text(error.message), source: source)
    }
    switch place.value(in: document) {
    case .failure(let miss):
      return SmokeDefect("expected \(path)\(condition.phrase), ", .text("but \(miss)"), source: source)
    case .success(let value):
      guard !condition.holds(for: value) else { return nil }
      return SmokeDefect("expected \(path)\(condition.phrase), got ", condition.finding(value), source: source)
    }
  }
}

extension SmokeAssertion.Condition {
  /// What stands after the path in a sentence: ` == "cat"`, ` >= 0.1 and < 0.9`.
  fileprivate var phrase: String {
    switch self {
    case .equals(let expected): " == \(expected.text())"
    case .within(let bounds): " " + bounds.map(\.description).joined(separator: " and ")
    case .exists: " to exist"
    }
  }

  fileprivate func holds(for value: JSONValue) -> Bool {
    switch self {
    case .exists: return true
    case .equals(let expected): return value == expected
    case .within(let bounds):
      guard case .number(let number) = value else { return false }
      return bounds.allSatisfy { $0.holds(for: number) }
    }
  }

  /// Numbers that a bound rejects are one kind of failure; everything else is told apart by its text.
  fileprivate func finding(_ value: JSONValue) -> SmokeDefect.Finding {
    switch (self, value) {
    case (.within, .number(let number)): .number(number)
    case (.within, .null): .text("null")
    case (.within, _): .text("\(value.kind): \(value.text())")
    default: .text(value.text())
    }
  }
}

/// The value that `rank` percent of the samples do not exceed, by the nearest-rank method; `nil` without samples.
package func percentile(_ rank: Double, of samples: [Double]) -> Double? {
  precondition(rank > 0 && rank <= 100, "a percentile lies between 0 and 100")
  guard !samples.isEmpty else { return nil }
  let index = (rank / 100 * Double(samples.count)).rounded(.up)
  return samples.sorted()[max(0, Int(index) - 1)]
}

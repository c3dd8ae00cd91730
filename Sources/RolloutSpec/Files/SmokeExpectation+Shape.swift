import RolloutCore
import RolloutDiagnostics

struct Expectation: Sendable {
  var status = 200
  var latencyMax: TimeSpan?
  var assertions: [SmokeAssertion] = []
}

extension Shape where Value == Expectation {
  static var expectation: Shape {
    .object(
      "What must come back.",
      Field.optional("status", .integer(100...599), default: 200, written: 200, "The HTTP status."),
      Field.optional("latency", .longest, "How long each answer may take, '<= 500ms'."),
      Field.optional("json", .list(.assertion), default: [], written: [], "What the JSON answer must hold.")
    ) { Expectation(status: $0, latencyMax: $1, assertions: $2) }
  }
}

extension Shape where Value == TimeSpan {
  /// `<= 500ms`.
  static var longest: Shape {
    bound("the longest time allowed", example: "<= 500ms", pattern: "^<= *([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$") { text in
      guard text.hasPrefix("<="), let span = TimeSpan(String(text.dropFirst(2).drop { $0 == " " })), span > .zero
      else { return nil }
      return span
    }
  }
}

extension Shape where Value == SmokeAssertion {
  static var assertion: Shape {
    Shape<(String, JSONValue?, [Comparison]?, Bool?)>.object(
      "What the answer must hold at a path. Give 'is', 'within' or 'exists'.",
      Field.required("path", .jsonPath, "Where to look, such as $[0].label."),
      Field.optional("is", .json, "The value that must be there."),
      Field.optional("within", .bounds, "The bounds of the number that must be there, '< 0.1' or '0.9...1'."),
      Field.optional("exists", .alwaysTrue, "That anything is there.")
    ) { ($0, $1, $2, $3) }
    .refined { parts, node, reading in
      guard reading.about("an assertion", { $0.hasOne(of: ["is", "within", "exists"], in: node) }) else { return nil }
      let conditions: [SmokeAssertion.Condition?] = [
        parts.1.map { .equals($0) }, parts.2.map { .within($0) }, parts.3.map { _ in .exists },
      ]
      guard let condition = conditions.compactMap(\.self).first else { return nil }
      let line = node.range.span?.lowerBound.line ?? 1
      return SmokeAssertion(
        path: parts.0, condition: condition, source: "\(fileName(of: node.range.file.path)):\(line)")
    }
  }
}

extension Shape where Value == String {
  /// `$`, `.name`, `['name']`, `[0]`, `[-1]`.
  static var jsonPath: Shape {
    text(
      "a path into the answer", example: "$[0].label",
      pattern: "^\\$(\\.[A-Za-z_][A-Za-z0-9_-]*|\\['[^']+'\\]|\\[-?[0-9]{1,6}\\])*$"
    ) { $0.wholeMatch(of: /\$(\.[A-Za-z_][A-Za-z0-9_\-]*|\['[^']+'\]|\[-?[0-9]{1,6}\])*/) != nil }
  }
}

extension Shape where Value == [Comparison] {
  /// `< 0.1`, or `0.9...1` for both bounds.
  static var bounds: Shape {
    .bound(
      "a bound or a range of numbers", example: "< 0.1",
      pattern: "^((>|>=|<|<=|==) *[-+]?[0-9]+(\\.[0-9]+)?|[-+]?[0-9]+(\\.[0-9]+)?\\.\\.\\.[-+]?[0-9]+(\\.[0-9]+)?)$"
    ) { text in
      if let match = text.wholeMatch(of: /([-+]?[0-9]+(?:\.[0-9]+)?)\.\.\.([-+]?[0-9]+(?:\.[0-9]+)?)/) {
        guard let low = Double(match.1), let high = Double(match.2), low <= high else { return nil }
        return [Comparison(.greaterOrEqual, low), Comparison(.lessOrEqual, high)]
      }
      return WrittenThreshold(text).flatMap { $0.unit == nil ? [Comparison($0.relation, $0.number)] : nil }
    }
  }
}

import FoundationEssentials
import RolloutCore
import RolloutDiagnostics

/// The largest request body a smoke case may send: the default limit of an endpoint.
let smokeBodyBytesMax = 6_291_456

extension Shape where Value == SmokeSuite {
  /// A file with smoke tests.
  static var smoke: Shape {
    Shape<(String, [Located<SmokeCase>])>.object(
      "Requests with expectations, run against a new revision before it sees a user.",
      Field.required("suite", .title, "The suite's name, as evidence shows it."),
      Field.required("cases", .list(Shape<SmokeCase>.smokeCase.located, minimum: 1, maximum: 1_000), "The requests.")
    ) { ($0, $1) }
    .refined { parts, _, reading in
      reportRepeatedNames(parts.1, &reading)
      return SmokeSuite(name: parts.0, cases: parts.1.map(\.value))
    }
  }

  private static func reportRepeatedNames(_ cases: [Located<SmokeCase>], _ reading: inout Reading) {
    var first: [String: YAMLNode] = [:]
    for item in cases {
      let place = item.node["name"] ?? item.node
      if let earlier = first[item.value.name] {
        reading.diagnostics.report(
          Diagnostic(
            .caseRepeated, "two cases are called '\(item.value.name)'", at: Label(place.range, "again here"),
            and: [Label(earlier.range, "first here")], help: "name each for what it shows"))
      } else {
        first[item.value.name] = place
      }
    }
  }
}

extension Shape where Value == SmokeCase {
  static var smokeCase: Shape {
    .object(
      "One request and what must come back.",
      Field.required("name", .title, "What the case shows."),
      Field.required("request", .request, "What is sent. Give 'file', 'json' or 'text'."),
      Field.optional("expect", .expectation, default: Expectation(), written: [:], "What must come back."),
      Field.optional("repetitions", .integer(1...1_000), default: 1, written: 1, "How often it is sent."),
      Field.optional("concurrency", .integer(1...64), default: 1, written: 1, "How many are under way at a time.")
    ) { name, request, expect, repetitions, concurrency in
      SmokeCase(
        name: name, contentType: request.contentType, accept: request.accept, body: request.body.bytes,
        bodySource: request.body.source, status: expect.status, assertions: expect.assertions,
        latencyMax: expect.latencyMax, repetitions: repetitions, concurrency: concurrency)
    }
  }
}

/// A request body and where it came from.
struct RequestBody: Sendable {
  var bytes: [UInt8]
  var source: String
  var contentType: String
}

struct SmokeRequest: Sendable {
  var body: RequestBody
  var contentType: String
  var accept: String?
}

extension Shape where Value == SmokeRequest {
  static var request: Shape {
    Shape<(RequestBody?, RequestBody?, RequestBody?, String?, String?)>.object(
      "What is sent. Give 'file', 'json' or 'text'.",
      Field.optional("file", .fileBody, "A file whose bytes are the body."),
      Field.optional("json", .jsonBody, "A value that is sent as JSON."),
      Field.optional("text", .textBody, "The body itself."),
      Field.optional("contentType", .mediaType, "The body's type; told from the body unless given."),
      Field.optional("accept", .mediaType, "The type asked for.")
    ) { ($0, $1, $2, $3, $4) }
    .refined { parts, node, reading in
      guard reading.hasOne(of: ["file", "json", "text"], in: node), let body = parts.0 ?? parts.1 ?? parts.2 else {
        return nil
      }
      return SmokeRequest(body: body, contentType: parts.3 ?? body.contentType, accept: parts.4)
    }
  }
}

extension Shape where Value == RequestBody {
  private static let types = [
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "bmp": "image/bmp", "json": "application/json", "jsonl": "application/jsonlines", "csv": "text/csv",
    "txt": "text/plain",
  ]

  static var fileBody: Shape {
    Shape<String>.path.refined { path, node, reading in
      let type = fileName(of: path).split(separator: ".").last.flatMap { types[$0.lowercased()] }
      return reading.contents(ofFile: path, bytesMax: smokeBodyBytesMax, namedAt: node).map {
        RequestBody(bytes: $0, source: fileName(of: path), contentType: type ?? "application/octet-stream")
      }
    }
  }

  static var jsonBody: Shape {
    Shape<JSONValue>.json.refined { value, _, _ in
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      // Every number was read as finite, so there is nothing that JSON cannot say.
      guard let data = try? encoder.encode(value) else { preconditionFailure("a JSON value can be written as JSON") }
      return RequestBody(bytes: Array(data), source: "json", contentType: "application/json")
    }
  }

  static var textBody: Shape {
    Shape<String>.text.map { RequestBody(bytes: Array($0.utf8), source: "text", contentType: "text/plain") }
  }
}

extension Shape where Value == String {
  static var mediaType: Shape {
    text("a media type", example: "image/png", pattern: "^[A-Za-z0-9!#$&^_.+-]+/[^\\r\\n]+$") {
      $0.wholeMatch(of: /[A-Za-z0-9!#$&^_.+\-]+\/[\x20-\x7E]+/) != nil
    }
  }
}

extension Shape where Value == JSONValue {
  /// Any value that JSON can say.
  static var json: Shape {
    Shape(schema: [:]) { node, reading in value(of: node, &reading) }
  }

  private static func value(of node: YAMLNode, _ reading: inout Reading) -> JSONValue? {
    switch node.content {
    case .sequence(let items):
      let values = items.map { value(of: $0, &reading) }
      return values.contains { $0 == nil } ? nil : .array(values.compactMap(\.self))
    case .mapping(let entries):
      var object: [String: JSONValue] = [:]
      for entry in entries { object[entry.key] = value(of: entry.value, &reading) }
      return object.count == entries.count ? .object(object) : nil
    case .scalar(let scalar):
      guard let filled = reading.filled(scalar, at: node) else { return nil }
      switch CoreScalar(filled) {
      case .null: return .null
      case .bool(let value): return .bool(value)
      case .integer(let value): return .number(Double(value))
      case .text(let value): return .string(value)
      case .number(let value):
        if value.isFinite { return .number(value) }
        reading.report(.notANumber, "JSON has no such number", at: node, help: "put quotes round it")
        return nil
      }
    }
  }
}

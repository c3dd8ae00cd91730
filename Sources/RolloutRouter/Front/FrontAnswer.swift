import FoundationEssentials
import NIOCore
import NIOHTTP1
import RolloutCore

/// One response of the front port.
struct FrontAnswer {
  var status: HTTPResponseStatus
  var headers: HTTPHeaders
  var body: ByteBuffer?

  static func text(_ text: String, contentType: String) -> FrontAnswer {
    FrontAnswer(status: .ok, headers: ["Content-Type": contentType], body: ByteBuffer(string: text))
  }

  /// What the model said, as the SageMaker Runtime passes it on.
  static func model(_ answer: ModelAnswer, from role: VariantRole) -> FrontAnswer {
    var headers = HTTPHeaders()
    for name in ["Content-Type", "X-Amzn-SageMaker-Custom-Attributes"] {
      for value in answer.headers[name] { headers.add(name: name, value: value) }
    }
    headers.add(name: "x-amzn-Invoked-Production-Variant", value: role.rawValue)
    return FrontAnswer(status: .ok, headers: headers, body: answer.body)
  }
}

/// The errors of the SageMaker Runtime API, in the shape that AWS SDKs read (rest-json).
extension FrontAnswer {
  /// Retry after this many seconds, when nothing can take a request now.
  static let retryAfterSeconds = 1

  static func unknownEndpoint(_ name: String) -> FrontAnswer {
    error(.badRequest, "ValidationError", "Endpoint \(name) was not found. See 'rollout runtime status'.")
  }

  static func unknownPath(_ path: String) -> FrontAnswer {
    error(
      .notFound, "UnknownOperationException",
      "\(path) is not served here. Use POST /endpoints/NAME/invocations, GET /ping or GET /metrics.")
  }

  static func wrongMethod(_ method: HTTPMethod, allowed: String) -> FrontAnswer {
    var answer = error(.methodNotAllowed, "UnknownOperationException", "This path takes \(allowed) only.")
    answer.headers.add(name: "Allow", value: allowed)
    // An answer to HEAD has no body, and one that came anyway would be read as the next answer.
    if method == .HEAD { answer.body = nil }
    return answer
  }

  static func bodyTooLarge(bytesMax: Int) -> FrontAnswer {
    error(.payloadTooLarge, "ValidationError", "The body is larger than \(bytesMax) bytes, this endpoint's limit.")
  }

  static func malformed(_ reason: String) -> FrontAnswer {
    error(.badRequest, "ValidationError", "The request is not valid HTTP/1.1: \(reason).")
  }

  static func unavailable(_ reason: String) -> FrontAnswer {
    var answer = error(.serviceUnavailable, "ServiceUnavailable", reason)
    answer.headers.add(name: "Retry-After", value: String(retryAfterSeconds))
    return answer
  }

  static func refused(_ refusal: Dispatch.Refusal, endpoint: String) -> FrontAnswer {
    switch refusal {
    case .unknownEndpoint(let name): unknownEndpoint(name)
    case .unknownVariant(let name):
      error(.badRequest, "ValidationError", "Variant \(name) of endpoint \(endpoint) was not found.")
    case .noInstance: unavailable("Endpoint \(endpoint) has no instance that can take this request.")
    case .queueFull: unavailable("All instances of endpoint \(endpoint) are busy and too many requests wait already.")
    }
  }

  /// The model failed the request: 424 with the model's own status and words.
  static func modelError(
    endpoint: String, role: VariantRole, backend: Backend.ID, status: Int?, message: String
  ) -> FrontAnswer {
    let kind = (400...499).contains(status ?? 0) ? "client" : "server"
    let log =
      "arn:aws:logs:local:000000000000:log-group:/aws/sagemaker/Endpoints/\(endpoint):"
      + "log-stream:\(role.rawValue)/\(backend)"
    let text = "Received \(kind) error (\(status ?? 0)) from \(role.rawValue) with message \"\(message)\"."
    var answer = error(
      .failedDependency, "ModelError", text,
      ModelErrorBody(originalStatusCode: status ?? 0, originalMessage: message, logStreamArn: log))
    answer.headers.add(name: "x-amzn-Invoked-Production-Variant", value: role.rawValue)
    return answer
  }

  private static func error(
    _ status: HTTPResponseStatus, _ type: String, _ message: String, _ model: ModelErrorBody? = nil
  ) -> FrontAnswer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let body = try? encoder.encode(ErrorBody(message: message, model: model)) else {
      preconditionFailure("strings and numbers are JSON")
    }
    return FrontAnswer(
      status: status, headers: ["Content-Type": "application/json", "x-amzn-errortype": type],
      body: ByteBuffer(bytes: body))
  }
}

private struct ModelErrorBody {
  let originalStatusCode: Int
  let originalMessage: String
  let logStreamArn: String
}

/// SDKs read `message` or `Message`, by their age.
private struct ErrorBody: Encodable {
  let message: String
  let model: ModelErrorBody?

  enum CodingKeys: String, CodingKey {
    case message
    case legacyMessage = "Message"
    case originalStatusCode = "OriginalStatusCode"
    case originalMessage = "OriginalMessage"
    case logStreamArn = "LogStreamArn"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(message, forKey: .message)
    try container.encode(message, forKey: .legacyMessage)
    guard let model else { return }
    try container.encode(model.originalStatusCode, forKey: .originalStatusCode)
    try container.encode(model.originalMessage, forKey: .originalMessage)
    try container.encode(model.logStreamArn, forKey: .logStreamArn)
  }
}

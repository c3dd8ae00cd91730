import RolloutCore
import RolloutDigest
import RolloutHTTP

extension SmokeAnswer {
  private static let excerptCharactersMax = 200

  init(_ response: HTTPResponse) {
    let milliseconds = response.elapsed / .milliseconds(1)
    if response.status == 424, let failure = try? CanonicalJSON.value(ModelError.self, from: response.body),
      failure.status > 0
    {
      // 424 is the endpoint's word for "the model said no"; a case is about what the model said.
      self.init(status: failure.status, bytes: Array(failure.message.utf8), milliseconds: milliseconds)
    } else {
      self.init(status: response.status, bytes: response.body, milliseconds: milliseconds)
    }
  }

  private init(status: Int, bytes: [UInt8], milliseconds: Double) {
    let text = String(decoding: bytes, as: UTF8.self)
    let start = text.prefix(Self.excerptCharactersMax)
    // An answer must not move the reader's cursor or colour his terminal.
    let excerpt = start.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
    self.init(
      status: status, body: Body(bytes, text), excerpt: String(excerpt) + (start.endIndex < text.endIndex ? "…" : ""),
      milliseconds: milliseconds)
  }
}

extension SmokeAnswer.Body {
  fileprivate init(_ bytes: [UInt8], _ text: String) {
    if let document = try? CanonicalJSON.value(JSONValue.self, from: bytes) {
      self = .json(document)
    } else if bytes.allSatisfy({ [9, 10, 13, 32].contains($0) }) {
      self = .other("it is empty")
    } else if text.contains("NaN") || text.contains("Infinity") {
      self = .other("it holds NaN or Infinity, which JSON has no words for")
    } else {
      self = .other("it is something else")
    }
  }
}

/// SageMaker's answer when the model's own was not a success.
private struct ModelError: Decodable {
  let status: Int
  let message: String

  enum CodingKeys: String, CodingKey {
    case status = "OriginalStatusCode"
    case message = "OriginalMessage"
  }
}

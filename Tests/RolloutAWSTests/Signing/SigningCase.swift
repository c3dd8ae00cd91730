import Foundation
import RolloutAWS
import RolloutCore
import Testing

/// One folder of AWS's reference cases, which lie beside the checkout; `ROLLOUT_VECTORS` names another place.
struct SigningCase {
  private struct Context: Decodable {
    struct Credentials: Decodable {
      var access_key_id: String
      var secret_access_key: String
      var token: String?
    }

    var credentials: Credentials
    var expiration_in_seconds: Int64
    var normalize: Bool
    var region: String
    var service: String
    var sign_body: Bool
    var omit_session_token: Bool?
  }

  private static let parent: URL = {
    if let named = ProcessInfo.processInfo.environment["ROLLOUT_VECTORS"] {
      return URL(filePath: named).appending(path: "sigv4")
    }
    let checkout = (0..<4).reduce(URL(filePath: #filePath)) { path, _ in path.deletingLastPathComponent() }
    return checkout.deletingLastPathComponent().appending(path: "shared/vectors/sigv4")
  }()

  static let all: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []).sorted()

  private let folder: URL
  private let context: Context
  let request: AWSRequest

  init(_ name: String) throws {
    folder = Self.parent.appending(path: name)
    context = try JSONDecoder().decode(Context.self, from: Data(contentsOf: folder.appending(path: "context.json")))
    request = try Self.request(String(contentsOf: folder.appending(path: "request.txt"), encoding: .utf8))
  }

  var lasting: TimeSpan { .seconds(context.expiration_in_seconds) }

  var signer: SigV4 {
    SigV4(
      AWSCredentials(
        accessKey: context.credentials.access_key_id, secretKey: context.credentials.secret_access_key,
        sessionToken: context.credentials.token), region: context.region, service: context.service,
      paths: context.normalize ? .normalized : .asSent, namesPayload: context.sign_body,
      addsTokenUnsigned: context.omit_session_token ?? false)
  }

  func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: "\(name).txt"), encoding: .utf8)
      .trimmingCharacters(in: .newlines)
  }

  /// Reads `GET /path?query HTTP/1.1`, header lines of which some go on in the next, an empty line and the body.
  private static func request(_ text: String) throws -> AWSRequest {
    let parts = text.components(separatedBy: "\n\n")
    var lines = (parts.first ?? "").components(separatedBy: "\n").filter { !$0.isEmpty }
    let first = try #require(lines.first)
    lines.removeFirst()
    let method = try #require(first.split(separator: " ").first)
    let target = first.dropFirst(method.count + 1).dropLast(" HTTP/1.1".count)
    let question = target.firstIndex(of: "?")
    let query = question.map { target[target.index(after: $0)...] } ?? ""
    var headers: [AWSRequest.Field] = []
    for line in lines {
      if line.first == " ", let last = headers.popLast() {
        headers.append(AWSRequest.Field(last.name, last.value + "\n" + line))
      } else {
        let colon = try #require(line.firstIndex(of: ":"))
        headers.append(AWSRequest.Field(String(line[..<colon]), String(line[line.index(after: colon)...])))
      }
    }
    let host = try #require(headers.first { $0.name.lowercased() == "host" }).value
    return AWSRequest(
      String(method), host: host, path: String(question.map { target[..<$0] } ?? target),
      query: query.split(separator: "&").map { pair in
        let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return AWSRequest.Field(decoded(sides[0]), sides.count > 1 ? decoded(sides[1]) : "")
      }, headers: headers.filter { $0.name.lowercased() != "host" },
      body: Array(parts.dropFirst().joined(separator: "\n\n").utf8))
  }

  private static func decoded(_ text: String) -> String { text.removingPercentEncoding ?? text }
}

extension Trait where Self == ConditionTrait {
  static var needsSigningVectors: Self {
    .enabled(if: !SigningCase.all.isEmpty, "no ../shared/vectors/sigv4, and ROLLOUT_VECTORS names no folder with it")
  }
}

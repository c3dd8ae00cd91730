import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutHTTP

/// Speaks to a runtime over its control socket.
struct ControlClient: Sendable {
  let paths: RuntimePaths
  let http: HTTPClient
  var timeout = Duration.seconds(10)

  func get<Answer: Decodable>(_ path: String) async throws(TargetError) -> Answer {
    try await send("GET", path, body: [])
  }

  func post<Answer: Decodable>(_ path: String, _ message: some Encodable) async throws(TargetError) -> Answer {
    let body: [UInt8]
    do { body = try CanonicalJSON.bytes(message) } catch {
      throw TargetError(.failed, "this order cannot be written as JSON: \(error)")
    }
    return try await send("POST", path, body: body)
  }

  private func send<Answer: Decodable>(
    _ method: String, _ path: String, body: [UInt8]
  ) async throws(TargetError) -> Answer {
    let request = HTTPRequest(
      method: method, url: "http://runtime\(path)", headers: [("Content-Type", "application/json")], body: body,
      timeout: timeout, unixSocket: paths.controlSocket)
    let response: HTTPResponse
    do {
      response = try await http.send(request)
    } catch {
      guard error.nothingWasSent else {
        throw TargetError(.ambiguous, "the local runtime did not answer: \(error.message)")
      }
      throw TargetError(
        .failed, "no local runtime answers for \(paths.root); start it with `rollout runtime start` (\(error.message))")
    }
    if response.status == 200 {
      do { return try CanonicalJSON.value(Answer.self, from: response.body) } catch {
        throw TargetError(.ambiguous, "the local runtime's answer cannot be read: \(error)")
      }
    }
    guard let failure = try? CanonicalJSON.value(ControlMessages.Failure.self, from: response.body) else {
      throw TargetError(.ambiguous, "the local runtime answered \(response.status): \(response.text.prefix(200))")
    }
    throw TargetError(failure.code, failure.message)
  }
}

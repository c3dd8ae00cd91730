package import RolloutCore
package import RolloutHTTP
import Synchronization

/// Sends requests to models on SageMaker: signs them, and waits for models that are not ready yet. Every other answer is
/// handed on as it came, a model's failure (424) above all: what a user would get is what a test is about.
package final class SageMakerRuntimeSender: Sendable {
  /// What the addresses of all requests begin with.
  package let base: String
  private let client: AWSClient
  private let left: Mutex<TimeSpan>

  /// `readyWithin`: how long all requests together may wait for models that say they are not ready.
  package init(_ client: AWSClient, readyWithin: TimeSpan = .minutes(5)) throws(AWSError) {
    let address = try client.address(of: .sageMakerRuntime, for: Self.action)
    base = "\(address.scheme)://\(address.host)\(address.prefix)"
    self.client = client
    left = Mutex(readyWithin)
  }

  /// A refusal that a model has no part in, such as a missing permission, is an error: nothing was tested.
  package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let call = try call(request)
    var pause = TimeSpan.seconds(1)
    while true {
      let answer: AWSAnswer
      do { answer = try await client.exchange(call) } catch { throw HTTPError(error) }
      if let refusal = answer.refusal {
        let error = AWSError(
          action: call.action, region: client.region, host: base, failure: .refused(refusal))
        if error.help != nil { throw HTTPError(error) }
        if isPassing(error.failure), take(pause) {
          do { try await client.pace.sleep(pause) } catch { throw HTTPError(.cancelled, "the request was cancelled") }
          pause = min(pause * 2, .seconds(10))
          continue
        }
      }
      return HTTPResponse(
        status: answer.status, headers: answer.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
        body: answer.body, elapsed: answer.elapsed)
    }
  }

  private static let action = "sagemaker:InvokeEndpoint"

  private func isPassing(_ failure: AWSFailure) -> Bool {
    failure.isThrottling || failure.refusal?.status == 429 && failure.refusal?.code == "ModelNotReadyException"
  }

  private func take(_ pause: TimeSpan) -> Bool {
    left.withLock { left in
      guard left >= pause else { return false }
      left = left - pause
      return true
    }
  }

  private func call(_ request: HTTPRequest) throws(HTTPError) -> AWSCall {
    let path = request.url.dropFirst(base.count)
    guard request.url.hasPrefix(base + "/"), path.wholeMatch(of: /[A-Za-z0-9\/._~-]+/) != nil else {
      throw HTTPError(
        .invalidURL, "\(request.url) is not an address of SageMaker's models", help: "it begins with \(base)/")
    }
    return AWSCall(
      .sageMakerRuntime, Self.action, method: request.method, path: String(path),
      headers: request.headers.map { AWSRequest.Field($0.name, $0.value) }, body: request.body,
      timeout: .milliseconds(Int64((request.timeout / .milliseconds(1)).rounded())))
  }
}

extension HTTPError {
  /// Codes say whether anything was sent, which is all that a test must know.
  init(_ error: AWSError) {
    let code: Code =
      switch error.failure {
      case .unreachable: .couldNotConnect
      case .noAnswer where Task.isCancelled: .cancelled
      case .noAnswer(_, isTimeout: true): .timedOut
      case .noAnswer, .unreadable: .connectionLost
      case .refused, .noCredentials: .invalidRequest
      }
    self.init(code, error.description, help: error.help)
  }
}

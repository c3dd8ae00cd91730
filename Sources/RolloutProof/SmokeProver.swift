package import RolloutCore
package import RolloutEngine
package import RolloutHTTP

/// Runs smoke cases through an endpoint's SageMaker Runtime API, one case after the other.
package struct SmokeProver: Prover {
  /// Sends one request and brings its answer, whatever its status. Typed: `HTTPError` says whether anything was sent.
  package typealias Send = @Sendable (HTTPRequest) async throws(HTTPError) -> HTTPResponse

  private let send: Send
  private let namesVariants: Bool
  private let clock: any Clock<Duration>
  private let warmUpMax: Duration

  /// `namesVariants`: whether fleets can be asked for by their names; without, the endpoint chooses.
  /// `warmUpMax`: how long one run may wait in all for an endpoint that says it is not ready (429, 503).
  package init(
    namesVariants: Bool = true, clock: any Clock<Duration> = ContinuousClock(), warmUpMax: Duration = .seconds(60),
    send: @escaping Send
  ) {
    self.send = send
    self.namesVariants = namesVariants
    self.clock = clock
    self.warmUpMax = warmUpMax
  }

  /// Sends requests as they are.
  package init(
    client: HTTPClient, clock: any Clock<Duration> = ContinuousClock(), warmUpMax: Duration = .seconds(60)
  ) {
    self.init(clock: clock, warmUpMax: warmUpMax) { request throws(HTTPError) in try await client.send(request) }
  }

  /// Throws `HTTPError` when the endpoint cannot be asked at all, and `CancellationError`.
  package func run(_ suites: [SmokeSuite], against address: EndpointAddress) async throws -> [SmokeResult] {
    let warmUp = WarmUpBudget(warmUpMax)
    var address = address
    if !namesVariants { address.variant = nil }
    var results: [SmokeResult] = []
    for suite in suites {
      for smokeCase in suite.cases {
        let attempts = try await attempts(at: smokeCase, address, warmUp)
        results.append(SmokeResult(suite: suite.name, of: smokeCase, attempts: attempts))
      }
    }
    return results
  }

  /// All repetitions, in order, `concurrency` of them at a time.
  private func attempts(
    at smokeCase: SmokeCase, _ address: EndpointAddress, _ warmUp: WarmUpBudget
  ) async throws -> [SmokeAttempt] {
    let request = smokeCase.request(to: address)
    return try await withThrowingTaskGroup(of: (Int, SmokeAttempt).self) { group in
      var started = 0
      var attempts: [(index: Int, attempt: SmokeAttempt)] = []
      let total = max(1, smokeCase.repetitions)
      func startNext() {
        let index = started
        started += 1
        group.addTask { (index, try await ask(request, expecting: smokeCase.status, warmUp)) }
      }
      while started < min(total, max(1, smokeCase.concurrency)) { startNext() }
      while let finished = try await group.next() {
        attempts.append(finished)
        if started < total { startNext() }
      }
      return attempts.sorted { $0.index < $1.index }.map(\.attempt)
    }
  }

  private func ask(
    _ request: HTTPRequest, expecting status: Int, _ warmUp: WarmUpBudget
  ) async throws -> SmokeAttempt {
    var pause = Duration.milliseconds(100)
    while true {
      let result: Result<HTTPResponse, HTTPError>
      do {
        result = .success(try await send(request))
      } catch {
        result = .failure(error)
      }
      let isWarming: Bool
      switch result {
      case .success(let response): isWarming = response.status != status && [429, 503].contains(response.status)
      case .failure(let error): isWarming = error.code == .couldNotConnect
      }
      guard isWarming, warmUp.take(pause) else { return try SmokeAttempt(result) }
      try await clock.sleep(for: pause)
      pause = min(pause * 2, .seconds(2))
    }
  }
}

/// What came of one repetition.
enum SmokeAttempt: Sendable {
  case answered(SmokeAnswer)
  /// Something was sent and no whole answer came back: that is what a user would get, so it is a result.
  case unanswered(HTTPError)

  init(_ result: Result<HTTPResponse, HTTPError>) throws {
    switch result {
    case .success(let response): self = .answered(SmokeAnswer(response))
    case .failure(let error) where error.code == .cancelled: throw CancellationError()
    case .failure(let error) where error.nothingWasSent: throw error
    case .failure(let error): self = .unanswered(error)
    }
  }
}

extension SmokeCase {
  /// The longest that SageMaker lets a model take.
  private static let timeout = Duration.seconds(60)

  fileprivate func request(to address: EndpointAddress) -> HTTPRequest {
    var headers = [(name: "Content-Type", value: contentType)]
    if let accept { headers.append(("Accept", accept)) }
    if let variant = address.variant { headers.append(("X-Amzn-SageMaker-Target-Variant", variant)) }
    let base = address.base.hasSuffix("/") ? String(address.base.dropLast()) : address.base
    return HTTPRequest(
      method: "POST", url: "\(base)/endpoints/\(address.endpoint)/invocations", headers: headers, body: body,
      timeout: Self.timeout)
  }
}

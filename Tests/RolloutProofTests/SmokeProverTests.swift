import LoopbackServer
import RolloutCore
import RolloutEngine
import RolloutHTTP
import RolloutProof
import Synchronization
import Testing

/// Sleeps in no time and remembers for how long it should have.
final class ImpatientClock: Clock, Sendable {
  struct Instant: InstantProtocol {
    var offset: Duration
    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private let elapsed = Mutex(Duration.zero)

  var now: Instant { Instant(offset: elapsed.withLock { $0 }) }
  var minimumResolution: Duration { .zero }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    try Task.checkCancellation()
    elapsed.withLock { $0 = max($0, deadline.offset) }
  }
}

struct SmokeProverTests {
  private let clock = ImpatientClock()

  private func smokeCase(
    _ name: String = "a picture", status: Int = 200, path: String = "$.nsfw", repetitions: Int = 1, concurrency: Int = 1
  ) -> SmokeCase {
    SmokeCase(
      name: name, contentType: "image/png", accept: "application/json", body: [1, 2, 3], bodySource: "a.png",
      status: status,
      assertions: [
        SmokeAssertion(path: path, condition: .within([Comparison(.less, 0.1)]), source: "images.yaml:12")
      ], repetitions: repetitions, concurrency: concurrency)
  }

  private func run(
    _ cases: SmokeCase..., against server: LoopbackServer, variant: String? = nil
  ) async throws -> [SmokeResult] {
    try await SmokeProver(client: HTTPClient(), clock: clock, warmUpMax: .seconds(10)).run(
      [SmokeSuite(name: "images", cases: cases)],
      against: EndpointAddress(base: server.base, endpoint: "eye-catcher-staging", variant: variant))
  }

  @Test func `a case is sent as the SageMaker Runtime API expects it`() async throws {
    let seen = Mutex<[LoopbackServer.Request]>([])
    let server = try LoopbackServer { request in
      seen.withLock { $0.append(request) }
      return .json("{\"nsfw\": 0.02}")
    }
    let results = try await run(smokeCase(), against: server, variant: "canary")
    let request = try #require(seen.withLock { $0.first })
    #expect(request.method == "POST")
    #expect(request.path == "/endpoints/eye-catcher-staging/invocations")
    #expect(request.header("content-type") == "image/png")
    #expect(request.header("accept") == "application/json")
    #expect(request.header("x-amzn-sagemaker-target-variant") == "canary")
    #expect(request.body == [1, 2, 3])
    let result = try #require(results.first)
    #expect(result.passed)
    #expect(result.suite == "images")
    #expect(result.name == "a picture")
    #expect(result.status == 200)
    #expect(result.answer == "{\"nsfw\": 0.02}")
    #expect((result.latencyP50 ?? 0) > 0)
  }

  @Test func `requests go through whoever sends them, without a name where fleets have none`() async throws {
    let seen = Mutex<[HTTPRequest]>([])
    let prover = SmokeProver(namesVariants: false, clock: clock) { request throws(HTTPError) in
      seen.withLock { $0.append(request) }
      return HTTPResponse(status: 200, body: Array(#"{"nsfw": 0.02}"#.utf8), elapsed: .milliseconds(70))
    }
    let results = try await prover.run(
      [SmokeSuite(name: "images", cases: [smokeCase()])],
      against: EndpointAddress(base: "https://runtime", endpoint: "eyes", variant: "canary"))
    #expect(results.first?.passed == true && results.first?.latencyMax == 70)
    let request = try #require(seen.withLock { $0.first })
    #expect(request.url == "https://runtime/endpoints/eyes/invocations")
    #expect(request.headers.map(\.name) == ["Content-Type", "Accept"])
  }

  @Test func `without a variant the router chooses`() async throws {
    let server = try LoopbackServer {
      .json($0.header("x-amzn-sagemaker-target-variant") == nil ? "{\"nsfw\": 0}" : "{}")
    }
    #expect(try await run(smokeCase(), against: server).first?.passed == true)
  }

  @Test func `every repetition is checked and no more run at once than asked for`() async throws {
    let count = Mutex(0)
    let server = try LoopbackServer { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      return .json(number % 10 == 0 ? "{\"nsfw\": 0.\(number)}" : "{\"nsfw\": 0}")
    }
    let result = try #require(
      try await run(smokeCase(repetitions: 50, concurrency: 4), against: server).first)
    #expect(count.withLock { $0 } == 50)
    #expect(server.openMax <= 4)
    #expect(result.repetitions == 50)
    #expect(
      result.failures == [
        .init(message: "expected $.nsfw < 0.1, got 0.1 to 0.5", source: "images.yaml:12", count: 5)
      ])
  }

  @Test func `an endpoint that warms up is waited for`() async throws {
    let count = Mutex(0)
    let server = try LoopbackServer { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      return number < 4 ? .json("{}", status: number == 1 ? 503 : 429) : .json("{\"nsfw\": 0}")
    }
    #expect(try await run(smokeCase(), against: server).first?.passed == true)
    #expect(clock.now.offset == .milliseconds(700))
  }

  @Test func `the wait for an endpoint that never warms up ends, once for the whole run`() async throws {
    let server = try LoopbackServer { _ in .json("{\"message\":\"starting\"}", status: 503) }
    let result = try #require(
      try await run(smokeCase(repetitions: 20, concurrency: 5), against: server).first)
    #expect(
      result.failures == [.init(message: "expected status 200, got 503: {\"message\":\"starting\"}", count: 20)])
    #expect(clock.now.offset <= .seconds(10))
  }

  @Test func `a status that is expected is not waited away`() async throws {
    let server = try LoopbackServer { _ in .json("{\"nsfw\": 0}", status: 429) }
    #expect(try await run(smokeCase(status: 429), against: server).first?.passed == true)
    #expect(clock.now.offset == .zero)
  }

  @Test func `a model error counts as the model's own answer and is never asked again`() async throws {
    let count = Mutex(0)
    let server = try LoopbackServer { _ in
      count.withLock { $0 += 1 }
      return .json(#"{"Message":"m","OriginalStatusCode":503,"OriginalMessage":"out of memory"}"#, status: 424)
    }
    let result = try #require(try await run(smokeCase(), against: server).first)
    #expect(result.failures == [.init(message: "expected status 200, got 503: out of memory")])
    #expect(result.status == 503)
    #expect(count.withLock { $0 } == 1)
    #expect(clock.now.offset == .zero)
  }

  @Test func `a case may expect the model to refuse, and look into its answer`() async throws {
    let server = try LoopbackServer { _ in
      .json(#"{"Message":"m","OriginalStatusCode":415,"OriginalMessage":"{\"nsfw\": 0.01}"}"#, status: 424)
    }
    #expect(try await run(smokeCase(status: 415), against: server).first?.passed == true)
  }

  @Test func `an answer that never ends is a failure, not an impossibility`() async throws {
    let server = try LoopbackServer { _ in .reset() }
    let result = try #require(try await run(smokeCase(repetitions: 3), against: server).first)
    #expect(result.failures.map(\.count).reduce(0, +) == 3)
    #expect(result.failures.first?.message.hasPrefix("expected an answer, but \(server.base) broke") == true)
    #expect(result.latencyP50 == nil)
    #expect(result.status == nil)
  }

  @Test func `an endpoint that is not there makes the run impossible`() async throws {
    let server = try LoopbackServer(accepts: false) { _ in .silence }
    server.stop()
    let error = await #expect(throws: HTTPError.self) { try await run(smokeCase(), against: server) }
    #expect(error?.code == .couldNotConnect)
    #expect(clock.now.offset > .seconds(5))
  }

  @Test(arguments: [
    ("<html>\u{1b}[31mhi</html>", "expected JSON, but it is something else: <html> [31mhi</html>"),
    ("", "expected JSON, but it is empty: "),
    ("{\"nsfw\": NaN}", "expected JSON, but it holds NaN or Infinity, which JSON has no words for: {\"nsfw\": NaN}"),
  ])
  func `an answer that is not JSON says what it is`(body: String, message: String) async throws {
    let server = try LoopbackServer { _ in .answer(status: 200, body: Array(body.utf8)) }
    let result = try #require(try await run(smokeCase(), against: server).first)
    #expect(result.failures == [.init(message: message, source: "images.yaml:12")])
  }

  @Test func `a cancelled run says so`() async throws {
    let server = try LoopbackServer { _ in .silence }
    await withThrowingTaskGroup(of: [SmokeResult].self) { group in
      group.addTask { try await run(smokeCase(), against: server) }
      for await event in server.events {
        if case .request = event { break }
      }
      group.cancelAll()
      await #expect(throws: CancellationError.self) { try await group.next() }
    }
  }
}

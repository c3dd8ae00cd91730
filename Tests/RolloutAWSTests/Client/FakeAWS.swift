import LoopbackServer
import RolloutCore
import RolloutHTTP
import Synchronization

@testable import RolloutAWS

/// A server that answers requests with what it was told, in order, and fails loudly when it was told nothing.
final class FakeAWS: Sendable {
  struct Unexpected: Error { var path: String }

  private struct State {
    var replies: [LoopbackServer.Reply]
    var requests: [LoopbackServer.Request] = []
  }

  /// What the clock says, and what was slept.
  struct Time {
    var now = Timestamp(milliseconds: 1_764_064_800_000)
    var slept: [TimeSpan] = []
  }

  private let state: Mutex<State>
  private let server: Mutex<LoopbackServer?> = Mutex(nil)
  let time = Mutex(Time())

  init(_ replies: LoopbackServer.Reply...) throws {
    state = Mutex(State(replies: replies))
    let server = try LoopbackServer { [self] request in
      state.withLock { state in
        state.requests.append(request)
        if state.replies.isEmpty { return .json(#"{"__type":"Unexpected"}"#, status: 599) }
        return state.replies.removeFirst()
      }
    }
    self.server.withLock { $0 = server }
  }

  func answerNext(_ reply: LoopbackServer.Reply) { state.withLock { $0.replies.append(reply) } }

  deinit { server.withLock { $0?.stop() } }

  var base: String { server.withLock { $0?.base } ?? "" }
  var requests: [LoopbackServer.Request] { state.withLock { $0.requests } }
  /// How many of what it was told to answer it was not asked for.
  var left: Int { state.withLock { $0.replies.count } }
  var slept: [TimeSpan] { time.withLock { $0.slept } }

  var pace: AWSClient.Pace {
    AWSClient.Pace(
      now: { self.time.withLock { $0.now } },
      sleep: { span in
        self.time.withLock { time in
          time.slept.append(span)
          time.now = time.now + span
        }
      }, chance: { 0.5 })
  }

  func settings(_ environment: [String: String] = [:]) throws -> AWSSettings {
    let own = [
      "AWS_ENDPOINT_URL": base, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
      "HOME": "/nowhere",
    ]
    return try AWSSettings(environment: own.merging(environment) { $1 }) { _ in nil }
  }

  func client(_ environment: [String: String] = [:]) throws -> AWSClient {
    AWSClient(
      region: "eu-central-1", try settings(environment), http: HTTPClient(transfersMax: 4), pace: pace)
  }
}

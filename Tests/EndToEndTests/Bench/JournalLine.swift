import Foundation

/// One line that `apply --format json` prints: as much of it as tests look at.
struct JournalLine: Decodable, Sendable {
  struct Who: Decodable, Sendable {
    var name: String
    var kind: String
  }

  var sequence: UInt64
  var type: String
  var actor: Who
  var rollout: String?
  var environment: String?
  var action: String?
  var direction: String?
  var outcome: String?
  var causeCode: String?
  var cause: String?
  var alarm: String?
  var error: String?
  /// When a gate closes by itself.
  var expires: String?

  /// `nil` for lines that are not events.
  init?(line: some StringProtocol) {
    guard line.hasPrefix("{"), let event = try? JSONDecoder().decode(JournalLine.self, from: Data(line.utf8)) else {
      return nil
    }
    self = event
  }

  /// `stepStarted` of an action that begins with these words, in this environment.
  func starts(_ words: String, in environment: String = "production") -> Bool {
    type == "stepStarted" && action?.hasPrefix(words) == true && self.environment == environment
      && direction == "forward"
  }

  func succeeds(_ words: String, in environment: String = "production") -> Bool {
    type == "stepSucceeded" && action?.hasPrefix(words) == true && self.environment == environment
  }
}

/// What `runtime status --format json` prints: as much of it as tests look at. No runtime, no `runtime`.
struct RuntimeDocument: Decodable, Sendable {
  var runtime: RuntimeStatus?
}

struct RuntimeStatus: Decodable, Sendable {
  struct Endpoint: Decodable, Sendable {
    var name: String
    var instances: [Instance]
    var observation: Observation
  }
  struct Instance: Decodable, Sendable {
    var role: String?
    var version: Int
    var state: String
    var pid: Int32?
    var restarts: Int
  }
  struct Observation: Decodable, Sendable {
    var stable: Fleet?
    var canary: Canary?
    var standby: Fleet?
    var seal: Seal?
  }
  struct Seal: Decodable, Sendable { var by: String }
  struct Canary: Decodable, Sendable { var fleet: Fleet }
  struct Fleet: Decodable, Sendable {
    struct Model: Decodable, Sendable { var version: Int }
    var revision: String
    var model: Model
    var desired: Int
    var ready: Int
  }

  var pid: Int32
  var endpoints: [Endpoint]

  subscript(name: String) -> Endpoint? { endpoints.first { $0.name == name } }
}

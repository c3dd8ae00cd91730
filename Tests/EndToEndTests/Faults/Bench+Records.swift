import Foundation
import RolloutHTTP
import Testing

/// A journal entry as it lies in the file.
struct JournalRow: Decodable, Hashable, Sendable {
  var sequence: UInt64
  var type: String
  var body: String

  var isForwardStep: Bool { type == "stepStarted" && body.contains(#""direction":"forward""#) }
}

/// What the runtime says of an endpoint when it is asked directly, which takes a millisecond.
struct Seen: Decodable, Sendable {
  struct Canary: Decodable, Sendable { var share: Double }
  struct Fleet: Decodable, Sendable {
    struct Model: Decodable, Sendable { var version: Int }
    var model: Model
  }
  var canary: Canary?
  var stable: Fleet?
  var fence: UInt64

  var share: Double { canary?.share ?? 0 }
}

extension Bench {
  /// The journal's rows by SQLite alone: none of the product's code stands between.
  func journalRows() async throws -> [JournalRow] {
    let ended = try await python(
      """
      import json, sqlite3
      rows = sqlite3.connect("file:.rollout/state/rollout.db?mode=ro", uri=True, timeout=20).execute(
          "SELECT seq, type, CAST(body AS TEXT) FROM event ORDER BY seq")
      print(json.dumps([{"sequence": s, "type": t, "body": b} for s, t, b in rows]))
      """)
    guard let rows = try? JSONDecoder().decode([JournalRow].self, from: Data(ended.output.utf8)) else {
      throw Command.Unmet(description: "the journal's rows cannot be read: \(ended)")
    }
    return rows
  }

  /// Whether somebody has the journal's lock and does not let go of it, as a process that was stopped in a commit.
  func journalIsHeld() async throws -> Bool {
    let ended = try await python(
      """
      import sqlite3
      journal = sqlite3.connect("file:.rollout/state/rollout.db?mode=rw", uri=True, timeout=2, isolation_level=None)
      journal.execute("BEGIN IMMEDIATE")
      journal.execute("ROLLBACK")
      """)
    guard ended.status == 0 || ended.errors.contains("locked") else { throw Command.Unmet(description: "\(ended)") }
    return ended.status != 0
  }

  private func python(_ program: String) async throws -> Command.Ended {
    try await Command(
      URL(filePath: "/usr/bin/env"), ["python3", "-c", program], environment: ProcessInfo.processInfo.environment,
      in: folder
    ).ended()
  }

  /// `nil`: no runtime answers.
  func seen(_ endpoint: String = "production") async -> Seen? {
    let request = HTTPRequest(
      method: "POST", url: "http://runtime/v1/endpoints/\(endpoint)/observe",
      headers: [("Content-Type", "application/json")], body: Array("{}".utf8), timeout: .seconds(10),
      unixSocket: folder.appending(path: ".rollout/runtime/control.sock").path)
    guard let answer = try? await client.send(request) else { return nil }
    return try? JSONDecoder().decode(Seen.self, from: Data(answer.body))
  }

  /// How long after `start` the canary had no share left.
  func weightZero(since start: ContinuousClock.Instant, on endpoint: String = "production") async throws -> Duration {
    while true {
      if let seen = await seen(endpoint), seen.share == 0 { return ContinuousClock.now - start }
      guard ContinuousClock.now - start < .seconds(60) else {
        throw Command.Unmet(description: "the canary still has a share after a minute")
      }
      try await ContinuousClock().sleep(for: .milliseconds(5))
    }
  }

  /// As much of `status --format json` as says whether the journal and the runtime tell the same.
  struct Standing: Decodable, Sendable {
    struct Place: Decodable, Sendable {
      struct Live: Decodable, Sendable { var model: Seen.Fleet.Model }
      var environment: String
      var live: Live?
      var stable: Seen.Fleet?
    }
    struct Rollout: Decodable, Sendable { var rollout: String }
    var environments: [Place]
    var rollout: Rollout?
  }

  func standing() async throws -> Standing {
    let status = try await expect(0, "status", "--format", "json")
    return try JSONDecoder().decode(Standing.self, from: Data(status.output.utf8))
  }

  /// What must be so whenever nothing is under way: journal, runtime and users agree, and the chain holds.
  func checkSettled(_ trial: Trial, live version: Int? = nil) async throws {
    let standing = try await standing()
    trial.check(standing.rollout == nil, "\(standing.rollout?.rollout ?? "") is still under way")
    for place in standing.environments {
      guard let live = place.live?.model.version else { continue }
      let served = try await until("\(place.environment) to be served") {
        try await self.standing().environments.first { $0.environment == place.environment }?.stable?.model.version
      }
      trial.check(served == live, "\(place.environment) serves version \(served), the journal says \(live)")
      let canary = await seen(place.environment)?.canary
      trial.check(canary == nil, "\(place.environment) has a canary with \(canary?.share ?? 0) %")
      if let version, place.environment == "production" {
        trial.check(live == version, "version \(live) is live, not \(version)")
      }
    }
    let verified = try await rollout("verify")
    trial.check(verified.status == 0, "\(verified)")
  }
}

import RolloutHTTP
import Synchronization

/// Users: requests at a fixed rate, each sent once, whatever became of those before it.
final class Load: Sendable {
  struct Count: Sendable {
    var sent = 0
    /// What went wrong → how often. An answer other than 200 has gone wrong.
    var failures: [String: Int] = [:]
    var failed: Int { failures.values.reduce(0, +) }
  }

  private let count = Mutex(Count())

  private func note(_ failure: String?) {
    count.withLock { count in
      count.sent += 1
      if let failure { count.failures[failure, default: 0] += 1 }
    }
  }

  /// Answered so far.
  var soFar: Count { count.withLock { $0 } }
}

extension Bench {
  /// Sends requests to an endpoint while `body` runs; what `body` and users saw.
  func withLoad<T: Sendable>(
    perSecond rate: Double, on endpoint: String = "production", _ body: (Load) async throws -> T
  ) async throws -> (T, Load.Count) {
    let load = Load()
    let request = request(endpoint)
    let result = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [client] in await load.run(request, rate: rate, client) }
      let result = try await body(load)
      group.cancelAll()
      return result
    }
    return (result, load.soFar)
  }
}

extension Load {
  fileprivate func run(_ request: HTTPRequest, rate: Double, _ client: HTTPClient) async {
    let start = ContinuousClock.now
    await withDiscardingTaskGroup { group in
      var number = 0
      // A fixed schedule: a slow answer does not make users fewer.
      while (try? await ContinuousClock().sleep(until: start + .seconds(Double(number) / rate))) != nil {
        number += 1
        group.addTask {
          // Cancelling the schedule ends no request that is under way.
          let one = Task { await self.send(request, client) }
          await one.value
        }
      }
    }
  }

  private func send(_ request: HTTPRequest, _ client: HTTPClient) async {
    do {
      let answer = try await client.send(request)
      note(answer.status == 200 ? nil : "status \(answer.status): \(answer.text.prefix(200))")
    } catch {
      note("\(error.code)")
    }
  }
}

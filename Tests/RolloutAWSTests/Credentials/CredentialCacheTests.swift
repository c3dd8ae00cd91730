import RolloutCore
import Synchronization
import Testing

@testable import RolloutAWS

/// Credentials that end before a rollout does.
@Suite struct CredentialCacheTests {
  /// A clock that tests set, and a source that gives numbered credentials of an hour.
  private final class World: Sendable {
    private struct State {
      var now = Timestamp(milliseconds: 0)
      var asked = 0
      var fails = false
    }
    private let state = Mutex(State())
    let gate: AsyncStream<Void>?

    init(gate: AsyncStream<Void>? = nil) { self.gate = gate }

    var asked: Int { state.withLock { $0.asked } }
    func pass(_ span: TimeSpan) { state.withLock { $0.now = $0.now + span } }
    func fail(_ fails: Bool = true) { state.withLock { $0.fails = fails } }

    func cache() -> CredentialCache {
      CredentialCache(now: { self.state.withLock { $0.now } }) { () throws(AWSFailure) in
        if let gate = self.gate { for await _ in gate {} }
        return try self.next()
      }
    }

    private func next() throws(AWSFailure) -> AWSCredentials {
      let (number, now, fails) = state.withLock { state in
        state.asked += 1
        return (state.asked, state.now, state.fails)
      }
      if fails { throw .noCredentials("nobody is there", help: nil) }
      return AWSCredentials(accessKey: "A\(number)", secretKey: "s", expires: now + .hours(1))
    }
  }

  private func key(_ cache: CredentialCache) async throws -> String { try await cache.credentials().accessKey }

  @Test func `new ones are asked for a quarter of an hour before the old ones end`() async throws {
    let world = World()
    let cache = world.cache()
    #expect(try await key(cache) == "A1")
    world.pass(.minutes(44))
    #expect(try await key(cache) == "A1")
    world.pass(.minutes(1))
    #expect(try await key(cache) == "A2")
  }

  @Test func `old ones that are still good are used while there are no new ones`() async throws {
    let world = World()
    let cache = world.cache()
    #expect(try await key(cache) == "A1")
    world.fail()
    world.pass(.minutes(50))
    #expect(try await key(cache) == "A1")
    // A source that is down is not asked at every request.
    #expect(try await key(cache) == "A1")
    #expect(world.asked == 2)
    world.pass(CredentialCache.patience)
    #expect(try await key(cache) == "A1")
    #expect(world.asked == 3)
    world.pass(.minutes(20))
    await #expect(throws: AWSFailure.self) { try await key(cache) }
    world.fail(false)
    #expect(try await key(cache) == "A5")
  }

  @Test func `credentials that AWS refused are not used again, whatever they say of themselves`() async throws {
    let world = World()
    let cache = world.cache()
    let first = try await cache.credentials()
    #expect(try await cache.credentials(after: first).accessKey == "A2")
    // Somebody else has already asked.
    #expect(try await cache.credentials(after: first).accessKey == "A2")
    #expect(world.asked == 2)
  }

  @Test func `many requests at a time ask once`() async throws {
    let (gate, opening) = AsyncStream.makeStream(of: Void.self)
    let world = World(gate: gate)
    let cache = world.cache()
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<50 { group.addTask { try await cache.credentials().accessKey } }
      opening.finish()
      for try await key in group { #expect(key == "A1") }
    }
    #expect(world.asked == 1)
  }
}

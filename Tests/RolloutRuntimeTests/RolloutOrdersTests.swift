import RolloutCore
import RolloutEngine
import RolloutHTTP
import Testing

@testable import RolloutRuntime

/// Orders over the real socket, answered by real model servers behind the real router.
@Suite(.serialized) struct RolloutOrdersTests {
  private let half = Percent(50) ?? .none

  @Test func `a revision is prepared, tried, promoted and taken back`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      let (first, second) = (try Revision.fixture(1), try Revision.fixture(2))
      try await fixture.serve(first)
      #expect(try await fixture.invoke(times: 5).versions == ["1": 5])

      try await fixture.prepareAndShift(second, to: half, fence: 10)
      let split = try await fixture.invoke(times: 60)
      #expect(split.statuses == [200: 60])
      #expect((split.versions["1"] ?? 0) > 5)
      #expect((split.versions["2"] ?? 0) > 5)
      #expect(try await fixture.target.renew(RuntimeFixture.endpoint, fence: 11))

      try await fixture.perform(.promote(second.digest, keepWarm: .minutes(5)), fence: 12)
      #expect(try await fixture.invoke(times: 5).versions == ["2": 5])
      #expect(try await fixture.target.observe(RuntimeFixture.endpoint, fence: nil).standby?.ready == 1)

      try await fixture.perform(.restore(first), fence: 13)
      #expect(try await fixture.invoke(times: 5).versions == ["1": 5], "the warm revision serves at once")
    }
  }

  @Test func `a canary without a share answers only those who name it`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1))
      try await fixture.prepareAndShift(.fixture(2), to: .none, fence: 10)
      #expect(try await fixture.invoke(times: 10).versions == ["1": 10])
      let named = try RuntimeFixture.Answer(await fixture.invoke(variant: "canary"))
      #expect(named.version == "2")
      #expect(named.variant == "full")
      #expect(named.directory == FixtureModels.directory)
    }
  }

  @Test func `a canary that nobody renews loses its share by itself`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1))
      try await fixture.prepareAndShift(.fixture(2, lease: .seconds(1)), to: .all, fence: 10)
      #expect(try await fixture.invoke(times: 3).versions == ["2": 3])
      let lapsed = try await fixture.eventuallyObserved("a lapsed lease") { $0.canary?.leaseIsLive == false }
      #expect(lapsed.canary?.share == Percent.none)
      #expect(try await fixture.invoke(times: 3).versions == ["1": 3])
      #expect(try await fixture.target.renew(RuntimeFixture.endpoint, fence: 11) == false)
    }
  }

  @Test func `an older fence is refused over the socket, the same one is accepted twice`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      let first = try Revision.fixture(1)
      try await fixture.perform(.prepare(first), fence: 7)
      try await fixture.perform(.prepare(first), fence: 7)
      let name = RuntimeFixture.endpoint
      _ = try await fixture.target.observe(name, fence: 9)
      for fence in UInt64(7)...8 {
        let error = try #require(
          await #expect(throws: TargetError.self) { try await fixture.perform(.restore(nil), fence: fence) })
        #expect(error.code == .fenced)
      }
      #expect(try await fixture.target.observe(name, fence: nil).fence == 9)
      #expect(try await fixture.target.observe(name, fence: nil).canary?.fleet.model.version == 1)
    }
  }

  @Test func `restoring nothing stops every server`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1))
      try await fixture.perform(.restore(nil), fence: 10)
      _ = try await fixture.eventually("no servers") {
        try await fixture.target.status().endpoints.allSatisfy(\.instances.isEmpty) ? true : nil
      }
      #expect(try await fixture.invoke().status == 400, "there is no such endpoint any more")
    }
  }
}

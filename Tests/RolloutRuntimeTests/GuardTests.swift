import RolloutCore
import RolloutEngine
import RolloutHTTP
import Testing

@testable import RolloutRuntime

/// Guards act on what real requests and real processes do, whether anybody drives or not.
@Suite(.serialized) struct GuardTests {
  private let half = Percent(50) ?? .none
  private let errors = AlarmRule(
    name: "model-errors", metric: .modelErrors, statistic: .sum, period: .minutes(5),
    threshold: Comparison(.greater, 5),
    missingData: .notBreaching)
  /// Far below what a burning server gets on a busy machine, far above what an idle one uses.
  private let cpu = AlarmRule(
    name: "cpu", metric: .cpu, statistic: .average, period: .seconds(3), threshold: Comparison(.greater, 15))

  @Test func `a canary that fails is taken back, and users see none of it`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1))
      let bad = try Revision.fixture(2, environment: ["FAIL_RATE": "1"], alarms: [errors])
      try await fixture.prepareAndShift(bad, to: half, fence: 10)

      var statuses: [Int: Int] = [:]
      let trip = try await fixture.eventually("a trip") {
        for (status, count) in try await fixture.invoke(times: 10).statuses { statuses[status, default: 0] += count }
        return try await fixture.target.observe(RuntimeFixture.endpoint, fence: nil).canary?.trip
      }
      #expect(trip.alarm == "model-errors")
      #expect(trip.reason.hasPrefix("InvocationModelErrors Sum over 5m was "))
      #expect(Array(statuses.keys) == [200], "the shield answers what the canary failed")

      let canary = try #require(try await fixture.target.observe(RuntimeFixture.endpoint, fence: nil).canary)
      #expect(canary.share == .none)
      #expect(canary.fleet.traffic.errors > 5)
      #expect(canary.fleet.traffic.userErrors == 0)
      #expect(try await fixture.invoke(times: 10).versions == ["1": 10])
      let error = try #require(
        await #expect(throws: TargetError.self) { try await fixture.perform(.shift(half), fence: 12) })
      #expect(error.code == .refused)
    }
  }

  @Test func `a canary that burns CPU is taken back`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1))
      let hot = try Revision.fixture(2, environment: ["BURN_CPU": "1"], alarms: [cpu])
      try await fixture.prepareAndShift(hot, to: half, fence: 10)
      let tripped = try await fixture.eventuallyObserved("a trip") { $0.canary?.trip != nil }
      #expect(tripped.canary?.trip?.alarm == "cpu")
      #expect(tripped.canary?.trip?.reason.hasPrefix("CPUUtilization Average over 3s was ") == true)
      #expect(tripped.canary?.share == Percent.none)
    }
  }

  @Test func `a canary that crashes under traffic is taken back, and users see none of it`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1))
      try await fixture.prepareAndShift(.fixture(2, environment: ["CRASH_AFTER": "2"]), to: half, fence: 10)
      let trip = try await fixture.eventually("a trip") {
        #expect(try await fixture.invoke(times: 10).statuses == [200: 10])
        return try await fixture.target.observe(RuntimeFixture.endpoint, fence: nil).canary?.trip
      }
      #expect(trip.alarm == "model-server")
      #expect(trip.reason.contains("exited with code 3, 3 crashes in a row; it last printed:"))
      #expect(trip.reason.hasSuffix("crashing as told"))
    }
  }

  @Test func `a canary that never becomes healthy says why`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1))
      let sick = try Revision.fixture(2, environment: ["NEVER_HEALTHY": "1"], startupTimeout: .seconds(1))
      try await fixture.perform(.prepare(sick), fence: 10)
      let seen = try await fixture.eventuallyObserved("a failure") { $0.canary?.fleet.failure != nil }
      #expect(
        seen.canary?.fleet.failure
          == "the model server did not answer GET /ping with 200 within 1s; it last printed:\nstarting version 2")
      #expect(try await fixture.invoke(times: 3).versions == ["1": 3])
    }
  }

  @Test func `a server that crashes at every start is a failure that quotes its log`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.perform(.prepare(.fixture(2, environment: ["CRASH_AFTER": "0"])), fence: 1)
      let seen = try await fixture.eventuallyObserved("a failure") { $0.canary?.fleet.failure != nil }
      #expect(
        seen.canary?.fleet.failure == """
          the model server exited with code 3, 3 crashes in a row; it last printed:
          starting version 2
          no weights found
          """)
    }
  }

  @Test func `a package that cannot be served says what to do`() async throws {
    let models = FixtureModels(damagedVersions: [2])
    try await RuntimeFixture.inTemporaryDirectory(models: models) { fixture in
      let start = "the model server of eye-catcher version"
      try await fixture.perform(.prepare(.fixture(2)), fence: 1)
      let damaged = try await fixture.eventuallyObserved("a failure") { $0.canary?.fleet.failure != nil }
      #expect(
        damaged.canary?.fleet.failure
          == "\(start) 2 could not be started: the package's digest does not match")

      let needy = try Revision.fixture(3, environment: ["KEY": "${ROLLOUT_TEST_UNSET}"])
      try await fixture.perform(.prepare(needy), fence: 2)
      let unset = try await fixture.eventuallyObserved("a failure") {
        $0.canary?.fleet.model.version == 3 && $0.canary?.fleet.failure != nil
      }
      #expect(
        unset.canary?.fleet.failure
          == "\(start) 3 could not be started: the package needs ROLLOUT_TEST_UNSET (for KEY); set it where the runtime is started"
      )
    }
  }
}

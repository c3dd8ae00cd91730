import RolloutCore
import Testing

/// Version 1 is live everywhere; rollout r2 brings version 2.
@Suite struct RollbackDecisionTests {
  @Test func `a canary in the environment is turned round, and that settles it`() {
    var lane = LaneStory { $0.isBaking("production") }
    #expect(lane.state.rollback(of: "production", to: nil) == .turn(rollout: "r2", settles: true))
    lane.write(.abortRequested(rollout: "r2", reason: "", isRollback: true))
    #expect(lane.state.rollback(of: "production", to: nil) == .finish(rollout: "r2", settles: true))
    lane.unwind()
    #expect(lane.state.rollback(of: "production", to: nil, after: "r2") == .isThere(lane.record(1)))
  }

  @Test func `a rollout that was promoted before it could be turned is rolled back`() {
    let lane = LaneStory { $0.liveRollout == nil }
    #expect(
      lane.state.rollback(of: "production", to: nil, after: "r2") == .start(id: "r3", to: lane.record(1)))
  }

  @Test func `a rollout in an earlier stage is turned round first`() {
    var lane = LaneStory { $0.liveRollout == nil }
    lane.write(.rolloutStarted(id: "r3", plan: Fixture.plan, program: Fixture.program(3, over: 2)))
    #expect(lane.state.rollback(of: "production", to: nil) == .turn(rollout: "r3", settles: false))
    lane.write(.abortRequested(rollout: "r3", reason: "", isRollback: false))
    #expect(lane.state.rollback(of: "production", to: nil) == .finish(rollout: "r3", settles: false))
    lane.unwind()
    #expect(lane.state.rollback(of: "production", to: nil) == .start(id: "r4", to: lane.record(1)))
  }

  @Test func `a rollback goes over a rollout that is stuck, to what that could not restore`() {
    var lane = LaneStory { $0.isBaking("production") }
    lane.write(.abortRequested(rollout: "r2", reason: "", isRollback: true))
    lane.write(.quarantined(reason: "no connection"))
    #expect(lane.state.rollback(of: "production", to: nil) == .start(id: "r3", to: lane.record(1)))
    #expect(lane.state.rollback(of: "production", to: 1) == .start(id: "r3", to: lane.record(1)))
  }

  @Test func `a rollback that is stuck is begun again`() {
    var lane = LaneStory { $0.liveRollout == nil && $0.lease == nil }
    let first = lane.record(1)
    lane.write(
      .rollbackStarted(id: "r3", environment: "production", endpoint: "eye-prod", to: first, reason: "bad labels"))
    lane.write(.leaseAcquired(ttl: .seconds(30), why: .preempt))
    lane.write(.quarantined(reason: "no connection"))
    #expect(lane.state.rollback(of: "production", to: nil) == .start(id: "r4", to: first))
  }

  @Test func `what is live already needs nothing`() {
    let lane = LaneStory { $0.liveRollout == nil }
    #expect(lane.state.rollback(of: "production", to: 2) == .isThere(lane.record(2)))
  }

  @Test func `a revision that is named is gone to after the turn`() {
    var lane = LaneStory { $0.isBaking("production") }
    #expect(lane.state.rollback(of: "production", to: 1) == .turn(rollout: "r2", settles: false))
    lane.write(.abortRequested(rollout: "r2", reason: "", isRollback: true))
    lane.unwind()
    #expect(lane.state.rollback(of: "production", to: 1) == .isThere(lane.record(1)))
  }

  @Test func `what cannot be is refused before anything is turned round`() {
    let lane = LaneStory { $0.isBaking("production") }
    #expect(lane.state.rollback(of: "production", to: 9) == .refuse(.unknownRevision(9, known: [1])))
    #expect(lane.state.rollback(of: "elsewhere", to: nil) == .refuse(.neverLive))
    var first = LaneStory { $0.liveRollout == nil }
    first.state.environments["production"]?.path = [1]
    #expect(first.state.rollback(of: "production", to: nil) == .refuse(.onlyOneRevision(1, others: [2])))
  }

  @Test func `a revision that was deployed again is not what was live before it`() {
    var lane = LaneStory { $0.liveRollout == nil }
    lane.state.environments["production"]?.path = [1, 2, 2]
    #expect(lane.state.rollback(of: "production", to: nil) == .start(id: "r3", to: lane.record(1)))
  }
}

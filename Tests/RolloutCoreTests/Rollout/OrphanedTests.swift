import RolloutCore
import Testing

@Suite struct OrphanedTests {
  private let then = Timestamp(milliseconds: 0)
  private func after(_ seconds: Int64) -> Timestamp { then + .seconds(seconds) }

  @Test func `a rollout is orphaned when its driver's lease is dead`() {
    let lane = LaneStory { $0.isBaking("production") }
    #expect(!lane.state.isOrphaned(leaseIsLive: true, lastEventAt: then, at: after(60)))
    #expect(lane.state.isOrphaned(leaseIsLive: false, lastEventAt: then, at: after(1)))
  }

  @Test func `whoever started it or turned it round gets a moment, from the last event on`() {
    var lane = LaneStory { $0.liveRollout?.id == "r2" }
    #expect(!lane.state.isOrphaned(leaseIsLive: false, lastEventAt: then, at: after(5)))
    #expect(lane.state.isOrphaned(leaseIsLive: false, lastEventAt: then, at: after(6)))
    lane.write(.abortRequested(rollout: "r2", reason: "", isRollback: false))
    #expect(!lane.state.isOrphaned(leaseIsLive: false, lastEventAt: after(60), at: after(61)))
  }

  @Test func `a clock that was set back does not keep a rollout waiting`() {
    let lane = LaneStory { $0.liveRollout?.id == "r2" }
    #expect(lane.state.isOrphaned(leaseIsLive: false, lastEventAt: after(3_600), at: then))
  }

  @Test func `one that waits at a gate or for a person is left alone`() {
    var lane = LaneStory { $0.liveRollout?.gate != nil }
    lane.write(.leaseReleased)
    #expect(!lane.state.isOrphaned(leaseIsLive: false, lastEventAt: then, at: after(60)))
    #expect(lane.state.watch("r2", leaseIsLive: false) == .ended(.waitingForApproval(environment: "production")))
    var stuck = LaneStory { $0.isBaking("production") }
    stuck.write(.abortRequested(rollout: "r2", reason: "", isRollback: true))
    stuck.write(.quarantined(reason: "no connection"))
    #expect(!stuck.state.isOrphaned(leaseIsLive: false, lastEventAt: then, at: after(60)))
    #expect(stuck.state.watch("r2", leaseIsLive: true) == .ended(.quarantined("no connection")))
  }

  @Test func `whoever follows sees a dead leader, and how that very rollout ended`() {
    var lane = LaneStory { $0.isBaking("production") }
    #expect(lane.state.watch("r2", leaseIsLive: true) == .isLed)
    #expect(lane.state.watch("r2", leaseIsLive: false) == .isLeaderless)
    lane.write(.abortRequested(rollout: "r2", reason: "slow", isRollback: false))
    lane.unwind()
    lane.write(.rolloutStarted(id: "r3", plan: Fixture.plan, program: Fixture.program(3, over: 1)))
    let cause = Cause.requested(by: "maria", reason: "slow", isRollback: false)
    #expect(lane.state.watch("r2", leaseIsLive: true) == .ended(.done(.rolledBack(cause))))
  }
}

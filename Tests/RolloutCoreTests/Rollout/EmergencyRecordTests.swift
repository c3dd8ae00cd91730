import RolloutCore
import Testing

/// What the journal makes of a rollback of last resort. Version 1 is live everywhere; rollout r2 brings version 2.
@Suite struct EmergencyRecordTests {
  @Test func `a canary that was taken away by hand turns its rollout round, to its base`() {
    var lane = LaneStory { $0.isBaking("production") }
    lane.write(.emergencyReverted(Self.emergency(restoring: nil)))
    #expect(lane.state.liveRollout?.mode == .unwinding(.emergency(by: "omar", reason: "wrong labels")))
    #expect(lane.state.liveRollout?.wayBack?.digest == lane.record(1).revision.digest)
  }

  @Test func `what somebody put back by hand is where the way back ends`() {
    var lane = LaneStory { $0.liveRollout == nil && $0.lease == nil }
    let (first, second) = (lane.record(1), lane.record(2))
    lane.write(
      .rollbackStarted(id: "r3", environment: "production", endpoint: "eye-prod", to: first, reason: "bad labels"))
    lane.write(.emergencyReverted(Self.emergency(restoring: second)))
    #expect(lane.state.liveRollout?.wayBack?.digest == second.revision.digest)
    #expect(lane.state.machine.last.wayBack == Token(second.revision.digest))
    lane.unwind()
    #expect(lane.state.environments["production"]?.live == second)
  }

  @Test func `an order that was announced before the seal is announced again after it`() {
    var lane = LaneStory { $0.isBaking("production") }
    lane.write(.abortRequested(rollout: "r2", reason: "", isRollback: true))
    lane.write(.stepStarted(lane.state.rollout?.position ?? Position(stage: 0, step: 0), attempt: 1, direction: .undo))
    #expect(lane.state.liveRollout?.active != nil)
    lane.write(.emergencyReverted(Self.emergency(restoring: nil)))
    #expect(lane.state.liveRollout?.active == nil)
    lane.unwind()
    #expect(lane.state.rollout(named: "r2")?.outcome.word == "rolled back")
  }

  @Test func `an emergency elsewhere turns a rollout round and leaves its way back`() {
    var lane = LaneStory { $0.isBaking("production") }
    lane.write(.emergencyReverted(Self.emergency(restoring: nil, at: "eye-staging")))
    #expect(lane.state.liveRollout?.isUnwinding == true)
    #expect(lane.state.liveRollout?.revertedTo == nil)
  }

  @Test func `what is on its way is not live, and the next rollback waits for it`() {
    var lane = LaneStory { $0.liveRollout == nil && $0.lease == nil }
    let (first, second) = (lane.record(1), lane.record(2))
    var emergency = Self.emergency(restoring: first)
    emergency.isOnItsWay = true
    lane.write(.emergencyReverted(emergency))
    #expect(lane.state.environments["production"]?.live == second)
    guard let rollback = lane.state.settlement else {
      Issue.record("nobody goes on with it")
      return
    }
    lane.write(rollback)
    #expect(lane.state.settlement == nil)
    #expect(lane.state.liveRollout?.wayBack == first.revision)
    lane.unwind()
    #expect(lane.state.environments["production"]?.live == first)
    #expect(lane.state.settlement == nil)
  }

  @Test func `what took over is live at once`() {
    var lane = LaneStory { $0.liveRollout == nil && $0.lease == nil }
    lane.write(.emergencyReverted(Self.emergency(restoring: lane.record(1))))
    #expect(lane.state.environments["production"]?.live == lane.record(1))
    #expect(lane.state.settlement == nil)
  }

  @Test func `a rollout under way elsewhere ends before the way back begins`() {
    var lane = LaneStory { $0.liveRollout?.stage.environment == "staging" && $0.liveRollout?.active != nil }
    var emergency = Self.emergency(restoring: lane.record(1))
    emergency.isOnItsWay = true
    lane.write(.emergencyReverted(emergency))
    #expect(lane.state.settlement == nil)
    lane.unwind()
    #expect(lane.state.settlement != nil)
  }

  private static func emergency(restoring record: RevisionRecord?, at endpoint: String = "eye-prod") -> Emergency {
    Emergency(
      id: "e1", environment: "production", endpoint: endpoint, restored: record?.revision.digest, by: "omar",
      reason: "wrong labels", at: Timestamp(milliseconds: 0))
  }
}

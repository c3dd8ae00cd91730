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

  private static func emergency(restoring record: RevisionRecord?, at endpoint: String = "eye-prod") -> Emergency {
    Emergency(
      id: "e1", environment: "production", endpoint: endpoint, restored: record?.revision.digest, by: "omar",
      reason: "wrong labels", at: Timestamp(milliseconds: 0))
  }
}

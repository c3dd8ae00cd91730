extension LaneState {
  /// The rollback that an emergency has begun and that no rollout is about yet; `nil` while another rollout has to end.
  package var settlement: Event? {
    guard liveRollout == nil, let emergency = emergencies.last(where: { $0.isUnsettled == true })?.emergency,
      let (environment, record) = wayBack(of: emergency)
    else { return nil }
    return .rollbackStarted(
      id: nextRollout, environment: environment, endpoint: emergency.endpoint, to: record,
      reason: Cause.emergency(by: emergency.by, reason: emergency.reason).text)
  }
}

/// What somebody who does not lead a rollout makes of it.
package enum RolloutWatch: Hashable, Sendable {
  /// Its leader lives.
  case isLed
  /// Nobody leads it any more, and nobody gave it back on purpose.
  case isLeaderless
  case ended(Driver.Ending)
}

extension LaneState {
  /// How long whoever started a rollout, or turned it round, may take to take the lease.
  package static let leaderlessMax = TimeSpan.seconds(5)

  /// Whether the rollout under way has lost its driver and somebody else should go on with it. What a driver gave back
  /// at a gate is left to whoever comes once it is decided. `leaseIsLive` says nothing where there is no lease.
  package func isOrphaned(leaseIsLive: Bool, lastEventAt: Timestamp, at now: Timestamp) -> Bool {
    guard let live = liveRollout else { return false }
    if case .quarantined = live.mode { return false }
    if lease != nil { return !leaseIsLive }
    if live.isAtGate { return false }
    // An event from the future is one from before the clock was set back: waiting for it could take for ever.
    return !(.zero...Self.leaderlessMax).contains(now - lastEventAt)
  }

  /// How things stand with one rollout for whoever follows it, whatever else was started since.
  package func watch(_ id: String, leaseIsLive: Bool) -> RolloutWatch {
    if let past = rollout(named: id) { return .ended(.done(past.outcome)) }
    guard let live = liveRollout, live.id == id else { return .isLeaderless }
    if case .quarantined(_, let reason) = live.mode { return .ended(.quarantined(reason)) }
    if lease != nil { return leaseIsLive ? .isLed : .isLeaderless }
    return live.isAtGate && !live.gateIsPassed
      ? .ended(.waitingForApproval(environment: live.stage.environment)) : .isLeaderless
  }
}

extension RolloutState {
  fileprivate var isAtGate: Bool { mode == .forward && gate?.position == position }
}

import RolloutCore
import RolloutEngine

/// Watches a rollout that the runtime leads, until it ends, stops at a gate, or has nobody to lead it.
struct Following {
  let journal: any Journal
  let target: any Target
  let display: ProgressDisplay

  /// How the rollout ended; `nil` when it is leaderless and whoever followed has to go on with it. `state` is brought
  /// up to date.
  func run(_ rollout: String, _ state: inout LaneState) async throws -> Driver.Ending? {
    while true {
      let entries = try await journal.entries(after: state.sequence)
      for entry in entries { try state.apply(entry) }
      if !entries.isEmpty { await display.show(.entries(entries, state)) }
      var leaseIsLive = false
      if let epoch = state.lease?.epoch { leaseIsLive = try await journal.leaseIsLive(epoch: epoch) }
      switch state.watch(rollout, leaseIsLive: leaseIsLive) {
      case .ended(let ending): return ending
      case .isLeaderless: return nil
      case .isLed: await look(state)
      }
      try await Task.sleep(for: Driver.poll.duration)
    }
  }

  private func look(_ state: LaneState) async {
    guard let endpoint = state.liveRollout?.stage.endpoint else { return }
    do {
      await display.show(.observed(try await target.observe(endpoint, fence: nil), state))
    } catch {
      await display.show(.trouble(error.message))
    }
  }
}

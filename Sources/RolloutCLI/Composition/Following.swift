import RolloutCore
import RolloutEngine

/// Watches a rollout that the runtime leads, until it ends or stops at a gate.
struct Following {
  let session: Session
  let journal: any Journal
  let target: any Target
  let display: ProgressDisplay

  init(_ session: Session, _ journal: any Journal, _ target: any Target, _ display: ProgressDisplay) {
    self.session = session
    self.journal = journal
    self.target = target
    self.display = display
  }

  func run(_ leader: Actor) async throws -> ExitStatus {
    session.terminal.say("The runtime (pid \(leader.pid)) leads this rollout; watching it.")
    var state = try await journal.state()
    while true {
      let entries = try await journal.entries(after: state.sequence)
      for entry in entries { try state.apply(entry) }
      if !entries.isEmpty { await display.show(.entries(entries, state)) }
      guard let rollout = state.rollout else { return .done }
      if let ending = Self.ending(rollout, state) { return ExitStatus(ending) }
      do {
        await display.show(.observed(try await target.observe(rollout.stage.endpoint, fence: nil), state))
      } catch {
        await display.show(.trouble(error.message))
      }
      try await Task.sleep(for: Driver.poll.duration)
    }
  }

  private static func ending(_ rollout: RolloutState, _ state: LaneState) -> Driver.Ending? {
    switch rollout.mode {
    case .done(let outcome): .done(outcome)
    case .quarantined(_, let reason): .quarantined(reason)
    case .forward, .unwinding:
      state.lease == nil && rollout.gate?.position == rollout.position
        ? .waitingForApproval(environment: rollout.stage.environment) : nil
    }
  }
}

package import RolloutCore

/// Where a rollout stands, what it waits for, and what a person can type.
package struct Standing: Hashable, Sendable {
  package enum Code: String, Hashable, Codable, Sendable {
    case running, baking, waitingForApproval, paused, turningRound, quarantined
    /// It did what it was started for.
    case succeeded
    /// It ended otherwise.
    case ended
  }

  package struct StepCount: Hashable, Sendable {
    /// From 1.
    package var number: Int
    /// Of how many in this environment.
    package var count: Int
  }

  package var code: Code
  package var environment: String
  /// `nil` on the way back.
  package var step: StepCount?
  /// `bake for 10m at 10%`.
  package var action: String
  /// `7m16s left`, `0 of 1 ready`.
  package var detail: String?
  /// How much of a bake is over, 0 to 1.
  package var fraction: Double?
  /// What somebody may type now.
  package var command: String?

  package var isOver: Bool { code == .succeeded || code == .ended }

  /// `production, step 6 of 11: bake for 10m at 10%, 7m16s left`.
  package var sentence: String {
    let place = environment + (step.map { ", step \($0.number) of \($0.count)" } ?? "")
    return "\(place): \(action)" + (detail.map { ", \($0)" } ?? "")
  }
}

extension Standing {
  func paint(_ text: String, _ style: Style) -> String {
    switch code {
    case .running, .baking: text
    case .waitingForApproval, .paused: style.yellow(text)
    case .turningRound, .quarantined, .ended: style.red(text)
    case .succeeded: style.green(text)
    }
  }

  package init(_ rollout: RolloutState, _ observation: EndpointObservation?, now: Timestamp) {
    let position = rollout.position
    environment = rollout.stage.environment
    switch rollout.mode {
    case .done(let outcome):
      code = outcome == .promoted || rollout.rollbackTo != nil ? .succeeded : .ended
      action = rollout.outcomeWord(outcome)
      detail = outcome.cause.map { "because: \(Printable.line($0.text))" }
    case .quarantined(_, let reason):
      code = .quarantined
      action = "stuck, a person must decide"
      detail = Printable.line(reason)
      command = "rollout resume \(rollout.id)"
    case .unwinding(let cause):
      code = .turningRound
      action = rollout.undoName
      detail = "because: \(Printable.line(cause.text))"
    case .forward:
      code = .running
      step = StepCount(number: position.step + 1, count: rollout.stage.steps.count)
      action = rollout.program[position].name
      stand(at: rollout.program[position], in: rollout, observation, now)
      if let reason = rollout.hold {
        code = .paused
        detail = "paused" + (reason.isEmpty ? "" : ": \(Printable.line(reason))")
        command = "rollout resume \(rollout.id)"
      }
    }
  }

  private mutating func stand(
    at step: Program.Step, in rollout: RolloutState, _ observation: EndpointObservation?, _ now: Timestamp
  ) {
    let canary = observation?.canary
    let running = rollout.active.map { "for \(Figures.duration(now - $0.startedAt))" }
    switch step {
    case .verify, .smoke, .shift, .promote: detail = running
    case .deploy(_, let within):
      let activity = canary?.fleet.activity.map { "\($0), " } ?? ""
      detail = running.map { "\(activity)\($0), at most \(within)" }
    case .prepare(let within):
      let ready = canary.map { "\($0.fleet.ready) of \(max($0.fleet.desired, 1)) ready, " } ?? ""
      detail = running.map { "\(ready)\($0), at most \(within)" }
    case .bake(let time):
      code = .baking
      action += " at \(rollout.machine.course.share(at: rollout.position))"
      guard let baked = canary?.baked else { return }
      fraction = time > .zero ? min(1, baked.seconds / time.seconds) : 1
      detail = baked >= time ? "over" : "\(Figures.duration(time - baked)) left"
    case .approve:
      guard let gate = rollout.gate, gate.position == rollout.position else { return }
      code = .waitingForApproval
      let policy = rollout.stage.approval
      let who = policy.map { $0.approvers.isEmpty ? "" : " by \($0.approvers.joined(separator: ", "))" } ?? ""
      action = "waits for approval\(who)"
      guard gate.expires > now else {
        // Whoever drives next turns it round; nobody can approve it any more.
        detail = "which nobody gave in time"
        command = "rollout apply"
        return
      }
      detail = "\(gate.approvals.count) of \(policy?.minimum ?? 1), \(Figures.duration(gate.expires - now)) left"
      command = "rollout approve \(rollout.id)"
    }
  }
}

import RolloutCore
import RolloutEngine

/// Drives a rollout from the command line, showing what happens.
struct Driving {
  let session: Session
  let journal: any Journal
  let control: LocalRuntimeControl

  init(_ session: Session, _ journal: any Journal) {
    self.session = session
    self.journal = journal
    control = LocalRuntimeControl(session)
  }

  /// Runs until the rollout of this state ends or this process may not go on, and says how it ended. Interrupted, it
  /// says who goes on without it.
  func run(_ role: Driver.Role, after appended: Appended) async throws -> ExitStatus {
    try await Interruption.ending(
      { try await drive(role, appended) },
      with: appended.state.liveRollout?.stage.revision.content.sageMaker == nil
        ? "This command stops; the runtime goes on with the rollout. `rollout abort` turns it round."
        : "This command stops. What SageMaker deploys goes on by itself, and back by itself when an alarm trips; "
          + "`rollout apply` goes on with the rollout, `rollout abort` turns it round.")
  }

  private func drive(_ role: Driver.Role, _ appended: Appended) async throws -> ExitStatus {
    let display = ProgressDisplay(session.terminal, common: session.common, from: appended.before)
    let loop = RolloutLoop(
      Rehearsal.ports(try Self.ports(session, journal, try session.startingTargets(of: appended.state))),
      clock: ContinuousClock(), now: SteadyTime().now,
      report: { await display.show($0) })
    var state = appended.state
    var news = appended.entries
    while true {
      // Said early and clearly here; later it would only be a step that fails.
      if state.liveRollout?.needsRuntime == true { try await control.ensureRunning() }
      let ending = try await loop.run(
        Driver(
          actor: session.actor, role: role, state: state, seed: .random(in: 0 ... .max),
          pace: Rehearsal.pace(for: state)),
        announcing: news)
      news = []
      // Somebody took the endpoint back by hand meanwhile: once the journal knows, there is a turn to be driven.
      if case .sealed = ending, try await !session.reconcile(journal).isEmpty { continue }
      guard case .someoneElseLeads(let leader, let since) = ending else { return try await end(ending) }
      guard leader.kind == .runtime, let rollout = state.liveRollout?.id else {
        let look = try await wait(for: leader)
        guard look.isLive else { continue }
        Terminal.complain("error: \(leader.title) leads this rollout\(look.reach.suffix) since \(since)")
        Terminal.complain("help: watch it with `rollout status --watch`, or turn it round with `rollout rollback`")
        return .someoneElseLeads
      }
      session.terminal.say("The runtime (pid \(leader.pid)) leads this rollout; watching it.")
      let following = Following(journal: journal, target: try session.targets(of: state), display: display)
      guard let ending = try await following.run(rollout, &state) else { continue }
      // The runtime stops at gates; whoever wants to wait there does so itself.
      if case .waitingForApproval = ending, role == .drive(waitsAtGates: true) { continue }
      return try await end(ending)
    }
  }

  /// What can be seen of whoever leads. On another host that is only whether its lease is renewed, so that a leader which
  /// died there takes as long to tell from one that lives as a lease lasts.
  private func wait(for leader: Actor) async throws -> LeaseLook {
    guard let epoch = try await journal.state().lease?.epoch else { return LeaseLook(isLive: false) }
    var look = try await journal.lookAtLease(epoch: epoch)
    guard look.isLive, look.reach == .renewals, let left = look.left else { return look }
    session.terminal.say(
      "\(leader.title) leads this rollout\(look.reach.suffix); waiting \(left) at most to see whether it still does.")
    while look.isLive {
      try await Task.sleep(for: Driver.poll.duration)
      let next = try await journal.lookAtLease(epoch: epoch)
      if let before = look.left, let left = next.left, left > before { return next }
      look = next
    }
    return look
  }

  /// Says what a person can do about a rollout that needs one.
  private func end(_ ending: Driver.Ending) async throws -> ExitStatus {
    switch ending {
    case .quarantined(let reason):
      Terminal.complain("error: a person must decide: \(Printable.line(reason))")
      for remedy in try await journal.state().liveRollout?.remedies ?? [] {
        Terminal.complain("help: \(remedy.command)  (\(remedy.purpose))")
      }
    case .sealed(let message):
      Terminal.complain("error: \(message)")
      Terminal.complain("help: once the journal can be written again: rollout apply")
    case .nothingToDo, .done, .waitingForApproval, .someoneElseLeads: break
    }
    return ExitStatus(ending)
  }

  static func ports(
    _ session: Session, _ journal: any Journal, _ target: any Target
  ) throws -> RolloutLoop<ContinuousClock>.Ports {
    let addresses = EndpointAddresses(session)
    return RolloutLoop<ContinuousClock>.Ports(
      journal: journal, target: target, registry: try session.registry, prover: addresses,
      notifier: WebhookNotifier(session.pipeline.notify, environment: session.environment),
      authority: FileAuthority(session), address: { try await addresses.address(of: $0, variant: $1) })
  }
}

extension RolloutState {
  /// Whether going on with it takes the local runtime: a turn that has nothing to undo only writes that down.
  fileprivate var needsRuntime: Bool {
    stage.revision.content.sageMaker == nil && (mode == .forward || (isUnwinding && needsUndo))
  }
}

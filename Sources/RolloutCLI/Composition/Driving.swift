import RolloutCore
import RolloutEngine
import RolloutHTTP
import RolloutProof

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

  /// Runs until the rollout ends or this process may not go on, and says how it ended. Shows what the journal says
  /// after `state`, or from now on. Interrupted, it says who goes on without it.
  func run(_ role: Driver.Role, after state: LaneState? = nil) async throws -> ExitStatus {
    try await Interruption.ending(
      { try await drive(role, after: state) },
      with: "This command stops; the runtime goes on with the rollout. `rollout abort` turns it round.")
  }

  private func drive(_ role: Driver.Role, after before: LaneState? = nil) async throws -> ExitStatus {
    let display = ProgressDisplay(session.terminal, common: session.common)
    try await control.ensureRunning()
    let loop = RolloutLoop(
      Self.ports(session, journal, control.target), clock: ContinuousClock(), now: wallTime,
      report: { await display.show($0) })
    var state = before ?? LaneState()
    let entries = try await journal.entries(after: state.sequence)
    for entry in entries { try state.apply(entry) }
    if before != nil, !entries.isEmpty { await display.show(.entries(entries, state)) }
    let ending = try await loop.run(Driver(actor: session.actor, role: role, state: state))
    if case .someoneElseLeads(let leader, _) = ending, leader.kind == .runtime {
      let status = try await Following(session, journal, control.observer, display).run(leader)
      // The runtime stops at gates; whoever wants to wait there does so itself.
      return status == .waitingForApproval && role == .drive(waitsAtGates: true) ? try await drive(role) : status
    }
    if case .someoneElseLeads(let leader, let since) = ending {
      Terminal.complain("error: \(leader.title) leads this rollout since \(since)")
      Terminal.complain("help: watch it with `rollout status --watch`, or turn it round with `rollout rollback`")
    }
    return ExitStatus(ending)
  }

  static func ports(
    _ session: Session, _ journal: any Journal, _ target: any Target
  ) -> RolloutLoop<ContinuousClock>.Ports {
    let runtime = session.pipeline.runtime
    let control = LocalRuntimeControl(session)
    return RolloutLoop<ContinuousClock>.Ports(
      journal: journal, target: target, registry: session.registry, prover: SmokeProver(client: HTTPClient()),
      notifier: WebhookNotifier(session.pipeline.notify, environment: session.environment),
      address: { await control.frontAddress() ?? "http://\(runtime.host):\(runtime.port)" })
  }
}

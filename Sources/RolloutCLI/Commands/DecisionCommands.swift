import ArgumentParser
import RolloutCore
import RolloutDigest
import RolloutEngine

struct ApproveCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Shows the evidence of the stages before, then records your approval.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The rollout, such as r3; the one that waits when left out.")
  var rollout: String?
  @Option(help: "Why; kept in the journal.")
  var comment: String?
  @Flag(help: "Do not ask again on a terminal.")
  var yes = false
  @OptionGroup var signing: SigningOptions

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    var decision = try await Decision(session, rollout, comment: comment)
    if let path = signing.statement { return try await decision.writeStatement(to: path) }
    if let refusal = decision.live.approvalRefusal(decision.approval, at: wallTime()) { throw CommandFailure(refusal) }
    session.terminal.say(try await decision.review(Style(session.terminal)))
    if !yes, let answer = session.terminal.ask("Approve? Only 'yes' is taken as an answer:"), answer != "yes" {
      session.terminal.say("Not approved; nothing was recorded.")
      return .failed
    }
    try await decision.sign(signing)
    let approved = try await decision.record { .approvalGranted($0) }
    return try session.present("Approved by \(session.actor.name). `rollout apply` goes on.", approved)
  }
}

struct RejectCommand: RolloutSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "reject",
    abstract: "Shows the evidence, then refuses a rollout that waits for approval; production stays as it is.")

  @OptionGroup var common: CommonOptions
  @Argument(help: "The rollout, such as r3; the one that waits when left out.")
  var rollout: String?
  @Option(help: "Why; kept in the journal.")
  var comment: String?

  func perform() async throws -> ExitStatus {
    let session = try Session(common)
    let decision = try await Decision(session, rollout, comment: comment)
    if let refusal = decision.live.denialRefusal(decision.approval, at: wallTime()) { throw CommandFailure(refusal) }
    session.terminal.say(try await decision.review(Style(session.terminal)))
    let denied = try await decision.record { .approvalDenied($0) }
    let status = try await Driving(session, decision.journal).run(.turn, after: denied)
    // For whoever rejects, a rejected rollout is the thing asked for.
    return status == .rejected ? .done : status
  }
}

/// A person's decision in the making: bound to exactly what they are shown.
struct Decision {
  let session: Session
  let journal: any Journal
  let live: RolloutState
  let lineage: String
  var approval: Approval

  init(_ session: Session, _ id: String?, comment: String?) async throws {
    guard let journal = try await session.existingJournal() else {
      throw CommandFailure(.failed, "nothing was ever rolled out here", help: "start with: rollout plan")
    }
    let state = try await journal.state()
    guard let live = state.liveRollout, id == nil || live.id == id else {
      let ended = id.flatMap { state.rollout(named: $0) }.map { " \($0.id) \($0.outcome.word) at \($0.endedAt)." }
      throw CommandFailure(
        .failed, (id.map { "rollout \($0) does not wait" } ?? "no rollout waits") + " for approval.\(ended ?? "")",
        help: "see: rollout status")
    }
    guard let gate = live.gate, gate.position == live.position, live.mode == .forward, let plan = live.plan else {
      throw CommandFailure(ApprovalRefusal.noGate)
    }
    self.session = session
    self.journal = journal
    self.live = live
    lineage = state.lineage ?? ""
    approval = Approval(
      rollout: live.id, gate: gate.position, plan: plan, evidenceRoot: gate.evidenceRoot, by: session.actor.name,
      comment: comment)
    guard live.stage.approval?.signers != nil else { return }
    approval.expires = gate.expires
    approval.head = try await journal.head(at: gate.sequence)
  }

  func review(_ style: Style) async throws -> String {
    guard let digest = live.plan else { return "" }
    let plan = try CanonicalJSON.value(Plan.self, from: try await journal.blob(digest))
    var documents: [Digest: EvidenceDocument] = [:]
    for evidence in live.evidence {
      documents[evidence.digest] = try CanonicalJSON.value(
        EvidenceDocument.self, from: try await journal.blob(evidence.digest))
    }
    return ApprovalView.text(live, plan: plan, digest: digest, documents: documents, now: wallTime(), style: style)
  }

  /// Appends the decision. When somebody wrote in between, it is looked at again and never bound to anything else.
  func record(_ event: (Approval) -> Event) async throws -> Appended {
    try await journal.append(by: session.actor) { state in
      guard let live = state.liveRollout else { throw CommandFailure(ApprovalRefusal.noGate) }
      let refusal =
        if case .approvalGranted = event(approval) {
          live.approvalRefusal(approval, at: wallTime())
        } else {
          live.denialRefusal(approval, at: wallTime())
        }
      if let refusal { throw CommandFailure(refusal) }
      return [event(approval)]
    }
  }
}

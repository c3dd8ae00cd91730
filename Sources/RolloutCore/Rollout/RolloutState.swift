/// One rollout in the middle of its work, with its names and words.
package struct RolloutState: Hashable, Codable, Sendable {
  package enum Mode: Hashable, Codable, Sendable {
    case forward
    case unwinding(Cause)
    /// Undoing failed for good; a person must decide.
    case quarantined(Cause, reason: String)
    case done(Outcome)
  }

  /// The step that was announced and whose outcome is not known yet.
  package typealias Active = RolloutMachine.Active

  package struct Gate: Hashable, Codable, Sendable {
    package var position: Position
    package var evidenceRoot: Digest
    /// The entry that asked.
    package var sequence: UInt64
    package var openedAt: Timestamp
    package var expires: Timestamp
    package var approvals: [Approval] = []
    package var denial: Approval?
  }

  package var id: String
  package var plan: Digest?
  package var program: Program
  package var startedBy: Actor
  package var startedAt: Timestamp
  package var firstEvent: UInt64
  /// What decisions depend on.
  package internal(set) var machine: RolloutMachine
  /// Why it turned round, in full.
  package internal(set) var cause: Cause?
  package internal(set) var stuckBecause: String?
  package internal(set) var outcome: Outcome?
  package internal(set) var evidence: [Evidence] = []
  package internal(set) var gate: Gate?
  package internal(set) var hold: String?
  /// For a rollback: the record that becomes live again.
  package internal(set) var rollbackTo: RevisionRecord?
  /// What somebody put back by hand meanwhile: where its way back ends, instead of its base.
  package internal(set) var revertedTo: RevisionRecord?
  /// Who the machine's persons are: their names, in order of appearance.
  var people: [String]

  init(
    id: String, plan: Digest?, program: Program, startedAt entry: Entry, _ machine: RolloutMachine,
    rollbackTo: RevisionRecord? = nil
  ) {
    self.id = id
    self.plan = plan
    self.program = program
    startedBy = entry.actor
    startedAt = entry.at
    firstEvent = entry.sequence
    self.machine = machine
    self.rollbackTo = rollbackTo
    people = [entry.actor.name]
  }

  package var mode: Mode {
    switch machine.mode {
    case .forward: .forward
    case .unwinding: .unwinding(knownCause)
    case .quarantined: .quarantined(knownCause, reason: stuckBecause ?? "")
    case .done: .done(outcome ?? Outcome(unwoundBy: knownCause))
    }
  }

  private var knownCause: Cause {
    guard let cause else { preconditionFailure("a rollout turns round for a cause") }
    return cause
  }

  package var position: Position { machine.position }
  package var active: Active? { machine.active }
  /// Failed tries of the step at `position`, or of undoing. Takeovers do not count.
  package var failures: Int { machine.failures }
  package var lapses: Int { machine.lapses }
  /// Sequence number of the event that turned it round.
  package var turnedAt: UInt64? { machine.turnedAt == 0 ? nil : machine.turnedAt }

  package var isDone: Bool { machine.mode == .done }
  package var isQuarantined: Bool { machine.mode == .quarantined }
  package var isUnwinding: Bool { machine.mode == .unwinding }
  /// The stage under way has been told something that a turn must take back.
  package var needsUndo: Bool { machine.needsUndo }
  package var gateIsPassed: Bool { machine.gateIsPassed }
  package var stage: Program.Stage { program.stages[position.stage] }
  /// What serves once the stage under way is taken back; `nil`: nothing does.
  package var wayBack: Revision? { revertedTo?.revision ?? stage.base }
  package var evidenceRoot: Digest? { evidence.last?.root }

  package var title: String {
    let names = program.stages.map(\.environment).joined(separator: ", ")
    let model = program.stages.last.map { $0.revision.content.model.title } ?? ""
    return rollbackTo == nil ? "\(names): \(model)" : "\(names): back to \(model)"
  }
}

extension Program {
  /// The same steps and figures without names.
  package var course: Course {
    Course(
      stages: stages.map { stage in
        Course.Stage(
          steps: stage.steps.map(Course.Step.init), revision: Token(stage.revision.digest),
          base: stage.base.map { Token($0.digest) },
          gate: stage.approval.map {
            Course.GateRule(minimum: $0.minimum, selfApproval: $0.selfApproval, lasts: $0.expires)
          })
      })
  }
}

extension Course.Step {
  init(_ step: Program.Step) {
    self =
      switch step {
      case .verify: .verify
      case .approve: .approve
      case .prepare(let within), .deploy(_, let within): .prepare(within: within)
      case .smoke: .smoke
      case .shift(let share): .shift(share)
      case .bake(let time): .bake(time)
      case .promote: .promote
      }
  }
}

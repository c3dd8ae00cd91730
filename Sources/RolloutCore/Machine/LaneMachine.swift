/// What every decision about a service depends on, and nothing else: the fold of its moves. Fixed in size but for the
/// shared course, without names or words; `LaneState` adds those.
package struct LaneMachine: Hashable, Codable, Sendable {
  /// Sequence number of the last entry folded; 0 for an empty journal.
  package internal(set) var sequence: UInt64 = 0
  package internal(set) var isCreated = false
  /// The lease in force: the sequence number of the entry that acquired it; 0: nobody leads.
  package internal(set) var epoch: UInt64 = 0
  /// The rollout under way, or the last one; `.none` before the first.
  package internal(set) var last = RolloutMachine.none

  package init() {}

  /// The rollout under way, or the last one, if there ever was one.
  package var rollout: RolloutMachine? { last.number == 0 ? nil : last }
  package var isLive: Bool { last.mode != .done }
}

/// One rollout in the middle of its work, without its words.
package struct RolloutMachine: Hashable, Codable, Sendable {
  package enum Mode: UInt8, Hashable, Codable, Sendable {
    case forward, unwinding, quarantined, done
  }

  /// The step that was announced and whose outcome is not known yet.
  package struct Active: Hashable, Codable, Sendable {
    /// Sequence number of `stepStarted`: the fence.
    package var fence: UInt64
    package var epoch: UInt64
    package var direction: Direction
    package var startedAt: Timestamp
    /// Whether a proof that passed was recorded since.
    package var isProven = false
  }

  package struct Gate: Hashable, Codable, Sendable {
    package var position: Position
    package var evidenceRoot: Token
    package var expires: Timestamp
    /// One bit for each person whose approval stands.
    package var approvers: UInt64 = 0
    package var isDenied = false
  }

  /// Its place among the rollouts of the journal, from 1.
  package var number: Int
  package var course: Course
  package var plan: Token?
  package var mode: Mode
  /// Why it turned round; `nil` while it goes forward.
  package var cause: CauseKind?
  package var position: Position
  package var active: Active?
  /// Failed tries of the step at `position`, or of undoing. Takeovers do not count.
  package var failures = 0
  package var lapses = 0
  /// One bit for each stage whose target was told something: what must be undone when the rollout turns round in them.
  package var touched: UInt64 = 0
  package var promoted: UInt64 = 0
  package var isUndone = false
  /// What somebody put back by hand at the endpoint of the stage under way, in place of its base.
  package var revertedTo: Token?
  /// The promotion was seen at the target and is about to be recorded.
  package var awaitsPromotion = false
  /// Sequence number of the entry that turned it round; 0 while it goes forward.
  package var turnedAt: UInt64 = 0
  /// Names everything measured so far, in order.
  package var evidenceRoot: Token?
  package var gate: Gate?
  package var isHeld = false
  package var skippedBake: Position?

  package init(number: Int, course: Course, plan: Token?, mode: Mode, position: Position) {
    self.number = number
    self.course = course
    self.plan = plan
    self.mode = mode
    self.position = position
  }

  /// What stands for a rollout before the first one: over, and numbered 0.
  package static let none = RolloutMachine(
    number: 0, course: Course(stages: []), plan: nil, mode: .done, position: Position(stage: 0, step: 0))

  /// Times that the ladder of one stage restarts after its canary lapsed.
  package static let lapsesMax = 2
  /// Tries of a forward step.
  package static let failuresMax = 4
  /// Tries to undo, before a person must decide.
  package static let undoFailuresMax = 3
  /// Stages whose bits a rollout can keep.
  package static let stagesMax = 64

  package var stage: Course.Stage { course.stages[position.stage] }
  package var step: Course.Step { course[position] }

  /// What serves once the stage under way is taken back.
  package var wayBack: Token? { revertedTo ?? stage.base }

  /// What a gate opened now would be about.
  package var shown: Token? { evidenceRoot ?? plan }

  package func hasTouched(_ stage: Int) -> Bool { touched & (1 << UInt64(stage)) != 0 }
  package func hasPromoted(_ stage: Int) -> Bool { promoted & (1 << UInt64(stage)) != 0 }

  /// The stage under way has been told something that a turn must take back.
  package var needsUndo: Bool {
    !isUndone && hasTouched(position.stage) && !hasPromoted(position.stage)
  }

  package var gateIsPassed: Bool {
    guard let gate, !gate.isDenied, gate.position == position else { return false }
    return gate.approvers.nonzeroBitCount >= minimum && gate.evidenceRoot == shown
  }

  /// Whether enough people stand by the gate that opened the stage under way.
  package var stageIsApproved: Bool {
    guard let gate, !gate.isDenied, gate.position.stage == position.stage else { return false }
    return gate.approvers.nonzeroBitCount >= minimum
  }

  private var minimum: Int { stage.gate?.minimum ?? 1 }
}

/// A service as its journal tells it: the fold of every event so far. Nothing else is state.
package struct LaneState: Hashable, Codable, Sendable {
  /// Sequence number of the last event folded; 0 for an empty journal.
  package var sequence: UInt64 = 0
  package var service: String?
  /// Names this journal among all journals; made once.
  package var lineage: String?
  package var lease: Lease?
  /// The rollout under way, or the last one.
  package var rollout: RolloutState?
  /// Every rollout that ended, oldest first.
  package var past: [PastRollout] = []
  package var environments: [String: EnvironmentState] = [:]

  package init() {}

  package struct Lease: Hashable, Codable, Sendable {
    /// Sequence number of the event that acquired it.
    package var epoch: UInt64
    package var holder: Actor
    package var ttl: TimeSpan
    package var since: Timestamp
    package var why: LeaseReason
  }

  /// How many rollouts and rollbacks ever started; the next one's number.
  package var rolloutsStarted: Int { past.count + (liveRollout == nil ? 0 : 1) }
  package var liveRollout: RolloutState? { rollout.flatMap { $0.isDone ? nil : $0 } }
  package func rollout(named id: String) -> PastRollout? { past.first { $0.id == id } }
}

/// What is and was live in one environment.
package struct EnvironmentState: Hashable, Codable, Sendable {
  /// Every revision that was ever live, by number, from 1.
  package var revisions: [RevisionRecord] = []
  /// Numbers in the order in which they went live; a rollback removes what it took back. The last one is live.
  package var path: [Int] = []
  /// Revisions taken back by an alarm or a person, newest last.
  package var takenBack: [TakenBack] = []

  package init() {}

  package struct TakenBack: Hashable, Codable, Sendable {
    package var digest: Digest
    package var rollout: String
    package var cause: Cause
  }

  package var live: RevisionRecord? { path.last.flatMap { number in revisions.first { $0.number == number } } }
  /// What `rollback` goes back to when nothing is under way: what was live before the live one, however often that was
  /// deployed again.
  package var previous: RevisionRecord? {
    path.last { $0 != path.last }.flatMap { number in revisions.first { $0.number == number } }
  }

  /// The record a newly promoted revision gets: its old number if it was live before.
  package func record(for revision: Revision) -> RevisionRecord {
    revisions.first { $0.revision.digest == revision.digest }
      ?? RevisionRecord(number: revisions.count + 1, revision: revision)
  }
}

package struct PastRollout: Hashable, Codable, Sendable {
  package var id: String
  package var startedAt: Timestamp
  package var endedAt: Timestamp
  package var startedBy: Actor
  package var firstEvent: UInt64
  package var lastEvent: UInt64
  package var plan: Digest?
  /// `staging, production: eye-catcher version 7`.
  package var title: String
  package var outcome: Outcome
}

/// One rollout in the middle of its work.
package struct RolloutState: Hashable, Codable, Sendable {
  package enum Mode: Hashable, Codable, Sendable {
    case forward
    case unwinding(Cause)
    /// Undoing failed for good; a person must decide.
    case quarantined(Cause, reason: String)
    case done(Outcome)
  }

  /// The step that was announced and whose outcome is not known yet.
  package struct Active: Hashable, Codable, Sendable {
    /// Sequence number of `stepStarted`: the fence.
    package var fence: UInt64
    package var epoch: UInt64
    package var direction: Direction
    package var startedAt: Timestamp
    /// Pieces of evidence there were before it.
    package var evidenceBefore: Int
  }

  package struct Gate: Hashable, Codable, Sendable {
    package var position: Position
    package var evidenceRoot: Digest
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
  package var mode: Mode
  package var position: Position
  package var active: Active?
  /// Failed tries of the step at `position`, or of undoing. Takeovers do not count.
  package var failures = 0
  package var lapses = 0
  /// Stages whose target was told something: what must be undone when the rollout turns round in them.
  package var touchedStages: Set<Int> = []
  package var promotedStages: Set<Int> = []
  package var isUndone = false
  /// The promotion was seen at the target and is about to be recorded.
  package var awaitsPromotion = false
  /// Sequence number of the event that turned it round.
  package var turnedAt: UInt64?
  package var evidence: [Evidence] = []
  package var gate: Gate?
  package var hold: String?
  package var skippedBake: Position?
  /// For a rollback: the record that becomes live again.
  package var rollbackTo: RevisionRecord?

  package var isDone: Bool { if case .done = mode { true } else { false } }
  package var isQuarantined: Bool { if case .quarantined = mode { true } else { false } }
  package var isUnwinding: Bool { if case .unwinding = mode { true } else { false } }
  package var stage: Program.Stage { program.stages[position.stage] }
  package var evidenceRoot: Digest? { evidence.last?.root }

  /// Times that the ladder of one stage restarts after its canary lapsed.
  package static let lapsesMax = 2
  /// Tries of a forward step.
  package static let failuresMax = 4
  /// Tries to undo, before a person must decide.
  package static let undoFailuresMax = 3

  package var title: String {
    let names = program.stages.map(\.environment).joined(separator: ", ")
    let model = program.stages.last.map { $0.revision.content.model.title } ?? ""
    return rollbackTo == nil ? "\(names): \(model)" : "\(names): back to \(model)"
  }
}

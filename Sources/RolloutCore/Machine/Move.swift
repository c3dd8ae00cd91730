/// An event as far as decisions depend on it: no names, no words, a few bytes. The journal holds events; admission, the
/// fold and the driver work on moves, so that simulator, model checker and production run the same machine.
package enum Move: Hashable, Sendable {
  // Anybody, without a lease.
  case laneCreated
  indirect case rolloutStarted(Course, plan: Token)
  /// A rollout that has turned round from its first moment, towards `base` of its only stage.
  case rollbackStarted(Course)
  indirect case approvalGranted(Decision)
  indirect case approvalDenied(Decision)
  indirect case approvalRevoked(rollout: Int, gate: Position, of: Person, isEntitled: Bool)
  case abortRequested(rollout: Int, isRollback: Bool)
  case holdSet(rollout: Int)
  case holdCleared(rollout: Int)
  case bakeSkipped(rollout: Int, Position)
  case operatorResolved(rollout: Int)
  case leaseAcquired(LeaseReason)
  /// `stage`: the one under way, where it was done there; `restored`: what serves there again in place of what did.
  case emergencyReverted(stage: Int?, restored: Token?)

  // Only the lease holder.
  case leaseReleased
  case stepStarted(Position, Direction)
  case stepSucceeded(Position)
  case stepFailed(Position, isFinal: Bool)
  case stepSuperseded(Position)
  indirect case evidenceRecorded(Proven)
  indirect case gateOpened(Position, evidenceRoot: Token, expires: Timestamp)
  case gateExpired(Position)
  case canaryLapsed(Position)
  case guardTripped(Position)
  case unwindStarted(CauseKind)
  case revisionPromoted
  case rolloutCompleted(OutcomeKind)
  case quarantined

  /// Written only by whoever holds the lease, under its epoch.
  package var needsLease: Bool {
    switch self {
    case .laneCreated, .rolloutStarted, .rollbackStarted, .approvalGranted, .approvalDenied, .approvalRevoked,
      .abortRequested, .holdSet, .holdCleared, .bakeSkipped, .operatorResolved, .leaseAcquired, .emergencyReverted:
      false
    case .leaseReleased, .stepStarted, .stepSucceeded, .stepFailed, .stepSuperseded, .evidenceRecorded, .gateOpened,
      .gateExpired, .canaryLapsed, .guardTripped, .unwindStarted, .revisionPromoted, .rolloutCompleted, .quarantined:
      true
    }
  }
}

/// A person, by the order in which a rollout met them: 0 is whoever started it.
package struct Person: Hashable, Codable, Sendable {
  package var index: Int
  package init(index: Int) { self.index = index }
  package static let author = Person(index: 0)
  /// People whose approvals one gate can tell apart.
  static let countMax = 64
}

/// A person's decision about a gate, bound to what they were shown.
package struct Decision: Hashable, Sendable {
  package var rollout: Int
  package var gate: Position
  package var plan: Token
  package var evidenceRoot: Token
  package var by: Person
  /// One of the approvers, or nobody in particular is asked for.
  package var isEntitled: Bool

  package init(
    rollout: Int, gate: Position, plan: Token, evidenceRoot: Token, by: Person, isEntitled: Bool
  ) {
    self.rollout = rollout
    self.gate = gate
    self.plan = plan
    self.evidenceRoot = evidenceRoot
    self.by = by
    self.isEntitled = isEntitled
  }
}

/// What a proof found.
package struct Proven: Hashable, Sendable {
  package var stage: Int
  package var kind: Evidence.Kind
  package var passed: Bool
  package var root: Token

  package init(stage: Int, kind: Evidence.Kind, passed: Bool, root: Token) {
    self.stage = stage
    self.kind = kind
    self.passed = passed
    self.root = root
  }
}

/// Why a rollout turned round, without the words.
package enum CauseKind: UInt8, Hashable, Codable, Sendable, CaseIterable {
  case guardTripped, proofFailed, stepFailed, canaryLapsed, denied, gateExpired, approvalRevoked, emergency, requested

  /// What a turn for this cause ends as.
  package var outcome: OutcomeKind {
    switch self {
    case .guardTripped, .requested, .approvalRevoked, .emergency: .rolledBack
    case .proofFailed, .stepFailed, .canaryLapsed: .failed
    case .denied, .gateExpired: .rejected
    }
  }
}

package enum OutcomeKind: UInt8, Hashable, Codable, Sendable, CaseIterable {
  case promoted, rolledBack, failed, rejected
}

/// One entry of a journal as the machine reads it.
package struct Mark: Hashable, Sendable {
  package var sequence: UInt64
  package var at: Timestamp
  /// The lease under which a driver wrote it; 0 for what anybody may write.
  package var epoch: UInt64
  /// 0: written by a program that drew none.
  package var nonce: UInt64
  package var move: Move

  package init(sequence: UInt64, at: Timestamp, epoch: UInt64, nonce: UInt64 = 0, move: Move) {
    self.sequence = sequence
    self.at = at
    self.epoch = epoch
    self.nonce = nonce
    self.move = move
  }
}

/// One to four moves that are appended together or not at all.
package struct MoveBatch: Hashable, Sendable {
  package private(set) var count = 1
  package let first: Move
  package private(set) var second: Move?
  package private(set) var third: Move?
  package private(set) var fourth: Move?

  package init(_ first: Move) { self.first = first }

  package mutating func add(_ move: Move) {
    switch count {
    case 1: second = move
    case 2: third = move
    case 3: fourth = move
    default: preconditionFailure("a driver never has more than four things to say at once")
    }
    count += 1
  }

  package subscript(index: Int) -> Move {
    switch index {
    case 0: first
    case 1: second ?? first
    case 2: third ?? first
    default: fourth ?? first
    }
  }
}

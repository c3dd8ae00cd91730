/// Who wrote an event. Names are claimed, not proved, unless an environment asks for signatures.
package struct Actor: Hashable, Codable, Sendable {
  package enum Kind: String, Hashable, Codable, Sendable {
    /// A command somebody typed or CI ran.
    case command
    /// The local runtime, going on with a rollout whose driver died.
    case runtime
  }

  package var name: String
  package var kind: Kind
  package var host: String
  package var pid: Int32
  package var version: String

  package init(name: String, kind: Kind, host: String, pid: Int32, version: String) {
    self.name = name
    self.kind = kind
    self.host = host
    self.pid = pid
    self.version = version
  }

  /// `maria@build-7 (pid 4711)`.
  package var title: String { "\(name)@\(host) (pid \(pid))" }
}

/// One entry of a service's journal. `sequence` counts from 1 without holes; it is the journal's version, the audit
/// index and, for `leaseAcquired` and `stepStarted`, the fence.
package struct Entry: Hashable, Codable, Sendable {
  package var sequence: UInt64
  package var at: Timestamp
  package var actor: Actor
  /// The lease under which a driver wrote it; `nil` for what anybody may write.
  package var epoch: UInt64?
  /// Drawn by whoever wrote it, so that a writer without an answer recognises what is its own.
  package var nonce: UInt64?
  package var event: Event

  package init(
    sequence: UInt64, at: Timestamp, actor: Actor, epoch: UInt64?, nonce: UInt64? = nil, event: Event
  ) {
    self.sequence = sequence
    self.at = at
    self.actor = actor
    self.epoch = epoch
    self.nonce = nonce
    self.event = event
  }
}

/// Everything that can happen to a service. Names and bodies are a file format: cases are added, never changed.
package enum Event: Hashable, Codable, Sendable {
  // Anybody, without a lease.
  case laneCreated(service: String, lineage: String)
  case rolloutStarted(id: String, plan: Digest, program: Program)
  /// A rollout that only takes an environment back to a revision that was live before.
  case rollbackStarted(id: String, environment: String, endpoint: String, to: RevisionRecord, reason: String)
  case approvalGranted(Approval)
  case approvalDenied(Approval)
  /// Somebody takes an approval back: their own, or, where approvers are named, any of them anybody's.
  case approvalRevoked(rollout: String, gate: Position, of: String, comment: String?)
  case abortRequested(rollout: String, reason: String, isRollback: Bool)
  case holdSet(rollout: String, reason: String)
  case holdCleared(rollout: String)
  case bakeSkipped(rollout: String, at: Position)
  case operatorResolved(rollout: String, comment: String)
  case leaseAcquired(ttl: TimeSpan, why: LeaseReason)
  /// What somebody did straight at the target while the journal could not be written, told afterwards.
  case emergencyReverted(Emergency)
  /// What an endpoint served when this journal, a new one, was given it: the first revision of its environment.
  case revisionAdopted(environment: String, record: RevisionRecord)

  // Only the lease holder.
  case leaseReleased
  case stepStarted(Position, attempt: Int, direction: Direction)
  case stepSucceeded(Position, observed: String)
  case stepFailed(Position, isFinal: Bool, error: String)
  /// Somebody else's step, found undone after a takeover. Not a failure.
  case stepSuperseded(Position, observed: String)
  case evidenceRecorded(Evidence)
  case gateOpened(Position, evidenceRoot: Digest, expires: Timestamp)
  case gateExpired(Position)
  case canaryLapsed(Position)
  case guardTripped(Position, GuardTrip)
  case unwindStarted(Cause)
  case revisionPromoted(environment: String, record: RevisionRecord)
  case rolloutCompleted(Outcome)
  case quarantined(reason: String)

  /// Written only by whoever holds the lease, under its epoch.
  package var needsLease: Bool {
    switch self {
    case .laneCreated, .rolloutStarted, .rollbackStarted, .approvalGranted, .approvalDenied, .approvalRevoked,
      .abortRequested, .holdSet, .holdCleared, .bakeSkipped, .operatorResolved, .leaseAcquired, .emergencyReverted,
      .revisionAdopted:
      false
    case .leaseReleased, .stepStarted, .stepSucceeded, .stepFailed, .stepSuperseded, .evidenceRecorded, .gateOpened,
      .gateExpired, .canaryLapsed, .guardTripped, .unwindStarted, .revisionPromoted, .rolloutCompleted, .quarantined:
      true
    }
  }
}

package enum LeaseReason: String, Hashable, Codable, Sendable {
  case free, expired, preempt
}

package enum Direction: String, Hashable, Codable, Sendable {
  case forward, undo
}

/// A revision that is or was live in an environment.
package struct RevisionRecord: Hashable, Codable, Sendable {
  /// Counts from 1 in its environment.
  package var number: Int
  package var revision: Revision

  package init(number: Int, revision: Revision) {
    self.number = number
    self.revision = revision
  }
}

/// What a gate measured. The full measurement is stored by content; `digest` names it.
package struct Evidence: Hashable, Codable, Sendable {
  package enum Kind: String, Hashable, Codable, Sendable { case verification, smoke }

  package var environment: String
  package var kind: Kind
  package var passed: Bool
  /// One line for people.
  package var summary: String
  package var digest: Digest
  /// Digest over the root before and this evidence: names everything measured so far, in order.
  package var root: Digest

  package init(environment: String, kind: Kind, passed: Bool, summary: String, digest: Digest, root: Digest) {
    self.environment = environment
    self.kind = kind
    self.passed = passed
    self.summary = summary
    self.digest = digest
    self.root = root
  }
}

/// A person's decision about one gate of one rollout, bound to what they were shown.
package struct Approval: Hashable, Codable, Sendable {
  package var rollout: String
  package var gate: Position
  package var plan: Digest
  package var evidenceRoot: Digest
  package var by: String
  package var comment: String?
  /// When the question closes, as it was signed.
  package var expires: Timestamp?
  /// Hash of the journal's chain at the entry that asked, as it was signed.
  package var head: Digest?
  /// An armored SSH signature over the statement that the other fields make.
  package var signature: String?

  package init(
    rollout: String, gate: Position, plan: Digest, evidenceRoot: Digest, by: String, comment: String? = nil
  ) {
    self.rollout = rollout
    self.gate = gate
    self.plan = plan
    self.evidenceRoot = evidenceRoot
    self.by = by
    self.comment = comment
  }
}

/// A rollback of last resort, as the target recorded it: the seal under which it obeys nobody until the journal knows.
package struct Emergency: Hashable, Codable, Sendable {
  /// Names this one among all emergencies.
  package var id: String
  package var environment: String
  package var endpoint: String
  /// The revision that was put back; `nil`: the canary was taken away and stable was left as it was.
  package var restored: Digest?
  /// Its servers have yet to start, and what was to be taken back serves until then; `nil`: it took over.
  package var isOnItsWay: Bool?
  package var by: String
  package var reason: String
  /// By the target's clock.
  package var at: Timestamp

  package init(
    id: String, environment: String, endpoint: String, restored: Digest?, isOnItsWay: Bool? = nil, by: String,
    reason: String, at: Timestamp
  ) {
    self.id = id
    self.environment = environment
    self.endpoint = endpoint
    self.restored = restored
    self.isOnItsWay = isOnItsWay
    self.by = by
    self.reason = reason
    self.at = at
  }
}

/// Why a rollout turned round.
package enum Cause: Hashable, Codable, Sendable {
  case guardTripped(alarm: String, reason: String)
  case proofFailed(summary: String)
  case stepFailed(step: String, error: String)
  case canaryLapsed
  case denied(by: String, comment: String?)
  case gateExpired
  case approvalRevoked(by: String, comment: String?)
  case emergency(by: String, reason: String)
  case requested(by: String, reason: String, isRollback: Bool)

  package var text: String {
    switch self {
    case .guardTripped(let alarm, let reason): "alarm \(alarm) tripped: \(reason)"
    case .proofFailed(let summary): summary
    case .stepFailed(let step, let error): "\(step) failed: \(error)"
    case .canaryLapsed: "the canary lost its share again and again because nobody kept it"
    case .denied(let by, let comment): "rejected by \(by)" + (comment.map { ": \($0)" } ?? "")
    case .gateExpired: "nobody approved it in time"
    case .approvalRevoked(let by, let comment):
      "approval taken back by \(by)" + (comment.map { ": \($0)" } ?? "")
    case .emergency(let by, let reason): "emergency rollback by \(by)" + (reason.isEmpty ? "" : ": \(reason)")
    case .requested(let by, let reason, let isRollback):
      "\(isRollback ? "rollback" : "abort") asked for by \(by)" + (reason.isEmpty ? "" : ": \(reason)")
    }
  }
}

/// How a rollout ended.
package enum Outcome: Hashable, Codable, Sendable {
  case promoted
  /// Users are back on the revision before, or never left it, because of an alarm or a person.
  case rolledBack(Cause)
  /// It could not go on; users were kept or put back on the revision before.
  case failed(Cause)
  case rejected(Cause)

  package var cause: Cause? {
    switch self {
    case .promoted: nil
    case .rolledBack(let cause), .failed(let cause), .rejected(let cause): cause
    }
  }

  package var word: String {
    switch self {
    case .promoted: "promoted"
    case .rolledBack: "rolled back"
    case .failed: "failed"
    case .rejected: "rejected"
    }
  }
}

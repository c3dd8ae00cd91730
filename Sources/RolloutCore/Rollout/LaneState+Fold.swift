/// Why an event may not follow a journal. From a journal on disk it means that the journal is corrupt; from a caller
/// it means that the event lost a race or was never allowed.
package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
}

extension LaneState {
  /// Folds one more entry in, or says why it cannot follow. The state is unchanged when it throws.
  package mutating func apply(_ entry: Entry) throws(Refusal) {
    let mark = Mark(entry, try move(for: entry))
    if let refusal = machine.refusal(of: mark) { throw Refusal(words(for: refusal, entry)) }
    fold(entry, mark)
  }

  package static func folding(_ entries: some Sequence<Entry>) throws(Refusal) -> LaneState {
    var state = LaneState()
    for entry in entries { try state.apply(entry) }
    return state
  }

  /// Why an entry may not follow; `nil` when it may.
  package func refusal(of entry: Entry) -> Refusal? {
    do {
      let mark = Mark(entry, try move(for: entry))
      return machine.refusal(of: mark).map { Refusal(words(for: $0, entry)) }
    } catch { return error }
  }

  /// Whether the events may be written now by this actor, one after the other.
  package func admits(_ events: [Event], by actor: Actor, epoch: UInt64?, at now: Timestamp) -> Refusal? {
    var state = self
    do {
      for event in events {
        try state.apply(
          Entry(
            sequence: state.sequence + 1, at: now, actor: actor, epoch: event.needsLease ? epoch : nil, event: event))
      }
    } catch { return error }
    return nil
  }
}

extension Mark {
  package init(_ entry: Entry, _ move: Move) {
    self.init(
      sequence: entry.sequence, at: entry.at, epoch: entry.epoch ?? 0, nonce: entry.nonce ?? 0, move: move)
  }
}

// MARK: - The words of what was folded

extension LaneState {
  private mutating func fold(_ entry: Entry, _ mark: Mark) {
    // What nobody could undo ends where a rollback goes over it: the person who asks for that has decided.
    if case .rollbackStarted = entry.event, let cause = liveRollout?.cause { complete(.failed(cause), at: entry) }
    machine.fold(mark)
    switch entry.event {
    case .laneCreated(let service, let lineage):
      self.service = service
      self.lineage = lineage
    case .leaseAcquired(let ttl, let why):
      lease = Lease(epoch: entry.sequence, holder: entry.actor, ttl: ttl, since: entry.at, why: why)
    case .leaseReleased: lease = nil
    case .rolloutStarted(let id, let plan, let program): begin(id, plan, program, entry)
    case .rollbackStarted(let id, let environment, let endpoint, let record, let reason):
      settleEmergencies(at: endpoint)
      let stage = Program.Stage(
        environment: environment, endpoint: endpoint, revision: record.revision, base: record.revision, steps: [])
      begin(id, nil, Program(stages: [stage]), entry, rollbackTo: record)
      rollout?.cause = .requested(by: entry.actor.name, reason: reason, isRollback: true)
    case .revisionPromoted(let environment, let record):
      settleEmergencies(at: record.revision.content.endpoint.name)
      environments[environment, default: EnvironmentState()].promote(
        record, since: .init(rollout: rollout?.id ?? "", at: entry.at))
      update()
    case .rolloutCompleted(let outcome):
      update()
      complete(outcome, at: entry)
    case .emergencyReverted(let emergency):
      settleEmergencies(at: emergency.endpoint)
      emergencies.append(RecordedEmergency(emergency: emergency, sequence: entry.sequence))
      take(emergency, at: entry.at)
    case .revisionAdopted(let environment, let record):
      environments[environment, default: EnvironmentState()].promote(
        record, since: .init(rollout: "adopted", at: entry.at))
    default:
      update()
      rollout?.keepWords(of: entry)
    }
  }

  private mutating func update() {
    if let machine = machine.rollout { rollout?.machine = machine }
  }

  private mutating func begin(
    _ id: String, _ plan: Digest?, _ program: Program, _ entry: Entry, rollbackTo record: RevisionRecord? = nil
  ) {
    guard let machine = machine.rollout else { preconditionFailure("the machine has begun it") }
    rollout = RolloutState(id: id, plan: plan, program: program, startedAt: entry, machine, rollbackTo: record)
  }

  private mutating func settleEmergencies(at endpoint: String) {
    for place in emergencies.indices where emergencies[place].emergency.endpoint == endpoint {
      emergencies[place].isUnsettled = nil
    }
  }

  /// Whatever went forward turns round, and what has taken over is what is live.
  private mutating func take(_ emergency: Emergency, at now: Timestamp) {
    let cause = Cause.emergency(by: emergency.by, reason: emergency.reason)
    if liveRollout?.mode == .forward { rollout?.cause = cause }
    update()
    guard let (environment, record) = wayBack(of: emergency) else { return }
    if liveRollout?.stage.endpoint == emergency.endpoint { rollout?.revert(to: record) }
    guard emergency.isOnItsWay != true else {
      // A rollback that is under way there ends where this leads.
      let isAwaited = liveRollout?.stage.endpoint == emergency.endpoint && liveRollout?.rollbackTo != nil
      emergencies[emergencies.count - 1].isUnsettled = isAwaited ? nil : true
      return
    }
    guard environments[environment]?.live?.number != record.number else { return }
    let id = liveRollout?.id ?? emergency.id
    environments[environment]?.rollBack(
      to: record, in: id, because: cause, since: .init(rollout: emergency.id, at: now))
  }

  private mutating func complete(_ outcome: Outcome, at entry: Entry) {
    rollout?.outcome = outcome
    guard let live = rollout else { return }
    past.append(
      PastRollout(
        id: live.id, startedAt: live.startedAt, endedAt: entry.at, startedBy: live.startedBy,
        firstEvent: live.firstEvent, lastEvent: entry.sequence, plan: live.plan, title: live.title, outcome: outcome))
    guard case .rolledBack(let cause) = outcome else { return }
    let environment = live.stage.environment
    if let record = live.rollbackTo {
      environments[environment, default: EnvironmentState()].rollBack(
        to: record, in: live.id, because: cause, since: .init(rollout: live.id, at: entry.at))
    } else if cause.speaksAgainstRevision, live.machine.hasTouched(live.position.stage) {
      environments[environment, default: EnvironmentState()].takenBack.append(
        .init(digest: live.stage.revision.digest, rollout: live.id, cause: cause))
    }
  }
}

extension RolloutState {
  fileprivate mutating func keepWords(of entry: Entry) {
    switch entry.event {
    case .evidenceRecorded(let evidence): self.evidence.append(evidence)
    case .gateOpened(let position, let root, let expires):
      gate = Gate(
        position: position, evidenceRoot: root, sequence: entry.sequence, openedAt: entry.at, expires: expires)
    case .approvalGranted(let approval):
      if !people.contains(approval.by) { people.append(approval.by) }
      gate?.approvals.append(approval)
    case .approvalRevoked(_, _, let name, let comment):
      gate?.approvals.removeAll { $0.by == name }
      if isUnwinding, cause == nil { cause = .approvalRevoked(by: entry.actor.name, comment: comment) }
    case .approvalDenied(let approval):
      gate?.denial = approval
      turned(.denied(by: approval.by, comment: approval.comment))
    case .gateExpired: turned(.gateExpired)
    case .abortRequested(_, let reason, let isRollback):
      guard cause == nil else { break }
      turned(.requested(by: entry.actor.name, reason: reason, isRollback: isRollback))
    case .guardTripped(_, let trip): turned(.guardTripped(alarm: trip.alarm, reason: trip.reason))
    case .unwindStarted(let cause): turned(cause)
    case .holdSet(_, let reason): hold = reason
    case .holdCleared: hold = nil
    case .quarantined(let reason): stuckBecause = reason
    case .operatorResolved: stuckBecause = nil
    default: break
    }
  }

  fileprivate mutating func revert(to record: RevisionRecord) {
    revertedTo = record
    if rollbackTo != nil { rollbackTo = record }
  }

  private mutating func turned(_ cause: Cause) {
    self.cause = cause
    hold = nil
  }
}

extension Cause {
  /// An alarm, or a person who rolled back, said that this revision must not serve; an abort says nothing about it.
  var speaksAgainstRevision: Bool {
    switch self {
    case .guardTripped, .emergency: true
    case .requested(_, _, let isRollback): isRollback
    case .proofFailed, .stepFailed, .canaryLapsed, .denied, .gateExpired, .approvalRevoked: false
    }
  }
}

extension EnvironmentState {
  mutating func promote(_ record: RevisionRecord, since: LiveSince) {
    if revision(numbered: record.number) == nil { revisions.append(record) }
    // Deployed again after its target lost it: there is nothing new to go back from.
    if path.last != record.number {
      path.append(record.number)
      liveSince = since
    }
    takenBack.removeAll { $0.digest == record.revision.digest }
  }

  /// Everything that went live after `record` last did is taken back.
  mutating func rollBack(
    to record: RevisionRecord, in rollout: String, because cause: Cause, since: LiveSince
  ) {
    if path.last != record.number { liveSince = since }
    let index = path.lastIndex(of: record.number)
    let removed = index.map { Array(path[($0 + 1)...]) } ?? path.suffix(1)
    path = index.map { Array(path[...$0]) } ?? path + [record.number]
    for number in removed where number != record.number {
      guard let revision = revision(numbered: number)?.revision else { continue }
      takenBack.append(.init(digest: revision.digest, rollout: rollout, cause: cause))
    }
  }
}

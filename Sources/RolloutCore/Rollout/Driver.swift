/// Drives one rollout to its end, without doing anything itself: it is asked what to do next, told what came of it,
/// and asked again. Production, tests and simulations run this same machine; only the shell round it differs.
///
/// A driver may die between any two requests. The next one folds the journal and goes on: whatever was announced under
/// another lease is observed first, with a higher fence, so that nothing the dead driver sent can still take effect.
package struct Driver: Sendable {
  package enum Role: Hashable, Sendable {
    /// Carries a rollout forward. `waitsAtGates`: stays until a person has decided.
    case drive(waitsAtGates: Bool)
    /// Turns a rollout round; may take it from whoever leads.
    case turn
  }

  package enum Request: Hashable, Sendable {
    /// The journal's entries after this one.
    case read(after: UInt64)
    /// Whether the holder of the lease with this epoch lives.
    case lookAtLease(epoch: UInt64)
    case append([Event], expecting: UInt64, epoch: UInt64?)
    case renewLease(epoch: UInt64)
    case observe(endpoint: String, fence: UInt64)
    case perform(TargetOrder, endpoint: String, fence: UInt64)
    case renewCanary(endpoint: String, fence: UInt64)
    case prove(Proof)
    case wait(TimeSpan)
    case finish(Ending)
  }

  package enum Response: Hashable, Sendable {
    case begin
    case entries([Entry])
    case lease(isLive: Bool)
    case appended([Entry])
    /// Somebody else wrote first: nothing of ours is in the journal.
    case conflict
    case renewedLease(Bool)
    case observed(EndpointObservation)
    case performed
    case renewedCanary(Bool)
    case targetFailed(TargetTrouble, String)
    case proved(Evidence)
    case proofImpossible(String)
    case waited
  }

  /// What a target's refusal means to a driver.
  package enum TargetTrouble: String, Hashable, Sendable { case fenced, refused, throttled, ambiguous, failed }

  package struct Proof: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      case verify
      case smoke(suites: [Digest])
    }
    package var kind: Kind
    package var stage: Program.Stage
    /// `canary`, or `stable` where the stage deploys nothing.
    package var variant: String
    /// Evidence so far; the new evidence's root is made over it.
    package var root: Digest?
  }

  package enum Ending: Hashable, Sendable {
    case nothingToDo
    case done(Outcome)
    case waitingForApproval(environment: String)
    case someoneElseLeads(Actor, since: Timestamp)
    case quarantined(String)
  }

  /// Turns of the loop in which a driver that was shut out may find in the journal who leads now.
  static let fencedMax = 12
  package static let poll = TimeSpan.milliseconds(250)
  package static let leaseTTL = TimeSpan.seconds(30)

  package let actor: Actor
  package let role: Role
  package private(set) var state: LaneState
  /// The rollout it drives; another one that starts later is none of its business.
  private var subject: String?

  var epoch: UInt64?
  /// What this driver knows that was true in the current turn of its loop; a wait forgets it.
  var known = Known()
  /// The highest fence this driver has used.
  var fence: UInt64 = 0
  var performed: UInt64?
  var evidence: (fence: UInt64, result: Response)?
  var leaseRenewedAt: Timestamp?
  var trouble: (kind: TargetTrouble, message: String)?
  /// Refusals as too old, one after the other, although the journal says that this driver leads.
  var fencedInARow = 0
  /// Why it is leaving, once the lease is given back.
  var ending: Ending?
  /// Failed tries after which it has waited already.
  var backedOff = 0

  struct Known {
    var journal = false
    var leaseIsLive: Bool?
    var canaryIsRenewed = false
    var observation: EndpointObservation?
  }

  package init(actor: Actor, role: Role, state: LaneState = LaneState()) {
    self.actor = actor
    self.role = role
    self.state = state
    subject = state.rollout?.id
  }

  package mutating func resume(_ response: Response, at now: Timestamp) -> Request {
    absorb(response, at: now)
    return next(at: now)
  }
}

// MARK: - Taking in what happened

extension Driver {
  private mutating func absorb(_ response: Response, at now: Timestamp) {
    switch response {
    case .begin: break
    case .entries(let entries):
      fold(entries)
      known.journal = true
      subject = subject ?? state.rollout?.id
    case .appended(let entries):
      fold(entries)
      if let own = entries.last(where: { if case .leaseAcquired = $0.event { true } else { false } }) {
        epoch = own.sequence
        fence = max(fence, own.sequence)
        leaseRenewedAt = now
      }
      known.observation = nil
    case .conflict:
      known.journal = false
      ending = nil
    case .lease(let isLive): known.leaseIsLive = isLive
    case .renewedLease(let isMine):
      if isMine { leaseRenewedAt = now } else { known.journal = false }
    case .observed(let observation):
      known.observation = observation
      fencedInARow = 0
    case .performed:
      fencedInARow = 0
      performed = state.liveRollout?.active?.fence
      known.observation = nil
    case .renewedCanary:
      // Whether it is still live is read off the observation that follows.
      known.canaryIsRenewed = true
    case .targetFailed(let kind, let message): absorbTrouble(kind, message)
    case .proved, .proofImpossible:
      if let fence = state.liveRollout?.active?.fence { evidence = (fence, response) }
    case .waited: known = Known()
    }
  }

  private mutating func fold(_ entries: [Entry]) {
    let before = state.lease?.epoch
    defer { if state.lease?.epoch != before { known.leaseIsLive = nil } }
    for entry in entries {
      do {
        try state.apply(entry)
      } catch {
        // The journal checks admission before it stores and after it reads; nothing else reaches a driver.
        preconditionFailure("entry \(entry.sequence) is inadmissible: \(error)")
      }
    }
    if let epoch, state.lease?.epoch != epoch { self.epoch = nil }
  }

  private mutating func absorbTrouble(_ kind: TargetTrouble, _ message: String) {
    // An order without an answer may have been accepted: it is not sent again before the endpoint was observed, and
    // an equal fence makes a second one a duplicate.
    trouble = (kind, message)
    known.canaryIsRenewed = true
  }
}

// MARK: - What next

extension Driver {
  private mutating func next(at now: Timestamp) -> Request {
    guard known.journal else { return .read(after: state.sequence) }
    if let ending { return leave(ending) }
    guard let rollout = state.rollout else { return leave(.nothingToDo) }
    if let subject, rollout.id != subject {
      return leave(state.rollout(named: subject).map { .done($0.outcome) } ?? .nothingToDo)
    }
    if case .done(let outcome) = rollout.mode { return leave(.done(outcome)) }
    if case .quarantined(_, let reason) = rollout.mode { return leave(.quarantined(reason)) }
    if let request = lead(rollout) { return request }
    guard let epoch else { preconditionFailure("leading without a lease") }
    if let renewed = leaseRenewedAt, now - renewed > Self.leaseTTL - .seconds(20) {
      leaseRenewedAt = now
      return .renewLease(epoch: epoch)
    }
    if let trouble { return handle(trouble, rollout, at: now) }
    if let active = rollout.active, active.epoch != epoch { return settle(active, rollout, epoch: epoch) }
    return rollout.isUnwinding ? unwind(rollout, at: now) : forward(rollout, at: now)
  }

  /// `nil` once this driver holds the lease.
  private mutating func lead(_ rollout: RolloutState) -> Request? {
    if let epoch, state.lease?.epoch == epoch { return nil }
    guard let lease = state.lease else { return append(.leaseAcquired(ttl: Self.leaseTTL, why: .free)) }
    guard let isLive = known.leaseIsLive else { return .lookAtLease(epoch: lease.epoch) }
    guard isLive else { return append(.leaseAcquired(ttl: Self.leaseTTL, why: .expired)) }
    guard rollout.isUnwinding else { return .finish(.someoneElseLeads(lease.holder, since: lease.since)) }
    // The one who asked for the turn takes it from whoever led before. Once somebody leads the turn, the others wait.
    return role == .turn && lease.epoch < rollout.turnedAt ?? 0
      ? append(.leaseAcquired(ttl: Self.leaseTTL, why: .preempt)) : .wait(Self.poll)
  }

  /// A step that another driver announced: what is true is observed under our fence, which also shuts that driver out.
  private mutating func settle(_ active: RolloutState.Active, _ rollout: RolloutState, epoch: UInt64) -> Request {
    let step = active.direction == .forward ? rollout.program[rollout.position] : nil
    guard let step, step.isEffect else {
      return append(.stepSuperseded(rollout.position, observed: "begun again after a change of driver"))
    }
    guard let observation = known.observation else {
      return .observe(endpoint: rollout.stage.endpoint, fence: fence)
    }
    if Self.postCondition(of: step, in: rollout, holds: observation) {
      return succeed(rollout, observed: "found done after a change of driver")
    }
    return append(.stepSuperseded(rollout.position, observed: "found undone after a change of driver"))
  }

  /// Ends, giving the lease back first so that nobody has to wait for it to lapse.
  mutating func leave(_ ending: Ending) -> Request {
    self.ending = ending
    if let epoch, state.lease?.epoch == epoch { return append(.leaseReleased) }
    return .finish(ending)
  }

  func append(_ events: Event...) -> Request { append(events) }

  func append(_ events: [Event]) -> Request {
    .append(events, expecting: state.sequence, epoch: events.contains { $0.needsLease } ? epoch : nil)
  }

  mutating func start(_ rollout: RolloutState, _ direction: Direction) -> Request {
    if rollout.failures != backedOff {
      backedOff = rollout.failures
      if rollout.failures > 0 { return .wait(.milliseconds(500 << Int64(min(rollout.failures, 5)))) }
    }
    performed = nil
    evidence = nil
    return append(.stepStarted(rollout.position, attempt: rollout.failures + 1, direction: direction))
  }

  /// The step's success, and with it whatever follows in the same breath: a promotion, the end of the rollout.
  func succeed(_ rollout: RolloutState, observed: String, with extra: [Event] = []) -> Request {
    var events = extra + [.stepSucceeded(rollout.position, observed: observed)]
    if case .promote = rollout.program[rollout.position] {
      let environment = rollout.stage.environment
      let record = (state.environments[environment] ?? EnvironmentState()).record(for: rollout.stage.revision)
      events.append(.revisionPromoted(environment: environment, record: record))
    }
    if rollout.program.position(after: rollout.position) == nil { events.append(.rolloutCompleted(.promoted)) }
    return append(events)
  }
}

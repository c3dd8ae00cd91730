/// Drives one rollout to its end, without doing anything itself: it is asked what to do next, told what came of it,
/// and asked again. Production, simulator and model checker run this same machine; only the shell round it differs.
///
/// The lane it decides on is its owner's copy of the journal's fold: before `resume(.entries)` and `resume(.appended)` the
/// owner folds what was read or written and shows every mark to `see`.
///
/// A driver may die between any two requests. The next one folds the journal and goes on: whatever was announced under
/// another lease is observed first, with a higher fence, so that nothing the dead driver sent can still take effect.
package struct DriverMachine: Hashable, Sendable {
  package enum Role: Hashable, Sendable {
    /// Carries a rollout forward. `waitsAtGates`: stays until a person has decided.
    case drive(waitsAtGates: Bool)
    /// Turns a rollout round; may take it from whoever leads.
    case turn
  }

  /// An order to the target of the stage under way; its revisions are that stage's.
  package enum Order: Hashable, Sendable {
    case prepare
    case shift(Percent)
    case promote
    case restore
  }

  package enum Request: Hashable, Sendable {
    /// The journal's entries after the lane's last.
    case read
    /// Whether the holder of the lease in force lives.
    case lookAtLease
    /// What the machine has `pending`, after the lane's last entry.
    case append
    case renewLease
    case observe(fence: UInt64)
    case perform(Order, fence: UInt64)
    case renewCanary(fence: UInt64)
    case prove(Evidence.Kind)
    case wait(TimeSpan)
    case finish(Ending)
  }

  package enum Response: Hashable, Sendable {
    case begin
    case entries
    /// The journal could not be read: nothing is known, and nothing is kept alive.
    case unreadable
    case lease(isLive: Bool)
    case appended
    /// Somebody else wrote first, or our own lost request did.
    case conflict
    /// The answer was lost: it may have been written.
    case unknown
    case renewedLease(Bool)
    case observed(EndpointReading)
    case performed
    case renewedCanary
    case targetFailed(Trouble)
    case proved(passed: Bool, root: Token)
    case proofImpossible
    case waited
  }

  /// What a target's refusal means to a driver.
  package enum Trouble: UInt8, Hashable, Sendable { case fenced, refused, throttled, ambiguous, failed, sealed }

  package enum Ending: Hashable, Sendable {
    case nothingToDo
    case done
    case waitingForApproval
    case someoneElseLeads
    case quarantined
    /// Somebody took the endpoint back by hand; the journal has to be told before anybody drives again.
    case sealed
  }

  /// Why it appends what it appends: what its shell has words for.
  package enum Why: UInt8, Hashable, Sendable {
    case leading, leaving, starting
    case foundDone, foundUndone, begunAgain
    case observed, approved, proofPassed, proofFailed, proofImpossible, baked, bakeSkipped
    case gate, gateExpired, lapsed, lapsedTooOften, tripped
    case fleetGone, fleetFailed, refused, overdue, troubled
    case restored, notRestoredInTime, standbyFailed, nothingToUndo, newerOrders
  }

  /// Figures of its pace; safety depends on none of them.
  package struct Pace: Hashable, Sendable {
    package var poll: TimeSpan
    package var leaseTTL: TimeSpan
    /// A third of the lease's time: two renewals may fail before it lapses.
    package var renewAfter: TimeSpan { .milliseconds(leaseTTL.milliseconds / 3) }
    /// Longest an old revision may take to serve again before another try.
    package var restoreWithin: TimeSpan

    package init(
      poll: TimeSpan = .milliseconds(250), leaseTTL: TimeSpan = .seconds(30), restoreWithin: TimeSpan = .minutes(5)
    ) {
      self.poll = poll
      self.leaseTTL = leaseTTL
      self.restoreWithin = restoreWithin
    }
  }

  /// Turns of the loop in which a driver that was shut out may find in the journal who leads now.
  static let fencedMax = 12

  package let role: Role
  package let pace: Pace
  /// Where its nonces come from: two drivers with different seeds never draw the same.
  let seed: UInt64

  /// The rollout it drives; another one that starts later is none of its business. 0: not known yet.
  package private(set) var subject = 0
  /// The lease it holds; 0: none.
  package internal(set) var epoch: UInt64 = 0
  /// What this driver knows that was true in the current turn of its loop; a wait forgets it.
  package internal(set) var known = Known()
  /// The highest fence this driver has used.
  var fence: UInt64 = 0
  /// The fence of the order that was handed over; 0: none.
  var performed: UInt64 = 0
  var proof: Proof?
  var leaseRenewedAt = Timestamp(milliseconds: 0)
  var trouble: Trouble?
  /// Refusals as too old, one after the other, although the journal says that this driver leads.
  var fencedInARow = 0
  /// Why it is leaving, once the lease is given back.
  var ending: Ending?
  /// Failed tries after which it has waited already.
  var backedOff = 0
  /// What is to be appended, or was and is not seen in the journal yet.
  package internal(set) var pending: Pending?
  private var drawn: UInt64 = 0

  package struct Known: Hashable, Sendable {
    package var journal = false
    package var leaseIsLive: Bool?
    package var canaryIsRenewed = false
    package var reading: EndpointReading?
  }

  struct Proof: Hashable, Sendable {
    var fence: UInt64
    /// `nil`: it could not be made.
    var passed: Bool?
    var root: Token?
  }

  package struct Pending: Hashable, Sendable {
    package internal(set) var batch: MoveBatch
    package internal(set) var why: Why
    package internal(set) var nonce: UInt64
    package internal(set) var expecting: UInt64
    var isSeen = false
  }

  /// Where the journal stands, and who leads.
  struct Head {
    var sequence: UInt64
    var epoch: UInt64
  }

  package init(role: Role, seed: UInt64, lane: LaneMachine, pace: Pace = Pace()) {
    self.role = role
    self.pace = pace
    self.seed = seed
    subject = lane.last.number
  }

  /// Notes an entry that its owner has folded: whether it is this driver's own, and whether it led.
  package mutating func see(_ mark: Mark, at now: Timestamp) {
    guard let pending, mark.nonce == pending.nonce, mark.nonce != 0, mark.sequence > pending.expecting else {
      if case .leaseAcquired = mark.move { lose() }
      if case .leaseReleased = mark.move { lose() }
      return
    }
    self.pending?.isSeen = true
    switch mark.move {
    case .leaseAcquired:
      lose()
      epoch = mark.sequence
      fence = max(fence, mark.sequence)
      leaseRenewedAt = now
    case .leaseReleased: lose()
    default: break
    }
  }

  private mutating func lose() {
    epoch = 0
    known.leaseIsLive = nil
  }

  /// What to do next, now that `response` came of the last request.
  package mutating func resume(_ response: Response, _ lane: LaneMachine, at now: Timestamp) -> Request {
    absorb(response, lane, at: now)
    if case .unreadable = response { return .wait(pace.poll) }
    return next(lane, at: now)
  }
}

// MARK: - Taking in what happened

extension DriverMachine {
  private mutating func absorb(_ response: Response, _ lane: LaneMachine, at now: Timestamp) {
    switch response {
    case .begin: break
    case .entries:
      known.journal = true
      if subject == 0 { subject = lane.last.number }
      // Present: it was written. Foreign: it lost. Absent: it is sent again, the same bytes.
      if let pending, pending.isSeen || lane.sequence > pending.expecting {
        if !pending.isSeen { ending = nil }
        self.pending = nil
        known.reading = nil
      }
    case .unreadable: known = Known()
    case .appended:
      pending = nil
      known.reading = nil
    case .conflict, .unknown:
      // Whose it is, the journal tells: an answer that was lost may have been the first one to our own request.
      known.journal = false
    case .lease(let isLive): known.leaseIsLive = isLive
    case .renewedLease(let isMine): if isMine { leaseRenewedAt = now } else { known.journal = false }
    case .observed(let reading):
      known.reading = reading
      fencedInARow = 0
    case .performed:
      fencedInARow = 0
      performed = lane.last.active?.fence ?? 0
      known.reading = nil
    case .renewedCanary:
      // Whether it is still live is read off the observation that follows.
      known.canaryIsRenewed = true
    case .targetFailed(let trouble):
      // An order without an answer may have been accepted: it is not sent again before the endpoint was observed, and
      // an equal fence makes a second one a duplicate.
      self.trouble = trouble
      known.canaryIsRenewed = true
    case .proved(let passed, let root):
      if let fence = lane.last.active?.fence { proof = Proof(fence: fence, passed: passed, root: root) }
    case .proofImpossible:
      if let fence = lane.last.active?.fence { proof = Proof(fence: fence, passed: nil, root: nil) }
    case .waited: known = Known()
    }
  }
}

// MARK: - What next

extension DriverMachine {
  private mutating func next(_ lane: LaneMachine, at now: Timestamp) -> Request {
    guard known.journal else { return .read }
    if pending != nil { return .append }
    let head = Head(sequence: lane.sequence, epoch: lane.epoch)
    if let ending { return leave(ending, head) }
    if lane.last.number == 0 { return leave(.nothingToDo, head) }
    // What a later rollout does is not this driver's; its own one has ended, as the journal's words tell.
    if lane.last.number != subject { return leave(.done, head) }
    switch lane.last.mode {
    case .done: return leave(.done, head)
    case .quarantined: return leave(.quarantined, head)
    case .forward, .unwinding: break
    }
    if let request = lead(lane.last, head) { return request }
    if now - leaseRenewedAt > pace.renewAfter {
      leaseRenewedAt = now
      return .renewLease
    }
    if let trouble { return handle(trouble, lane.last, head, at: now) }
    if let active = lane.last.active, active.epoch != epoch { return settle(active, lane.last, head) }
    return lane.last.mode == .unwinding ? unwind(lane.last, head, at: now) : forward(lane.last, head, at: now)
  }

  /// `nil` once this driver holds the lease.
  private mutating func lead(_ rollout: RolloutMachine, _ head: Head) -> Request? {
    if epoch != 0, head.epoch == epoch { return nil }
    guard head.epoch != 0 else { return append(.leaseAcquired(.free), .leading, head) }
    // The one who asked for the turn takes it from whoever led before, alive or not: looking might take time.
    if role == .turn, rollout.mode == .unwinding, head.epoch < rollout.turnedAt {
      return append(.leaseAcquired(.preempt), .leading, head)
    }
    guard let isLive = known.leaseIsLive else { return .lookAtLease }
    guard isLive else { return append(.leaseAcquired(.expired), .leading, head) }
    // Once somebody leads the turn, the others wait.
    return rollout.mode == .unwinding ? .wait(pace.poll) : .finish(.someoneElseLeads)
  }

  /// A step that another driver announced: what is true is observed under our fence, which also shuts that driver out.
  private mutating func settle(
    _ active: RolloutMachine.Active, _ rollout: RolloutMachine, _ head: Head
  ) -> Request {
    guard active.direction == .forward, rollout.step.isEffect else {
      return append(.stepSuperseded(rollout.position), .begunAgain, head)
    }
    guard let reading = known.reading else { return .observe(fence: fence) }
    return reading.satisfies(rollout.step, in: rollout.stage)
      ? succeed(rollout, .foundDone, head) : append(.stepSuperseded(rollout.position), .foundUndone, head)
  }

  /// Ends, giving the lease back first so that nobody has to wait for it to lapse.
  mutating func leave(_ ending: Ending, _ head: Head) -> Request {
    self.ending = ending
    return epoch != 0 && head.epoch == epoch ? append(.leaseReleased, .leaving, head) : .finish(ending)
  }

  mutating func append(_ move: Move, _ why: Why, _ head: Head) -> Request {
    append(MoveBatch(move), why, head)
  }

  mutating func append(_ batch: MoveBatch, _ why: Why, _ head: Head) -> Request {
    drawn += 1
    let nonce = Self.mixed(seed &+ drawn &* 0x9e37_79b9_7f4a_7c15)
    pending = Pending(batch: batch, why: why, nonce: nonce, expecting: head.sequence)
    return .append
  }

  /// SplitMix64's finisher, in the 53 bits that every reader of JSON keeps; never 0.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return max(1, (z ^ (z >> 31)) >> 11)
  }

  mutating func start(
    _ rollout: RolloutMachine, _ direction: Direction, _ head: Head
  ) -> Request {
    if rollout.failures != backedOff {
      backedOff = rollout.failures
      if rollout.failures > 0 { return .wait(.milliseconds(500 << Int64(min(rollout.failures, 5)))) }
    }
    performed = 0
    proof = nil
    return append(.stepStarted(rollout.position, direction), .starting, head)
  }

  /// The step's success, and with it whatever follows in the same breath: a promotion, the end of the rollout.
  mutating func succeed(
    _ rollout: RolloutMachine, _ why: Why, _ head: Head, after evidence: Move? = nil
  ) -> Request {
    var batch = MoveBatch(evidence ?? .stepSucceeded(rollout.position))
    if evidence != nil { batch.add(.stepSucceeded(rollout.position)) }
    if case .promote = rollout.step { batch.add(.revisionPromoted) }
    if rollout.course.position(after: rollout.position) == nil { batch.add(.rolloutCompleted(.promoted)) }
    return append(batch, why, head)
  }
}

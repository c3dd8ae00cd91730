/// The driver as its shell knows it: `DriverMachine` decides, and this finds the names and the words. What the machine
/// asks for becomes requests about endpoints and entries for the journal; what came of them becomes the machine's facts.
package struct Driver: Sendable {
  package typealias Role = DriverMachine.Role
  /// What a target's refusal means to a driver.
  package typealias TargetTrouble = DriverMachine.Trouble

  package enum Request: Hashable, Sendable {
    /// The journal's entries after this one.
    case read(after: UInt64)
    /// Whether the holder of the lease with this epoch lives.
    case lookAtLease(epoch: UInt64)
    case append([Event], expecting: UInt64, epoch: UInt64?, nonce: UInt64)
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
    /// The journal could not be read.
    case unreadable(String)
    case lease(isLive: Bool)
    case appended([Entry])
    /// Somebody else wrote first: nothing of ours is in the journal, or it was already.
    case conflict
    /// The answer was lost: it may have been written.
    case unknown
    case renewedLease(Bool)
    case observed(EndpointObservation)
    case performed
    case renewedCanary(Bool)
    case targetFailed(TargetTrouble, String)
    case proved(Evidence)
    case proofImpossible(String)
    case waited
  }

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
    /// Somebody took the endpoint back by hand; the journal has to be told before anybody drives again.
    case sealed(String)
  }

  package static let poll = DriverMachine.Pace().poll

  package let actor: Actor
  package private(set) var machine: DriverMachine
  package private(set) var state: LaneState
  private var subject: String?
  var observation: EndpointObservation?
  var evidence: Evidence?
  /// What the target, or a proof that could not be made, said last.
  var complaint = ""

  /// `seed` is drawn anew for each driver: its nonces come from it.
  package init(
    actor: Actor, role: Role, state: LaneState = LaneState(), seed: UInt64, pace: DriverMachine.Pace = .init()
  ) {
    self.actor = actor
    self.state = state
    machine = DriverMachine(role: role, seed: seed, lane: state.machine, pace: pace)
    subject = state.rollout?.id
  }

  package mutating func resume(_ response: Response, at now: Timestamp) -> Request {
    let fact = take(response, at: now)
    // In two lines: the words are found after the machine has decided.
    let request = machine.resume(fact, state.machine, at: now)
    return spelt(request)
  }
}

// MARK: - Taking in what happened

extension Driver {
  private mutating func take(_ response: Response, at now: Timestamp) -> DriverMachine.Response {
    switch response {
    case .begin: return .begin
    case .entries(let entries):
      fold(entries, at: now)
      return .entries
    case .appended(let entries):
      fold(entries, at: now)
      return .appended
    case .unreadable: return .unreadable
    case .lease(let isLive): return .lease(isLive: isLive)
    case .conflict: return .conflict
    case .unknown: return .unknown
    case .renewedLease(let isMine): return .renewedLease(isMine)
    case .observed(let observation):
      self.observation = observation
      return .observed(EndpointReading(observation))
    case .performed: return .performed
    case .renewedCanary: return .renewedCanary
    case .targetFailed(let trouble, let message):
      complaint = message
      return .targetFailed(trouble)
    case .proved(let evidence):
      self.evidence = evidence
      return .proved(passed: evidence.passed, root: Token(evidence.root))
    case .proofImpossible(let message):
      complaint = message
      return .proofImpossible
    case .waited: return .waited
    }
  }

  private mutating func fold(_ entries: [Entry], at now: Timestamp) {
    for entry in entries {
      do {
        let move = try state.move(for: entry)
        try state.apply(entry)
        machine.see(Mark(entry, move), at: now)
      } catch {
        // The journal checks admission before it stores and after it reads; nothing else reaches a driver.
        preconditionFailure("entry \(entry.sequence) is inadmissible: \(error)")
      }
    }
    subject = subject ?? state.rollout?.id
  }
}

// MARK: - Spelling out what it wants

extension Driver {
  private func spelt(_ request: DriverMachine.Request) -> Request {
    switch request {
    case .read: .read(after: state.sequence)
    case .lookAtLease: .lookAtLease(epoch: state.machine.epoch)
    case .append: append()
    case .renewLease: .renewLease(epoch: machine.epoch)
    case .observe(let fence): .observe(endpoint: rollout.stage.endpoint, fence: fence)
    case .perform(let order, let fence): .perform(spelt(order), endpoint: rollout.stage.endpoint, fence: fence)
    case .renewCanary(let fence): .renewCanary(endpoint: rollout.stage.endpoint, fence: fence)
    case .prove(let kind): .prove(proof(kind))
    case .wait(let span): .wait(span)
    case .finish(let ending): .finish(spelt(ending))
    }
  }

  private func append() -> Request {
    guard let pending = machine.pending else { preconditionFailure("it has something to append") }
    return .append(
      events(for: pending.batch, pending.why), expecting: state.sequence,
      epoch: machine.epoch == 0 ? nil : machine.epoch, nonce: pending.nonce)
  }

  private func spelt(_ order: DriverMachine.Order) -> TargetOrder {
    switch order {
    case .prepare: return .prepare(rollout.stage.revision)
    case .shift(let share): return .shift(share)
    case .promote:
      guard case .promote(let keepWarm) = rollout.program[rollout.position] else {
        preconditionFailure("only a promotion is ordered as one")
      }
      return .promote(rollout.stage.revision.digest, keepWarm: keepWarm)
    case .restore: return .restore(rollout.wayBack)
    }
  }

  private func proof(_ kind: Evidence.Kind) -> Proof {
    let deploys = rollout.stage.steps.contains { $0.isEffect }
    let step: Proof.Kind =
      if case .smoke(let suites) = rollout.program[rollout.position] { .smoke(suites: suites) } else { .verify }
    return Proof(
      kind: step, stage: rollout.stage, variant: deploys ? "canary" : "stable", root: rollout.evidenceRoot)
  }

  private func spelt(_ ending: DriverMachine.Ending) -> Ending {
    switch ending {
    case .nothingToDo: return .nothingToDo
    case .done: return subject.flatMap { state.rollout(named: $0) }.map { .done($0.outcome) } ?? .nothingToDo
    case .waitingForApproval: return .waitingForApproval(environment: rollout.stage.environment)
    case .someoneElseLeads:
      guard let lease = state.lease else { preconditionFailure("somebody leads") }
      return .someoneElseLeads(lease.holder, since: lease.since)
    case .quarantined: return .quarantined(rollout.stuckBecause ?? "")
    case .sealed: return .sealed(complaint)
    }
  }

  var rollout: RolloutState {
    guard let rollout = state.rollout else { preconditionFailure("it drives a rollout") }
    return rollout
  }
}

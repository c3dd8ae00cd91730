/// What the machine wants to write, in full: its reasons become the sentences that people read in the journal.
extension Driver {
  func events(for batch: MoveBatch, _ why: DriverMachine.Why) -> [Event] {
    (0..<batch.count).map { event(for: batch[$0], why) }
  }

  private func event(for move: Move, _ why: DriverMachine.Why) -> Event {
    switch move {
    case .leaseAcquired(let reason): .leaseAcquired(ttl: machine.pace.leaseTTL, why: reason)
    case .leaseReleased: .leaseReleased
    case .stepStarted(let position, let direction):
      .stepStarted(position, attempt: rollout.failures + 1, direction: direction)
    case .stepSucceeded(let position): .stepSucceeded(position, observed: success(why))
    case .stepFailed(let position, let isFinal): .stepFailed(position, isFinal: isFinal, error: failure(why))
    case .stepSuperseded(let position): .stepSuperseded(position, observed: superseded(why))
    case .evidenceRecorded: .evidenceRecorded(measured)
    case .gateOpened(let position, _, let expires):
      .gateOpened(position, evidenceRoot: shown, expires: expires)
    case .gateExpired(let position): .gateExpired(position)
    case .canaryLapsed(let position): .canaryLapsed(position)
    case .guardTripped(let position): .guardTripped(position, trip)
    case .unwindStarted(let kind): .unwindStarted(cause(kind, why))
    case .revisionPromoted: promotion
    case .rolloutCompleted(let kind): .rolloutCompleted(outcome(kind))
    case .quarantined: .quarantined(reason: stuck(why))
    case .laneCreated, .rolloutStarted, .rollbackStarted, .approvalGranted, .approvalDenied, .approvalRevoked,
      .abortRequested, .holdSet, .holdCleared, .bakeSkipped, .operatorResolved, .emergencyReverted:
      preconditionFailure("a driver never writes what only people do")
    }
  }

  private var stepName: String { rollout.program[rollout.position].name }

  private var shown: Digest {
    guard let shown = rollout.shown else { preconditionFailure("a gate is about a plan or its evidence") }
    return shown
  }

  private var measured: Evidence {
    guard let evidence else { preconditionFailure("evidence is recorded after it was measured") }
    return evidence
  }

  private var trip: GuardTrip {
    guard let trip = observation?.canary?.trip else { preconditionFailure("a trip is recorded after it was seen") }
    return trip
  }

  private var promotion: Event {
    let environment = rollout.stage.environment
    let record = (state.environments[environment] ?? EnvironmentState()).record(for: rollout.stage.revision)
    return .revisionPromoted(environment: environment, record: record)
  }

  private func outcome(_ kind: OutcomeKind) -> Outcome {
    guard kind != .promoted, let cause = rollout.cause else { return .promoted }
    return Outcome(unwoundBy: cause)
  }

  private func cause(_ kind: CauseKind, _ why: DriverMachine.Why) -> Cause {
    switch kind {
    case .proofFailed: .proofFailed(summary: measured.summary)
    case .canaryLapsed: .canaryLapsed
    case .guardTripped, .stepFailed, .denied, .gateExpired, .approvalRevoked, .emergency, .requested:
      .stepFailed(step: stepName, error: failure(why))
    }
  }

  private func success(_ why: DriverMachine.Why) -> String {
    switch why {
    case .foundDone: return "found done after a change of driver"
    case .proofPassed: return measured.summary
    case .approved:
      let names = rollout.gate?.approvals.map(\.by).joined(separator: ", ") ?? ""
      return "approved by \(names)"
    case .baked: return baked
    case .bakeSkipped: return "ended early by a person after \(observation?.canary?.baked ?? .zero)"
    default: return observation.map(Self.words) ?? ""
    }
  }

  private var baked: String {
    guard let canary = observation?.canary else { return "" }
    let traffic = canary.fleet.traffic
    let time = TimeSpan.seconds(canary.baked.milliseconds / 1_000)
    return "\(traffic.requests) requests, \(traffic.errors) errors in \(time)"
  }

  private func superseded(_ why: DriverMachine.Why) -> String {
    why == .foundUndone ? "found undone after a change of driver" : "begun again after a change of driver"
  }

  private func failure(_ why: DriverMachine.Why) -> String {
    switch why {
    case .proofFailed: measured.summary
    case .fleetGone: "the new version's fleet is gone"
    case .fleetFailed: observation?.canary?.fleet.failure ?? complaint
    case .overdue: "not done within \(rollout.machine.course.limit(at: rollout.position) ?? .zero)"
    case .notRestoredInTime: "the old version does not serve after \(machine.pace.restoreWithin)"
    case .standbyFailed: observation?.standby?.failure ?? observation?.stable?.failure ?? complaint
    case .newerOrders: newerOrders
    default: complaint
    }
  }

  private func stuck(_ why: DriverMachine.Why) -> String {
    if why == .newerOrders { return newerOrders }
    let tries = rollout.failures + 1
    return "taking \(rollout.stage.environment) back failed \(tries) times; last: \(failure(why))"
  }

  private var newerOrders: String {
    "\(rollout.stage.endpoint) has obeyed newer orders than this journal knows: \(complaint)"
  }

  static func words(for observation: EndpointObservation) -> String {
    var parts: [String] = []
    if let canary = observation.canary {
      let count = canary.fleet.ready
      parts.append(
        "version \(canary.fleet.model.version) has \(count) instance\(count == 1 ? "" : "s") ready "
          + "and \(canary.share) of traffic")
    }
    if let stable = observation.stable { parts.append("stable is version \(stable.model.version)") }
    return parts.joined(separator: "; ")
  }
}

package import RolloutCore
import RolloutDigest

/// The shell round `Driver`: carries out one request at a time and reports what came of it. It decides nothing.
package struct RolloutLoop<C: Clock<Duration>>: Sendable {
  package struct Ports: Sendable {
    package var journal: any Journal
    package var target: any Target
    package var registry: any Registry
    package var prover: any Prover
    package var notifier: any Notifier
    package var authority: any ApprovalAuthority
    /// Where a stage's endpoint answers for one of its variants.
    package var address: @Sendable (Program.Stage, String) async throws -> EndpointAddress

    package init(
      journal: any Journal, target: any Target, registry: any Registry, prover: any Prover, notifier: any Notifier,
      authority: any ApprovalAuthority,
      address: @escaping @Sendable (Program.Stage, String) async throws -> EndpointAddress
    ) {
      self.journal = journal
      self.target = target
      self.registry = registry
      self.prover = prover
      self.notifier = notifier
      self.authority = authority
      self.address = address
    }
  }

  /// What a view may want to show while it runs.
  package enum Report: Sendable {
    case entries([Entry], LaneState)
    case observed(EndpointObservation, LaneState)
    /// What a target is busy with before it takes an order.
    case waiting(String)
    case trouble(String)
  }

  let ports: Ports
  let clock: C
  let now: @Sendable () -> Timestamp
  let report: @Sendable (Report) async -> Void

  package init(
    _ ports: Ports, clock: C, now: @escaping @Sendable () -> Timestamp,
    report: @escaping @Sendable (Report) async -> Void
  ) {
    self.ports = ports
    self.clock = clock
    self.now = now
    self.report = report
  }

  /// Drives until the driver is done, after telling of what was `announced` by whoever called. Throws when the journal
  /// cannot be read or written, or when cancelled: the rollout then waits for the next driver, and its canary loses its
  /// share by itself.
  package func run(_ start: Driver, announcing announced: [Entry] = []) async throws -> Driver.Ending {
    try await NoticeQueue.sending(through: ports.notifier, clock: clock) { notices in
      if !announced.isEmpty { await tell(.appended(announced), start.state, notices) }
      return try await drive(start, notices)
    }
  }

  private func drive(_ start: Driver, _ notices: NoticeQueue) async throws -> Driver.Ending {
    var driver = start
    var request = driver.resume(.begin, at: now())
    var blindSince: C.Instant?
    while true {
      try Task.checkCancellation()
      if case .finish(let ending) = request { return ending }
      let response = try await answer(to: request, for: driver, &blindSince)
      request = driver.resume(response, at: now())
      await tell(response, driver.state, notices)
    }
  }

  /// A journal that cannot be read for a while is waited for, and the canary is not kept alive meanwhile; one that stays
  /// away as long as a lease lasts ends the driver. A write that fails for want of storage ends it at once: nothing that
  /// could not be announced is done.
  private func answer(
    to request: Driver.Request, for driver: Driver, _ blindSince: inout C.Instant?
  ) async throws -> Driver.Response {
    do {
      let response = try await carryOut(request, for: driver)
      if case .read = request { blindSince = nil }
      return response
    } catch let error as JournalError {
      switch (request, error.code) {
      case (.append, .conflict): return .conflict
      case (.append, .unknown): return .unknown
      case (.read, .storageUnavailable), (.lookAtLease, .storageUnavailable), (.renewLease, .storageUnavailable):
        let since = blindSince ?? clock.now
        blindSince = since
        guard since.duration(to: clock.now) < driver.machine.pace.leaseTTL.duration else { throw error }
        return .unreadable(error.message)
      default: throw error
      }
    }
  }

  private func tell(_ response: Driver.Response, _ state: LaneState, _ notices: NoticeQueue) async {
    switch response {
    case .entries(let entries) where !entries.isEmpty: await report(.entries(entries, state))
    case .appended(let entries):
      await report(.entries(entries, state))
      guard let rollout = state.rollout else { return }
      for entry in entries { notices.post(Notice.about(entry, rollout)) }
    case .observed(let observation): await report(.observed(observation, state))
    case .targetFailed(.throttled, let message): await report(.waiting(message))
    case .targetFailed(let kind, let message) where kind != .fenced: await report(.trouble(message))
    case .unreadable(let message): await report(.trouble(message))
    default: break
    }
  }

  private func carryOut(_ request: Driver.Request, for driver: Driver) async throws -> Driver.Response {
    switch request {
    case .read(let sequence):
      return .entries(try await ports.journal.entries(after: sequence))
    case .lookAtLease(let epoch):
      return .lease(isLive: try await ports.journal.leaseIsLive(epoch: epoch))
    case .append(let events, let expecting, let epoch, let nonce):
      return .appended(
        try await ports.journal.append(
          events, expecting: expecting, by: driver.actor, epoch: epoch, nonce: nonce, at: now()))
    case .renewLease(let epoch):
      return .renewedLease(try await ports.journal.renewLease(epoch: epoch))
    case .observe(let endpoint, let fence):
      return await asking { () async throws(TargetError) in
        .observed(try await ports.target.observe(endpoint, fence: fence))
      }
    case .perform(let order, let endpoint, let fence):
      if let objection = await objection(to: order, in: driver.state) { return objection }
      return await asking { () async throws(TargetError) in
        try await ports.target.perform(order, on: endpoint, fence: fence)
        return .performed
      }
    case .renewCanary(let endpoint, let fence):
      return await asking { () async throws(TargetError) in
        .renewedCanary(try await ports.target.renew(endpoint, fence: fence))
      }
    case .prove(let proof):
      return try await keepingLease(of: driver) { await prove(proof) }
    case .wait(let span):
      try await clock.sleep(for: span.duration)
      return .waited
    case .finish:
      preconditionFailure("the end is not carried out")
    }
  }

  private func asking(
    _ ask: () async throws(TargetError) -> Driver.Response
  ) async -> Driver.Response {
    do {
      return try await ask()
    } catch {
      return .targetFailed(Driver.TargetTrouble(error.code), error.message)
    }
  }

  /// Proofs take as long as they take; the lease is kept beside them.
  private func keepingLease(
    of driver: Driver, _ work: @escaping @Sendable () async -> Driver.Response
  ) async throws -> Driver.Response {
    let epoch = driver.state.lease?.epoch
    let pause = driver.machine.pace.renewAfter.duration
    return try await withThrowingTaskGroup(of: Driver.Response?.self) { group in
      group.addTask { await work() }
      group.addTask {
        while let epoch, try await stillLeads(epoch) { try await clock.sleep(for: pause) }
        return nil
      }
      defer { group.cancelAll() }
      // `nil`: the lease is lost, but the proof is worth finishing; its append will conflict.
      while let response = try await group.next() {
        if let response { return response }
      }
      preconditionFailure("the work itself always answers")
    }
  }
}

extension RolloutLoop {
  /// A journal whose storage does not answer for a while is no reason to give up a proof: what was measured is lost only
  /// if it cannot be written in the end.
  private func stillLeads(_ epoch: UInt64) async throws -> Bool {
    do { return try await ports.journal.renewLease(epoch: epoch) } catch {
      guard error.code == .storageUnavailable else { throw error }
      if !Task.isCancelled { await report(.trouble(error.message)) }
      return true
    }
  }
}

extension Driver.TargetTrouble {
  init(_ code: TargetError.Code) {
    self =
      switch code {
      case .fenced: .fenced
      case .sealed: .sealed
      case .refused: .refused
      case .throttled: .throttled
      case .ambiguous: .ambiguous
      case .failed: .failed
      }
  }
}

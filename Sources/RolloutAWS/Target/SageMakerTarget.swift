package import RolloutCore
import RolloutDigest
package import RolloutEngine

/// One endpoint on SageMaker, deployed by one CloudFormation stack. `GuardedEndpoint` decides; this keeps its record, asks
/// AWS what there is, and carries out one act after the other. An order that AWS takes minutes for is *throttled* until
/// it is done: the driver gives it again, and what was begun is found begun.
package struct SageMakerTarget: Target {
  /// Where the endpoint is: what cannot change from one revision to the next.
  package struct Place: Hashable, Sendable {
    package var endpoint: String
    package var stack: String
    /// Where templates go that are too large to be sent with a request; `nil`: nowhere.
    package var templates: TemplateStore?

    package init(endpoint: String, stack: String, templates: TemplateStore? = nil) {
      self.endpoint = endpoint
      self.stack = stack
      self.templates = templates
    }
  }

  /// A bucket and what its keys begin with.
  package struct TemplateStore: Hashable, Sendable {
    package var bucket: String
    package var prefix: String

    package init(bucket: String, prefix: String) {
      self.bucket = bucket
      self.prefix = prefix
    }
  }

  let client: AWSClient
  let place: Place
  let records: any EndpointRecords
  let now: @Sendable () -> Timestamp
  /// The journal in whose name orders are given; `nil` gives none and only looks.
  var lineage: String?

  package init(
    _ client: AWSClient, _ place: Place, records: any EndpointRecords, now: @escaping @Sendable () -> Timestamp
  ) {
    self.client = client
    self.place = place
    self.records = records
    self.now = now
  }

  package func commanded(by lineage: String?) -> SageMakerTarget {
    var target = self
    target.lineage = lineage
    return target
  }

  /// What serves there and for whom, without alarms and figures: a third of the requests.
  package func glance() async throws(TargetError) -> EndpointObservation {
    let record = try await load().record
    let facts = try await facts(for: record, withAlarms: false)
    return record.observation(facts.decisive, unknown: Self.unknown, at: now())
  }

  private static func unknown(_ configuration: String) -> Digest { Digest(of: "configuration \(configuration)") }

  package func observe(_ endpoint: String, fence: UInt64?) async throws(TargetError) -> EndpointObservation {
    var kept = try await load()
    if let fence, let lineage {
      kept = try await change(kept) { record throws(OrderRefusal) in try record.observe(fence: fence, lineage: lineage)
      }
    }
    let facts = try await facts(for: kept.record)
    var observation = kept.record.observation(facts.decisive, unknown: Self.unknown, at: now())
    await addFigures(to: &observation, facts)
    return observation
  }

  package func perform(_ order: TargetOrder, on endpoint: String, fence: UInt64) async throws(TargetError) {
    guard let lineage else { throw TargetError(.refused, "orders are given in the name of a journal") }
    var kept = try await change(try await load()) { record throws(OrderRefusal) in
      try record.accept(order, fence: fence, lineage: lineage)
    }
    for _ in 0..<Self.actsMax {
      let facts = try await facts(for: kept.record)
      let act = kept.record.next(for: order, facts.decisive)
      switch act {
      case .done:
        kept = try await change(kept) { $0.finished(order, at: now()) }
        if case .promote = order { await removeLeftovers(kept) }
        return
      case .wait(let what): throw TargetError(.throttled, what)
      case .refuse(let why): throw TargetError(.refused, why)
      default: kept = try await carryOut(act, kept, facts)
      }
    }
    throw TargetError(.throttled, "AWS is busy with \(place.endpoint)")
  }

  /// SageMaker itself keeps a canary's share, for as long as the deployment says.
  package func renew(_ endpoint: String, fence: UInt64) async throws(TargetError) -> Bool { true }

  /// There are no seals here: a record shuts out older orders by its fence.
  package func unseal(_ endpoint: String, emergency id: String, fence: UInt64) async throws(TargetError) {
    _ = try await observe(endpoint, fence: fence)
  }

  /// What the endpoint's users are on, in full, if this product put it there.
  package func served() async throws(TargetError) -> Revision? { try await load().record.stable?.revision }

  /// Gives the endpoint to another journal, unless it has obeyed something since `fence` was seen.
  package func adopt(by lineage: String, expecting fence: UInt64) async throws(TargetError) {
    let kept = try await load()
    guard kept.record.fence == fence else {
      throw TargetError(.fenced, "\(place.endpoint) was ordered about meanwhile")
    }
    _ = try await change(kept) { $0.adopt(by: lineage) }
  }

  /// Acts in one call; an order has fewer.
  private static let actsMax = 12
}

// MARK: - The record

extension SageMakerTarget {
  /// A record and the version that it replaces; `nil` before the first.
  struct Kept {
    var record: GuardedEndpoint
    var version: String?
  }

  func load() async throws(TargetError) -> Kept {
    guard let kept = try await records.load(place.endpoint) else {
      return Kept(record: GuardedEndpoint(name: place.endpoint), version: nil)
    }
    return Kept(record: kept.record, version: kept.version)
  }

  /// Keeps a changed record before anything is done by it. Somebody else's change ends this turn: the next one begins
  /// with what they wrote.
  func change(
    _ kept: Kept, _ change: (inout GuardedEndpoint) throws(OrderRefusal) -> Void
  ) async throws(TargetError) -> Kept {
    var changed = kept
    do throws(OrderRefusal) { try change(&changed.record) } catch { throw TargetError(error, place.endpoint) }
    guard changed.record != kept.record else { return kept }
    guard let version = try await records.save(changed.record, replacing: kept.version) else {
      throw TargetError(.throttled, "somebody else orders about \(place.endpoint) at this moment")
    }
    changed.version = version
    return changed
  }
}

extension TargetError {
  init(_ refusal: OrderRefusal, _ endpoint: String) {
    switch refusal {
    case .fenced(let seen): self.init(.fenced, "\(endpoint) has obeyed order \(seen)")
    case .sealed(let emergency): self.init(.sealed, "\(endpoint) was taken back by \(emergency.by)")
    case .foreign: self.init(.fenced, "\(endpoint) obeys another journal")
    case .refused(let reason): self.init(.refused, reason)
    case .notReady(let reason): self.init(.throttled, reason)
    }
  }

  init(_ error: AWSError) {
    let text = error.help.map { "\(error) (\($0))" } ?? "\(error)"
    switch error.failure {
    case .unreachable, .noCredentials: self.init(.failed, text)
    case .noAnswer, .unreadable: self.init(.ambiguous, text)
    // Whoever logs in again may go on.
    case .refused(let refusal) where refusal.code.hasPrefix("ExpiredToken"): self.init(.failed, text)
    // A throttled or broken service answers otherwise later; any other word is the same tomorrow.
    case .refused: self.init(error.failure.mayBeSentAgain(isRepeatable: true) ? .ambiguous : .refused, text)
    }
  }
}

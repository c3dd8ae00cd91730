/// What is remembered about an endpoint that a cloud serves, and every decision about it. The cloud knows no fences, so
/// the record is one: it is kept where only one of two writers can change it, and whoever acts has changed it first.
///
/// Requests that were sent before may still arrive afterwards, or arrive twice. So a deployment that is taken back leaves
/// nothing behind that could be deployed again. Its change set is withdrawn; change sets are executed by identifiers that
/// are never given again. The name of its configuration is given to the good version: deleting it is not enough, because
/// a create that arrives twice would bring it back.
package struct GuardedEndpoint: Hashable, Codable, Sendable {
  package let name: String
  /// The journal whose orders it obeys; `nil` before the first one.
  package private(set) var lineage: String?
  /// Highest fence of an order.
  package private(set) var fence: UInt64 = 0
  /// What was proved to serve all users last.
  package private(set) var stable: GuardedDeployment?
  package private(set) var underWay: GuardedDeployment?
  /// Taken back, and not buried yet.
  package private(set) var revoked: [GuardedDeployment] = []
  /// Configurations that are there for nobody but late requests, or not even for those.
  package private(set) var retired: [Retired] = []
  /// Revisions that served all users, oldest first: where a way back may lead.
  package private(set) var served: [Digest] = []
  /// The abort alarm was set off.
  package private(set) var isAborting = false
  /// The stack that was made for this endpoint, and holds nothing else.
  package private(set) var ownStack: String?

  package struct Retired: Hashable, Codable, Sendable {
    package var configuration: String
    package var since: Timestamp
    /// The revision that it deploys now.
    package var content: Digest?
    /// Models that its own content ran.
    package var models: [String]
    /// It has the good version's content, for as long as a late request may arrive.
    package var isTombstone: Bool
  }

  package static let servedMax = 64
  /// A signature is good for 5 minutes, and 15 with S3; after that nothing sent before is accepted. Source: IAM User
  /// Guide, "Signature Version 4".
  package static let requestsLive = TimeSpan.minutes(15)

  package init(name: String) { self.name = name }
}

// MARK: - Orders

extension GuardedEndpoint {
  /// Shuts out every older order.
  package mutating func observe(fence: UInt64, lineage: String) throws(OrderRefusal) {
    try shutOut(below: fence, lineage)
    self.fence = fence
  }

  /// Takes an order in. Whoever carries it out keeps this record first.
  package mutating func accept(_ order: TargetOrder, fence: UInt64, lineage: String) throws(OrderRefusal) {
    try shutOut(below: fence, lineage)
    self.lineage = lineage
    self.fence = fence
    switch order {
    case .prepare(let revision):
      guard revoked.isEmpty else { throw .notReady("\(name) is still being taken back") }
      // Begun by another driver, it is under way all the same.
      guard underWay?.revision.digest != revision.digest || underWay?.isGuarded != true else { return }
      underWay = GuardedDeployment(revision, fence: fence, lineage: lineage, isGuarded: true)
    case .shift: throw .refused("SageMaker shifts traffic by itself")
    case .promote(let digest, _):
      guard (underWay ?? stable)?.revision.digest == digest else {
        throw .refused("\(name) was not given this revision")
      }
    case .restore(let base):
      guard base.map({ served.isEmpty || served.contains($0.digest) }) ?? true else {
        throw .refused("\(name) never served this revision to all users, so it does not go back to it")
      }
      revoke(allBut: base?.digest)
    }
  }

  /// Whatever else was deployed is taken back, proven or not.
  private mutating func revoke(allBut base: Digest?) {
    if let forward = underWay, forward.isGuarded {
      revoked.append(forward)
      underWay = nil
    }
    if let proven = stable, proven.revision.digest != base {
      revoked.append(proven)
      stable = nil
    }
  }

  private func shutOut(below fence: UInt64, _ lineage: String) throws(OrderRefusal) {
    guard self.lineage ?? lineage == lineage else { throw .foreign }
    guard fence >= self.fence else { throw .fenced(seen: self.fence) }
  }

  /// Given to another journal, whose fences start again.
  package mutating func adopt(by lineage: String) {
    self.lineage = lineage
    fence = 0
  }
}

// MARK: - What came of acts

extension GuardedEndpoint {
  /// Before a change set is created.
  package mutating func creating(_ deployment: GuardedDeployment, _ facts: GuardedFacts) {
    if facts.stack?.isEmpty ?? true { ownStack = deployment.stack }
  }

  /// Before its change set is executed.
  package mutating func ordered() { underWay?.isOrdered = true }

  /// What was tried before under an older order is left to nobody.
  package mutating func begin(_ revision: Revision, at now: Timestamp) {
    if let before = underWay {
      if before.isOrdered {
        revoked.append(before)
      } else {
        retired.append(Retired(configuration: before.configuration, since: now, models: [], isTombstone: false))
      }
    }
    underWay = GuardedDeployment(revision, fence: fence, lineage: lineage ?? "", isGuarded: false)
  }

  /// Before the alarm is set off or calmed, so that it is never forgotten.
  package mutating func aborting(_ isAborting: Bool) { self.isAborting = isAborting }

  /// `models`: what its own content ran.
  package mutating func buried(
    _ deployment: GuardedDeployment, like good: String?, models: [String], at now: Timestamp
  ) {
    revoked.removeAll { $0 == deployment }
    let content = good.flatMap { name in [underWay, stable].compactMap { $0 }.first { $0.configuration == name } }
    retired.append(
      Retired(
        configuration: deployment.configuration, since: now, content: content?.revision.digest, models: models,
        isTombstone: good != nil))
  }

  package mutating func removed(_ configuration: String) { retired.removeAll { $0.configuration == configuration } }

  /// The order's post-condition holds.
  package mutating func finished(_ order: TargetOrder, at now: Timestamp) {
    switch order {
    case .prepare, .shift: return
    case .promote:
      guard let proven = underWay else { return }
      retireStable(at: now)
      stable = proven
      remember(proven.revision.digest)
    case .restore(nil): ownStack = nil
    case .restore:
      guard let back = underWay else { return }
      retireStable(at: now)
      stable = back
    }
    underWay = nil
  }

  private mutating func retireStable(at now: Timestamp) {
    guard let stable else { return }
    retired.append(
      Retired(
        configuration: stable.configuration, since: now, content: stable.revision.digest, models: [],
        isTombstone: false))
  }

  private mutating func remember(_ digest: Digest) {
    served.removeAll { $0 == digest }
    served.append(digest)
    if served.count > Self.servedMax { served.removeFirst() }
  }

  /// Configurations that nothing needs any more.
  package func removable(at now: Timestamp) -> [Retired] {
    retired.filter { !$0.isTombstone || now - $0.since > Self.requestsLive }
  }
}

/// What must be done about one instance of a fleet.
package struct InstanceOrder: Hashable, Sendable {
  package var instance: InstanceID
  package var action: InstanceAction

  package init(_ action: InstanceAction, _ instance: InstanceID) {
    self.action = action
    self.instance = instance
  }
}

/// The instances that serve one revision: as many as desired, each supervised on its own.
package struct FleetMachine: Hashable, Sendable {
  /// Unique for the endpoint, for ever: names its instances, their logs and their measurements.
  package let id: Int
  package let revision: Revision
  package private(set) var desired: Int
  /// Ascending by number.
  package private(set) var instances: [InstanceMachine] = []

  private let policy: SupervisionPolicy
  private var nextNumber = 1

  package init(id: Int, revision: Revision, desired: Int, policy: SupervisionPolicy) {
    precondition(desired >= 0, "a fleet has no negative size")
    self.id = id
    self.revision = revision
    self.desired = desired
    self.policy = policy
  }

  package var ready: [InstanceMachine] { instances.filter(\.isReady) }
  package var readyCount: Int { instances.count(where: \.isReady) }
  /// Why it cannot become what it should be.
  package var failure: String? { instances.lazy.compactMap(\.failure).first }
  /// It serves nobody, and will not by itself.
  package var isBroken: Bool { readyCount == 0 && failure != nil }
  /// Nothing is left of it.
  package var hasEnded: Bool { desired == 0 && instances.isEmpty }

  package mutating func scale(to count: Int) {
    precondition(count >= 0, "a fleet has no negative size")
    desired = count
  }

  package mutating func receive(_ event: InstanceEvent, number: Int, at now: TimeSpan) -> [InstanceOrder] {
    guard let index = instances.firstIndex(where: { $0.id.number == number }) else { return [] }
    let action = instances[index].receive(event, at: now)
    return action.map { [InstanceOrder($0, instances[index].id)] } ?? []
  }

  /// Brings the number of instances to the desired one and lets deadlines pass.
  package mutating func advance(to now: TimeSpan) -> [InstanceOrder] {
    var orders: [InstanceOrder] = []
    for index in instances.indices {
      if let action = instances[index].advance(to: now) { orders.append(InstanceOrder(action, instances[index].id)) }
    }
    let wanted = instances.indices.filter { instances[$0].isWanted }
    // Those that do not serve yet go first, then the newest.
    let excess = wanted.sorted { (instances[$0].isReady ? 1 : 0, -$0) < (instances[$1].isReady ? 1 : 0, -$1) }
      .prefix(max(0, wanted.count - desired))
    for index in excess {
      if let action = instances[index].stop(at: now) { orders.append(InstanceOrder(action, instances[index].id)) }
    }
    for _ in 0..<max(0, desired - wanted.count) { orders.append(launch()) }
    instances.removeAll(where: \.isStopped)
    return orders
  }

  private mutating func launch() -> InstanceOrder {
    let id = InstanceID(fleet: id, number: nextNumber)
    nextNumber += 1
    instances.append(
      InstanceMachine(
        id: id, policy: policy, template: revision.content.template, healthPath: revision.content.serve.healthPath))
    return InstanceOrder(.launch, id)
  }
}

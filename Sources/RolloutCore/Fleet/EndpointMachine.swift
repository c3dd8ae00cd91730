/// One endpoint of the local runtime: which fleets it has, who gets which share, and whose orders it obeys.
///
/// Time is a monotonic clock's, counted from the start of the runtime. The machine acts only through the instance orders
/// it returns and the route it shows; a copy of it can be asked what an order would do before anything is promised.
package struct EndpointMachine: Hashable, Sendable {
  package let name: String
  /// The highest fence seen, by an order or an observation.
  package internal(set) var fence: UInt64 = 0
  /// The fence of the order applied last: the same one again is a duplicate.
  package internal(set) var applied: UInt64?
  /// The journal whose orders it obeys; `nil` before the first one.
  package internal(set) var lineage: String?
  /// Since a rollback of last resort: no order is obeyed, whatever its fence, until a journal knows of it.
  package internal(set) var seal: Emergency?
  package internal(set) var stable: FleetMachine?
  package internal(set) var canary: CanaryFleet?
  package internal(set) var standby: StandbyFleet?
  /// On its way to replace stable, which serves meanwhile.
  package internal(set) var incoming: FleetMachine?
  /// Where a way back may lead.
  package internal(set) var served = ServedRevisions()
  /// Finishing what they have accepted.
  package internal(set) var retiring: [FleetMachine] = []

  let policy: SupervisionPolicy
  var nextFleet = 1

  package init(name: String, policy: SupervisionPolicy = SupervisionPolicy()) {
    self.name = name
    self.policy = policy
  }

  /// Every fleet that has or should have instances, ascending by number.
  package var fleets: [FleetMachine] {
    ([stable, canary?.fleet, standby?.fleet, incoming].compactMap { $0 } + retiring).sorted { $0.id < $1.id }
  }

  package func fleet(_ id: Int) -> FleetMachine? { fleets.first { $0.id == id } }

  package func role(of fleet: Int) -> VariantRole? {
    if stable?.id == fleet { return .stable }
    if canary?.fleet.id == fleet { return .canary }
    return standby?.fleet.id == fleet || incoming?.id == fleet ? .standby : nil
  }

  /// The name under which a fleet's requests are measured.
  package func title(of fleet: Int) -> String { "\(name)/\(fleet)" }
}

extension EndpointMachine {
  package mutating func receive(_ event: InstanceEvent, for id: InstanceID, at now: TimeSpan) -> [InstanceOrder] {
    withFleet(id.fleet) { $0.receive(event, number: id.number, at: now) } ?? []
  }

  /// Sets how many instances a fleet should have.
  package mutating func scale(_ fleet: Int, to count: Int) {
    _ = withFleet(fleet) { $0.scale(to: count) }
  }

  /// A guard of the canary that must take it back. It counts from the first shift on: before it there is no traffic to
  /// take away, and what a start-up costs says nothing about serving. A canary that cannot start says so as a failure.
  package mutating func trip(_ trip: GuardTrip) {
    switch canary?.grant {
    case .live, .lapsed: canary?.grant = .tripped(trip)
    case .some(.none), .tripped, nil: break
    }
  }

  /// Lets time pass: leases lapse, warm fleets expire, a restored fleet takes over, instances start and stop.
  package mutating func advance(to now: TimeSpan, wall: Timestamp) -> [InstanceOrder] {
    canary?.grant.advance(to: now)
    if let failure = canary?.fleet.failure { trip(GuardTrip(alarm: "model-server", reason: failure, at: wall)) }
    if let standby, standby.until <= now {
      retire(standby.fleet)
      self.standby = nil
    }
    if let incoming, incoming.desired > 0, incoming.readyCount >= incoming.desired {
      self.incoming = nil
      takeOver(incoming)
    }
    var orders: [InstanceOrder] = []
    for id in fleets.map(\.id) { orders += withFleet(id) { $0.advance(to: now) } ?? [] }
    retiring.removeAll(where: \.hasEnded)
    return orders
  }

  /// Stops every instance and starts none. What the endpoint should be is in its record, which this must not reach.
  package mutating func shutDown() {
    for fleet in [stable, canary?.fleet, standby?.fleet, incoming].compactMap({ $0 }) { retire(fleet) }
    stable = nil
    canary = nil
    standby = nil
    incoming = nil
  }

  /// All users go back to this fleet.
  mutating func takeOver(_ fleet: FleetMachine) {
    if let stable { retire(stable) }
    stable = fleet
    served.goBack(to: fleet.revision)
    if seal?.restored == fleet.revision.digest { seal?.isOnItsWay = nil }
  }

  mutating func retire(_ fleet: FleetMachine) {
    var fleet = fleet
    fleet.scale(to: 0)
    retiring.append(fleet)
  }

  mutating func makeFleet(_ revision: Revision, desired: Int) -> FleetMachine {
    defer { nextFleet += 1 }
    return FleetMachine(id: nextFleet, revision: revision, desired: desired, policy: policy)
  }

  private mutating func withFleet<Result>(_ id: Int, _ change: (inout FleetMachine) -> Result) -> Result? {
    if stable?.id == id { return change(&stable!) }
    if canary?.fleet.id == id { return change(&canary!.fleet) }
    if standby?.fleet.id == id { return change(&standby!.fleet) }
    if incoming?.id == id { return change(&incoming!) }
    guard let index = retiring.firstIndex(where: { $0.id == id }) else { return nil }
    return change(&retiring[index])
  }
}

/// Why an endpoint does not do what it was told.
package enum OrderRefusal: Error, Hashable, Sendable {
  /// A newer fence was seen: somebody else leads.
  case fenced(seen: UInt64)
  /// Somebody took the endpoint back by hand, and the journal has not said yet that it knows.
  case sealed(Emergency)
  /// The endpoint obeys another journal.
  case foreign
  /// The order's precondition does not hold, and waiting does not change that.
  case refused(String)
  /// Servers that the order needs are still starting: the same order may be given again.
  case notReady(String)
}

extension EndpointMachine {
  /// Shuts out every older order.
  package mutating func observe(fence: UInt64) throws(OrderRefusal) {
    try shutOut(below: fence)
    self.fence = fence
  }

  /// Keeps the canary's share for another lease; whether it is live afterwards. What has lapsed stays lapsed.
  package mutating func renew(fence: UInt64, at now: TimeSpan) throws(OrderRefusal) -> Bool {
    try shutOut(below: fence)
    guard let lease = canary?.fleet.revision.content.template.lease else { return false }
    return canary?.grant.renew(lease: lease, at: now) ?? false
  }

  /// Applies an order once. An order that is not applied still raises the fence, and one that has to wait still asks for
  /// the servers it waits for, so whoever keeps this endpoint keeps it after an error as well. Only a fenced order
  /// changes nothing.
  package mutating func perform(_ order: TargetOrder, fence: UInt64, at now: TimeSpan) throws(OrderRefusal) {
    try shutOut(below: fence)
    self.fence = fence
    guard fence != applied else { return }
    canary?.grant.advance(to: now)
    switch order {
    case .prepare(let revision): prepare(revision)
    case .shift(let share): try shift(to: share, at: now)
    case .promote(let digest, let keepWarm): try promote(digest, keepWarm: keepWarm, at: now)
    case .restore(let revision?):
      // Whatever a journal may say, there is a way back only to what users had here.
      guard served.isEmpty || served.contains(revision.digest) else {
        throw .refused(
          "\(name) never served \(revision.content.model.title) to all users, so it does not go back to it")
      }
      restore(revision)
    case .restore(nil): shutDown()
    }
    applied = fence
  }

  private func shutOut(below fence: UInt64) throws(OrderRefusal) {
    if let seal { throw .sealed(seal) }
    guard fence >= self.fence else { throw .fenced(seen: self.fence) }
  }

  /// As many servers as the revision asks for, and never fewer than stable has come to need.
  private func size(for revision: Revision) -> Int {
    max(revision.content.endpoint.instances, stable?.desired ?? 0)
  }

  private mutating func prepare(_ revision: Revision) {
    let size = size(for: revision)
    // The same canary prepared again, after a change of driver, is already on its way; a failed one starts afresh.
    if let canary, canary.fleet.revision.digest == revision.digest, canary.grant.trip == nil,
      canary.fleet.failure == nil
    {
      self.canary?.grant = .none
      self.canary?.fleet.scale(to: max(size, canary.fleet.desired))
      return
    }
    if let canary { retire(canary.fleet) }
    if let standby, standby.fleet.revision.digest == revision.digest {
      canary = CanaryFleet(fleet: standby.fleet)
      canary?.fleet.scale(to: size)
    } else {
      if let standby { retire(standby.fleet) }
      canary = CanaryFleet(fleet: makeFleet(revision, desired: size))
    }
    standby = nil
  }

  private mutating func shift(to share: Percent, at now: TimeSpan) throws(OrderRefusal) {
    guard let canary else { throw .refused("there is no canary to give \(share) to") }
    if let trip = canary.grant.trip {
      throw .refused("the canary was taken back by \(trip.alarm): \(trip.reason)")
    }
    // Stable may have grown since the canary was prepared, and its load is what the canary takes over.
    let desired = max(canary.fleet.desired, size(for: canary.fleet.revision))
    self.canary?.fleet.scale(to: desired)
    // Its part of the fleet must be there, or a few instances would drown in the share of many. After a restart of the
    // runtime, or of a server, they are on their way, which says nothing against the version.
    let needed = max(1, Int((share.fraction * Double(desired)).rounded(.up)))
    guard canary.fleet.readyCount >= needed else {
      throw .notReady("\(share) needs \(needed) ready canary instances, and \(canary.fleet.readyCount) are ready")
    }
    let lease = canary.fleet.revision.content.template.lease
    self.canary?.grant = .live(share, since: now, until: now + lease)
  }

  private mutating func promote(_ digest: Digest, keepWarm: TimeSpan, at now: TimeSpan) throws(OrderRefusal) {
    guard let canary, canary.fleet.revision.digest == digest else {
      throw .refused("revision \(digest.short) is not the canary")
    }
    if let trip = canary.grant.trip {
      throw .refused("the canary was taken back by \(trip.alarm): \(trip.reason)")
    }
    guard canary.grant.isLive else { throw .refused("the canary's lease has lapsed; it must bake again") }
    // While its servers start again stable answers for them, which nobody would do for servers of stable itself.
    let (ready, desired) = (canary.fleet.readyCount, canary.fleet.desired)
    guard ready >= max(1, desired) else {
      throw .notReady("a promotion needs \(max(1, desired)) ready canary instances, and \(ready) are ready")
    }
    if let standby { retire(standby.fleet) }
    standby = nil
    if let incoming { retire(incoming) }
    incoming = nil
    if let stable {
      if keepWarm > .zero {
        standby = StandbyFleet(fleet: stable, until: now + keepWarm)
      } else {
        retire(stable)
      }
    }
    stable = canary.fleet
    served.promote(canary.fleet.revision)
    self.canary = nil
  }

  mutating func restore(_ revision: Revision) {
    let size = size(for: revision)
    var candidate = takeFleet(of: revision.digest)
    if let canary { retire(canary.fleet) }
    canary = nil
    if let incoming { retire(incoming) }
    incoming = nil
    if let stable, stable.revision.digest == revision.digest {
      guard stable.isBroken else { return }
      return takeOver(makeFleet(revision, desired: size))
    }
    // What gave up is asked again with new servers: somebody may have mended what stopped them.
    if let broken = candidate, broken.isBroken {
      retire(broken)
      candidate = nil
    }
    var fleet = candidate ?? makeFleet(revision, desired: size)
    guard stable != nil else { return takeOver(fleet) }
    // A warm fleet takes over at once, as large as it is; the rest of it starts while it serves.
    if fleet.readyCount > 0 {
      fleet.scale(to: max(size, fleet.desired))
      takeOver(fleet)
    } else {
      fleet.scale(to: size)
      incoming = fleet
    }
  }

  /// A fleet of this revision that exists beside stable, removed from its place.
  private mutating func takeFleet(of digest: Digest) -> FleetMachine? {
    guard stable?.revision.digest != digest else { return nil }
    if let fleet = standby?.fleet, fleet.revision.digest == digest {
      standby = nil
      return fleet
    }
    if let fleet = incoming, fleet.revision.digest == digest {
      incoming = nil
      return fleet
    }
    if let fleet = canary?.fleet, fleet.revision.digest == digest {
      canary = nil
      return fleet
    }
    return nil
  }
}

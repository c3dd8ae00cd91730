/// What an endpoint must still know after its runtime was killed. The canary's share is not part of it: a share is a
/// lease, and no lease outlives the process that keeps it.
package struct EndpointRecord: Hashable, Codable, Sendable {
  package struct Fleet: Hashable, Codable, Sendable {
    package var revision: Revision
    package var desired: Int
  }

  package struct Standby: Hashable, Codable, Sendable {
    package var fleet: Fleet
    package var until: Timestamp
  }

  package var name: String
  package var fence: UInt64
  package var applied: UInt64?
  package var lineage: String?
  package var seal: Emergency?
  package var nextFleet: Int
  package var stable: Fleet?
  package var canary: Fleet?
  /// `false`: the canary was never given a share. A record that does not say may have had one.
  package var canaryHadShare: Bool?
  package var trip: GuardTrip?
  package var standby: Standby?
  package var incoming: Fleet?
  /// `nil`: kept before endpoints remembered it.
  package var served: ServedRevisions?
}

extension EndpointMachine {
  /// `now` and `wall` are the same moment: an expiry must be readable by a runtime whose own clock starts anew.
  package func record(at now: TimeSpan, wall: Timestamp) -> EndpointRecord {
    EndpointRecord(
      name: name, fence: fence, applied: applied, lineage: lineage, seal: seal, nextFleet: nextFleet,
      stable: stable.map(Self.record), canary: canary.map { Self.record($0.fleet) },
      canaryHadShare: canary.map { $0.grant != .none }, trip: canary?.grant.trip,
      standby: standby.map { EndpointRecord.Standby(fleet: Self.record($0.fleet), until: wall + ($0.until - now)) },
      incoming: incoming.map(Self.record), served: served.isEmpty ? nil : served)
  }

  private static func record(_ fleet: FleetMachine) -> EndpointRecord.Fleet {
    EndpointRecord.Fleet(revision: fleet.revision, desired: fleet.desired)
  }

  /// The endpoint as a new runtime takes it up: every fleet starts again, the canary has no share.
  package init(_ record: EndpointRecord, policy: SupervisionPolicy, at now: TimeSpan, wall: Timestamp) {
    self.init(name: record.name, policy: policy)
    fence = record.fence
    applied = record.applied
    lineage = record.lineage
    seal = record.seal
    nextFleet = record.nextFleet
    served = record.served ?? Self.served(in: record)
    stable = record.stable.map { makeFleet($0.revision, desired: $0.desired) }
    let grant = record.trip.map(CanaryGrant.tripped) ?? (record.canaryHadShare == false ? .none : .lapsed)
    canary = record.canary.map {
      CanaryFleet(fleet: makeFleet($0.revision, desired: $0.desired), grant: grant)
    }
    incoming = record.incoming.map { makeFleet($0.revision, desired: $0.desired) }
    // A wall clock that was set back must not keep a fleet warm for ever.
    if let warm = record.standby, warm.until > wall {
      let rest = min(warm.until - wall, Self.warmMax)
      standby = StandbyFleet(fleet: makeFleet(warm.fleet.revision, desired: warm.fleet.desired), until: now + rest)
    }
  }

  /// What a record from before endpoints remembered must have served: the standby before stable.
  private static func served(in record: EndpointRecord) -> ServedRevisions {
    var served = ServedRevisions()
    for fleet in [record.incoming, record.standby?.fleet, record.stable].compactMap({ $0 }) {
      served.promote(fleet.revision)
    }
    return served
  }

  static let warmMax = TimeSpan.hours(24 * 7)
}

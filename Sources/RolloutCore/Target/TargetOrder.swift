/// One order to a target about one endpoint. A target accepts an order or refuses it, at once; whether its
/// post-condition holds is seen by observing. Every order carries a fence (the sequence number of the journal event
/// that announced it): a target refuses a fence below the highest it has seen for the endpoint and treats the same
/// fence as a duplicate of an order it already has.
package enum TargetOrder: Hashable, Codable, Sendable {
  /// Start a canary fleet of this revision, without traffic. The fleet is as large as stable's is now, at least
  /// `revision.content.endpoint.instances`. Replaces any other canary. Ends a standby fleet of another revision.
  case prepare(Revision)
  /// Give the canary this share for as long as its lease is renewed. Restarts its bake clock. Needs a ready canary.
  case shift(Percent)
  /// The canary becomes stable, atomically; refused unless the canary is this revision and its lease is live, and not yet
  /// possible while servers of it are missing. The old stable stays warm as standby for `keepWarm`.
  case promote(Digest, keepWarm: TimeSpan)
  /// All traffic to this revision, at once if it is stable or standby, else as soon as it is ready (stable serves
  /// meanwhile); the canary is drained and stopped. Refused for a revision that never served all users of this endpoint.
  /// `nil`: the endpoint had no revision before; nothing serves.
  case restore(Revision?)
}

/// What a target says about one endpoint at one moment, by its own clock.
package struct EndpointObservation: Hashable, Codable, Sendable {
  /// Highest fence the target has accepted for this endpoint.
  package var fence: UInt64
  package var stable: FleetObservation?
  package var canary: CanaryObservation?
  package var standby: FleetObservation?
  /// The journal whose orders it obeys; `nil` before the first one, or where the target cannot tell.
  package var lineage: String?
  /// The rollback of last resort after which it obeys nobody until the journal knows.
  package var seal: Emergency?

  package init(
    fence: UInt64, stable: FleetObservation? = nil, canary: CanaryObservation? = nil,
    standby: FleetObservation? = nil, lineage: String? = nil, seal: Emergency? = nil
  ) {
    self.fence = fence
    self.stable = stable
    self.canary = canary
    self.standby = standby
    self.lineage = lineage
    self.seal = seal
  }
}

/// The instances that serve one revision.
package struct FleetObservation: Hashable, Codable, Sendable {
  package var revision: Digest
  package var model: DeployedModel
  package var desired: Int
  package var ready: Int
  package var alarms: [AlarmReading]
  package var traffic: TrafficReading
  /// Why the fleet cannot become ready (crash loop, never healthy, digest mismatch), with the last lines it printed.
  package var failure: String?
  /// What is being done to it, in the target's own words: `Baking for 600 seconds …`.
  package var activity: String?

  package init(
    revision: Digest, model: DeployedModel, desired: Int, ready: Int, alarms: [AlarmReading] = [],
    traffic: TrafficReading = TrafficReading(), failure: String? = nil, activity: String? = nil
  ) {
    self.revision = revision
    self.model = model
    self.desired = desired
    self.ready = ready
    self.alarms = alarms
    self.traffic = traffic
    self.failure = failure
    self.activity = activity
  }
}

package struct CanaryObservation: Hashable, Codable, Sendable {
  package var fleet: FleetObservation
  /// The share it has now: what was ordered, or none once its lease has lapsed or a guard has tripped.
  package var share: Percent
  package var leaseIsLive: Bool
  /// Time at this share since the shift, lease live throughout, by the target's clock.
  package var baked: TimeSpan
  /// The alarm that took its traffic away. Stays until the canary is replaced.
  package var trip: GuardTrip?
  /// Until the share lapses unless somebody renews it; `nil` without a share.
  package var leaseLeft: TimeSpan?

  package init(
    fleet: FleetObservation, share: Percent, leaseIsLive: Bool, baked: TimeSpan, trip: GuardTrip? = nil,
    leaseLeft: TimeSpan? = nil
  ) {
    self.fleet = fleet
    self.share = share
    self.leaseIsLive = leaseIsLive
    self.baked = baked
    self.trip = trip
    self.leaseLeft = leaseLeft
  }
}

package struct GuardTrip: Hashable, Codable, Sendable {
  package var alarm: String
  /// `InvocationModelErrors Sum over 5m was 14 (> 5)`.
  package var reason: String
  package var at: Timestamp

  package init(alarm: String, reason: String, at: Timestamp) {
    self.alarm = alarm
    self.reason = reason
    self.at = at
  }
}

package struct AlarmReading: Hashable, Codable, Sendable {
  package enum State: String, Hashable, Codable, Sendable {
    case ok = "OK"
    case alarm = "ALARM"
    case insufficientData = "INSUFFICIENT_DATA"
  }

  package var name: String
  package var state: State
  /// The newest datapoint, in the metric's unit.
  package var value: Double?

  package init(name: String, state: State, value: Double? = nil) {
    self.name = name
    self.state = state
    self.value = value
  }
}

/// What one variant did since its fleet first had traffic (totals) and in the last minute (the rest).
package struct TrafficReading: Hashable, Codable, Sendable {
  package var requests: Int64
  /// Requests that the variant answered with an error, whoever saw it.
  package var errors: Int64
  /// Errors that reached a user.
  package var userErrors: Int64
  package var requestsPerMinute: Double
  package var errorRate: Double
  /// Milliseconds; `nil` without traffic.
  package var latencyP50: Double?
  package var latencyP99: Double?
  package var cpuPercent: Double?

  package init(
    requests: Int64 = 0, errors: Int64 = 0, userErrors: Int64 = 0, requestsPerMinute: Double = 0,
    errorRate: Double = 0, latencyP50: Double? = nil, latencyP99: Double? = nil, cpuPercent: Double? = nil
  ) {
    self.requests = requests
    self.errors = errors
    self.userErrors = userErrors
    self.requestsPerMinute = requestsPerMinute
    self.errorRate = errorRate
    self.latencyP50 = latencyP50
    self.latencyP99 = latencyP99
    self.cpuPercent = cpuPercent
  }
}

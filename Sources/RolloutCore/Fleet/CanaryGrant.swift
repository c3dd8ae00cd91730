/// The canary's right to a share of the traffic. It ends by itself: only a new shift gives it again.
package enum CanaryGrant: Hashable, Sendable {
  /// No share was ever ordered.
  case none
  /// `since`: the shift that gave this share. `until`: when it lapses unless it is renewed.
  case live(Percent, since: TimeSpan, until: TimeSpan)
  case lapsed
  /// A guard took it away; it stays away until the canary is replaced.
  case tripped(GuardTrip)

  package var share: Percent { if case .live(let share, _, _) = self { share } else { .none } }
  package var isLive: Bool { if case .live = self { true } else { false } }
  package var trip: GuardTrip? { if case .tripped(let trip) = self { trip } else { nil } }

  /// Time at this share, lease live throughout.
  package func baked(at now: TimeSpan) -> TimeSpan {
    if case .live(_, let since, _) = self { now - since } else { .zero }
  }

  /// When it lapses unless it is renewed.
  package var until: TimeSpan? { if case .live(_, _, let until) = self { until } else { nil } }

  package func left(at now: TimeSpan) -> TimeSpan? {
    if case .live(_, _, let until) = self { max(.zero, until - now) } else { nil }
  }

  package mutating func advance(to now: TimeSpan) {
    if case .live(_, _, let until) = self, until <= now { self = .lapsed }
  }

  /// Whether it is live afterwards.
  package mutating func renew(lease: TimeSpan, at now: TimeSpan) -> Bool {
    advance(to: now)
    guard case .live(let share, let since, _) = self else { return false }
    self = .live(share, since: since, until: now + lease)
    return true
  }
}

package struct CanaryFleet: Hashable, Sendable {
  package var fleet: FleetMachine
  package var grant: CanaryGrant

  package init(fleet: FleetMachine, grant: CanaryGrant = .none) {
    self.fleet = fleet
    self.grant = grant
  }
}

/// The old stable, kept running so that a rollback needs no start-up.
package struct StandbyFleet: Hashable, Sendable {
  package var fleet: FleetMachine
  package var until: TimeSpan

  package init(fleet: FleetMachine, until: TimeSpan) {
    self.fleet = fleet
    self.until = until
  }
}

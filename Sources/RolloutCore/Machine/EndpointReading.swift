/// What decisions need of an endpoint's observation.
package struct EndpointReading: Hashable, Sendable {
  package struct Stable: Hashable, Sendable {
    package var revision: Token
    /// At least one instance is ready.
    package var serves: Bool
    /// None is ready, and none will be by itself.
    package var hasFailed: Bool

    package init(revision: Token, serves: Bool, hasFailed: Bool = false) {
      self.revision = revision
      self.serves = serves
      self.hasFailed = hasFailed
    }
  }

  package struct Canary: Hashable, Sendable {
    package var revision: Token
    package var share: Percent
    package var leaseIsLive: Bool
    /// Time at this share since the shift, lease live throughout, by the target's clock.
    package var baked: TimeSpan
    /// Fewer instances are ready than are wanted.
    package var isShort: Bool
    /// At least one is wanted and all that are wanted are ready.
    package var isComplete: Bool
    package var isTripped: Bool
    package var hasFailed: Bool

    package init(
      revision: Token, share: Percent, leaseIsLive: Bool, baked: TimeSpan, isShort: Bool, isComplete: Bool,
      isTripped: Bool, hasFailed: Bool
    ) {
      self.revision = revision
      self.share = share
      self.leaseIsLive = leaseIsLive
      self.baked = baked
      self.isShort = isShort
      self.isComplete = isComplete
      self.isTripped = isTripped
      self.hasFailed = hasFailed
    }
  }

  package struct Standby: Hashable, Sendable {
    package var revision: Token
    package var hasFailed: Bool

    package init(revision: Token, hasFailed: Bool) {
      self.revision = revision
      self.hasFailed = hasFailed
    }
  }

  package var stable: Stable?
  package var canary: Canary?
  package var standby: Standby?

  package init(stable: Stable? = nil, canary: Canary? = nil, standby: Standby? = nil) {
    self.stable = stable
    self.canary = canary
    self.standby = standby
  }
}

extension EndpointReading {
  package init(_ observation: EndpointObservation) {
    stable = observation.stable.map {
      Stable(revision: Token($0.revision), serves: $0.ready > 0, hasFailed: $0.ready == 0 && $0.failure != nil)
    }
    canary = observation.canary.map { canary in
      let fleet = canary.fleet
      return Canary(
        revision: Token(fleet.revision), share: canary.share, leaseIsLive: canary.leaseIsLive, baked: canary.baked,
        isShort: fleet.ready < fleet.desired, isComplete: fleet.desired > 0 && fleet.ready >= fleet.desired,
        isTripped: canary.trip != nil, hasFailed: fleet.failure != nil)
    }
    standby = observation.standby.map { Standby(revision: Token($0.revision), hasFailed: $0.failure != nil) }
  }

  /// Whether a step of a rollout is done, judged only by what the target shows.
  package func satisfies(_ step: Course.Step, in stage: Course.Stage) -> Bool {
    switch step {
    case .prepare:
      guard let canary, !canary.isTripped else { return false }
      return canary.revision == stage.revision && canary.isComplete && !canary.hasFailed
    case .shift(let share):
      guard let canary, !canary.isTripped else { return false }
      return canary.revision == stage.revision && canary.share == share && canary.leaseIsLive
    case .promote: return stable?.revision == stage.revision && canary == nil
    case .verify, .approve, .smoke, .bake: return false
    }
  }

  /// The revision to go back to is there or on its way, and its servers have given up.
  package func hasFailed(toRestore base: Token?) -> Bool {
    guard let base else { return false }
    if let standby, standby.revision == base, standby.hasFailed { return true }
    return stable?.revision == base && stable?.hasFailed == true
  }

  /// Users are on the revision before, or nothing serves where there was none, and the canary is gone.
  package func isRestored(to base: Token?) -> Bool {
    canary == nil && stable?.revision == base && stable?.serves ?? true
  }
}

package import RolloutCore

extension StatusView {
  /// Everything `rollout status` looked at, at one moment.
  package struct Input: Sendable {
    package var service: String
    /// Environments in the order of the pipeline.
    package var stages: [String]
    package var state: LaneState
    /// By environment; no entry where nothing was deployed or nothing answered.
    package var observations: [String: EndpointObservation]
    /// Where users reach the local runtime; `nil` when it does not run.
    package var runtimeAddress: String?
    /// Whether whoever leads was heard of lately.
    package var leaseIsLive: Bool
    /// Until the lease lapses unless it is renewed, by the journal's clock.
    package var leaseLeft: TimeSpan?
    /// Whether the process that took the lease still runs.
    package var holderLives: Bool?
    /// By environment; see `LiveSince.all(in:)`.
    package var liveSince: [String: LiveSince]
    package var now: Timestamp

    package init(
      service: String, stages: [String], state: LaneState, observations: [String: EndpointObservation],
      runtimeAddress: String?, leaseIsLive: Bool, leaseLeft: TimeSpan? = nil, holderLives: Bool? = nil,
      liveSince: [String: LiveSince] = [:], now: Timestamp
    ) {
      self.service = service
      self.stages = stages
      self.state = state
      self.observations = observations
      self.runtimeAddress = runtimeAddress
      self.leaseIsLive = leaseIsLive
      self.leaseLeft = leaseLeft
      self.holderLives = holderLives
      self.liveSince = liveSince
      self.now = now
    }

    /// Environments in the order of the pipeline, and after them those that were taken out of it and are still live.
    package var places: [String] {
      stages + state.environments.filter { $0.value.live != nil && !stages.contains($0.key) }.keys.sorted()
    }

    /// Endpoints that were taken back by hand and obey nobody until the journal knows.
    var seals: [Emergency] { observations.values.compactMap(\.seal).sorted { $0.endpoint < $1.endpoint } }

    /// What the rollout under way is doing.
    var standing: Standing? {
      state.liveRollout.map { Standing($0, observations[$0.stage.environment], now: now) }
    }
  }
}

/// Since when, and through which rollout, an environment's live revision has been live.
package struct LiveSince: Hashable, Sendable {
  package var rollout: String
  package var at: Timestamp

  package init(rollout: String, at: Timestamp) {
    self.rollout = rollout
    self.at = at
  }

  /// By environment, read off a whole journal.
  package static func all(in entries: [Entry]) -> [String: LiveSince] {
    var found: [String: LiveSince] = [:]
    var state = LaneState()
    for entry in entries {
      let before = state.environments
      do {
        try state.apply(entry)
      } catch {
        // The journal checks admission before it stores and after it reads.
        preconditionFailure("entry \(entry.sequence) is inadmissible: \(error)")
      }
      var cause = state.rollout?.id
      if case .emergencyReverted(let emergency) = entry.event { cause = emergency.id }
      if case .revisionAdopted = entry.event { cause = "adopted" }
      guard let cause else { continue }
      for (name, environment) in state.environments where environment.path != before[name]?.path {
        found[name] = LiveSince(rollout: cause, at: entry.at)
      }
    }
    return found
  }
}

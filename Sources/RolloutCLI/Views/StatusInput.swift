package import RolloutCore
package import RolloutEngine

extension StatusView {
  /// Everything `rollout status` looked at, at one moment.
  package struct Input: Sendable {
    package var service: String
    /// Environments in the order of the pipeline.
    package var stages: [String]
    package var state: LaneState
    /// By environment; no entry where nothing was deployed or nothing answered.
    package var observations: [String: EndpointObservation]
    /// By environment: why nothing could be seen of it, although something should.
    package var unseen: [String: String]
    /// Where users reach the local runtime; `nil` when it does not run.
    package var runtimeAddress: String?
    /// Something of the service runs on this machine.
    package var needsRuntime: Bool
    /// What was seen of whoever leads.
    package var lease: LeaseLook
    package var now: Timestamp

    package init(
      service: String, stages: [String], state: LaneState, observations: [String: EndpointObservation],
      unseen: [String: String] = [:],
      runtimeAddress: String?, needsRuntime: Bool = true, lease: LeaseLook, now: Timestamp
    ) {
      self.service = service
      self.stages = stages
      self.state = state
      self.observations = observations
      self.unseen = unseen
      self.runtimeAddress = runtimeAddress
      self.needsRuntime = needsRuntime
      self.lease = lease
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

extension Plan {
  /// What has moved since the plan was made; empty means that it may be applied.
  package func staleness(
    lane: LaneState, world: [String: EndpointObservation], packages: [ModelPackage]
  ) -> [String] {
    var reasons: [String] = []
    if let lineage = base.lineage, lineage != lane.lineage {
      reasons.append("it was made against another journal")
    }
    if lane.rolloutsStarted != base.rolloutsStarted {
      let count = lane.rolloutsStarted - base.rolloutsStarted
      reasons.append("\(abs(count)) other rollout\(abs(count) == 1 ? "" : "s") ran since it was made")
    }
    for stage in base.stages {
      // Where no target answered, the plan took the journal's word for what serves.
      let expected = stage.targetAnswered ? stage.serving : stage.live
      if let world = world[stage.endpoint], world.stable?.revision != expected {
        reasons.append("\(stage.endpoint) serves something else now")
      }
      if lane.environments[stage.environment]?.live?.revision.digest != stage.live {
        reasons.append("another revision is live in \(stage.environment) now")
      }
      let package = packages.first { $0.version == stage.modelVersion }
      if package?.digest != stage.model {
        reasons.append("version \(stage.modelVersion) is not in the registry any more as it was")
      } else if let package, package.approval.status != .approved {
        reasons.append("version \(stage.modelVersion) is \(package.approval.status.rawValue) now")
      }
    }
    return reasons.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

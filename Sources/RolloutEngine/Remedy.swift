package import RolloutCore

/// Something a person may type about a rollout that cannot go on alone, and what for.
package struct Remedy: Hashable, Sendable {
  package var command: String
  package var purpose: String
}

extension RolloutState {
  /// What to do about a rollout that is quarantined, in this order; nothing about any other.
  package var remedies: [Remedy] {
    guard isQuarantined else { return [] }
    let environment = stage.environment
    return [
      Remedy(command: "rollout show \(id)", purpose: "see why"),
      Remedy(command: "rollout resume \(id)", purpose: "once that is mended: try again to take it back"),
      Remedy(command: "rollout rollback \(environment)", purpose: "or go over it, to the last good revision"),
      Remedy(
        command: "rollout rollback \(environment) --to N",
        purpose: "or to another one that was live, numbered as `rollout status` numbers it"),
      Remedy(
        command: "rollout rollback \(environment) --emergency",
        purpose: "if users suffer meanwhile: straight at the runtime"),
    ]
  }
}

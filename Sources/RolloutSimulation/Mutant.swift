/// A bug that somebody shipped, built into the simulated world or round a driver: a simulator that stops finding one of
/// these is broken.
package enum Mutant: String, CaseIterable, Sendable {
  /// Kubernetes leases: the target takes orders from whoever sends them.
  case noFencing
  /// A new driver takes a step that another one announced for done.
  case takeoverTrustsStartedStep
  /// Spinnaker #7921: the last writer wins.
  case journalWithoutVersions
  case approvalNotBoundToEvidence
  /// Argo Rollouts #4461.
  case abortIgnoredWhilePromoting
  /// Litestream: fencing tokens start again after a release.
  case tokensRestart
  case promotesLapsedCanary
  /// Argo Rollouts, Flagger: nothing takes the canary's share away when its controller dies.
  case canaryOutlivesDriver
  case effectBeforeIntent
  /// Terraform's SageMaker provider: an order that was accepted is taken for done.
  case trustsStatus
  case duplicateApplied
  case renewsWithoutReading
  /// Terraform: a lock that never expires.
  case lockNeverExpires
  /// SlateDB RFC 0026: a stalled writer creates a key that compaction had deleted.
  case compactionDeletesKeys
  case unknownTakenAsCommitted
  /// Whoever took users back by hand is not waited for.
  case sealIgnored
  /// OpenTofu #4405: the answer to one's own repeated write is taken for somebody else's.
  case ownConflictTakenAsForeign

  // Built round the product's endpoint: its runtime, and the record it starts again from.
  case shareSurvivesRestart
  case answersBeforeSaving
  case restartForgetsFence, restartForgetsSeal, restartForgetsTrip, restartForgetsWayBack
  /// Our own: every canary was taken for one that had had users.
  case restartTakesCanaryForUsed
  /// A process counts as a server that answers.
  case trustsStartedServers
  /// Room is made before what takes over is there.
  case stopsOldServersFirst
  case emergencyWaits
  /// The canary's share is shown to users before stable's smaller one is.
  case publishesInParts

  /// Where it is looked for.
  package var endpoint: EndpointKind {
    switch self {
    case .shareSurvivesRestart, .answersBeforeSaving, .restartForgetsFence, .restartForgetsSeal, .restartForgetsTrip,
      .restartForgetsWayBack, .restartTakesCanaryForUsed, .trustsStartedServers, .stopsOldServersFirst, .emergencyWaits,
      .publishesInParts:
      .machine
    default: .contract
    }
  }

  /// Whether there is a place for it: a stand-in has no runtime.
  package func isPossible(on kind: EndpointKind) -> Bool { kind == .machine || endpoint == .contract }
}

/// What a run must never show; the numbers are those of the engine's list of invariants.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
  package var invariant: Int
  package var text: String
  package var description: String { "invariant \(invariant): \(text)" }
  /// A rule of form, which could be broken without anybody being hurt yet.
  var isStructural: Bool { [1, 2, 4, 6, 7, 8, 9, 30].contains(invariant) }
}

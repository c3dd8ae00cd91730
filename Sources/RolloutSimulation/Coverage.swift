/// Things that must happen sometimes: a simulation in which one of them never does proves less than it seems to.
package enum Sight: Int, CaseIterable, Sendable {
  case crash, crashWhileUnwinding, pause, pauseBeyondLease, takeover, preemption, superseded, foundDone, raceLost
  case conflict, unknownPresent, unknownAbsent, unknownForeign, unreadable
  case lostMessage, lateMessage, lateMessageFenced, duplicateIgnored, emptyPromise, throttled, fenced, refused
  case slowFleet, brokenFleet, lapse, ladderAgain, lapsedTooOften, alarm, proofFailed
  case abortAtGate, abortInBake, abortWhilePromoting, turnAskedAgain, fireAndForget, denial, revocation, staleApproval,
    gateExpired
  case hold, skippedBake, quarantine, resolved, secondRollout, idleRollback, twoStages, firstDeployment
  case emergency, emergencyAtStandby, emergencyWhileTurning, emergencyWhenIdle, sealed, reconcilerDied, halfDone
  case promoted, rolledBack, failed, rejected

  // Of the product's endpoint.
  case runtimeCrash, crashBeforeSave, crashBeforeAnswer, unreachable, wallClockSet, notKept, emergencyNotKept,
    restartNotKept
  case restartWhileIncoming, restartWithShare, restartWhenTripped, restartWithStandby, restartUnderSeal
  case standbyExpired, expiredBeforeRollback, restoredWarm, restoredCold, incomingArrived, incomingFailed
  case prepareWhileIncoming, restoreWhileIncoming, emergencyWhileIncoming, emergencyCold, emergencyRefused
  case serverCrash, serverHung, launchFailed, neverHealthy, scaled

  /// Needs tens of thousands of runs to be seen.
  package var isRare: Bool {
    switch self {
    case .prepareWhileIncoming, .emergencyNotKept, .emergencyWhileIncoming, .emergencyCold, .emergencyRefused,
      .restartWhileIncoming:
      true
    default: false
    }
  }

  /// Those that a world without the product's endpoint never shows, and those that only a stand-in does.
  package func isPossible(on kind: EndpointKind) -> Bool {
    switch kind {
    case .contract: rawValue < Sight.runtimeCrash.rawValue
    case .machine: self != .halfDone && self != .slowFleet && self != .brokenFleet
    }
  }
}

package struct Coverage: Sendable {
  /// In place: it is counted at every turn.
  private var counts = InlineArray<96, Int>(repeating: 0)

  mutating func saw(_ sight: Sight) { counts[sight.rawValue] += 1 }
  package subscript(sight: Sight) -> Int { counts[sight.rawValue] }

  package mutating func add(_ other: Coverage) {
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  package init() {}
}

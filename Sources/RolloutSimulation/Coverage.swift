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
}

package struct Coverage: Sendable {
  /// In place: it is counted at every turn.
  private var counts = InlineArray<64, Int>(repeating: 0)

  mutating func saw(_ sight: Sight) { counts[sight.rawValue] += 1 }
  package subscript(sight: Sight) -> Int { counts[sight.rawValue] }
  package var missing: [Sight] { Sight.allCases.filter { self[$0] == 0 } }

  package mutating func add(_ other: Coverage) {
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  package init() {}
}

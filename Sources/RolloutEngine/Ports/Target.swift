package import RolloutCore

/// What executes guarded deployments. Endpoints are named; orders about one endpoint are serialised by their fences.
package protocol Target: Sendable {
  /// The endpoint as it is now; with a fence, a linearizable read that also raises the endpoint's fence, so that no
  /// older order can still be accepted afterwards. An endpoint nobody ordered anything for has no fleets and fence 0.
  func observe(_ endpoint: String, fence: UInt64?) async throws(TargetError) -> EndpointObservation

  /// Hands over an order. Returns when the target has durably accepted it.
  func perform(_ order: TargetOrder, on endpoint: String, fence: UInt64) async throws(TargetError)

  /// Keeps the canary's share for another lease. A lapsed share is not revived; returns whether it is live.
  func renew(_ endpoint: String, fence: UInt64) async throws(TargetError) -> Bool

  /// Breaks the seal of a rollback of last resort, in the name of the journal entry that records it: from then on that
  /// entry's fence shuts out everything older. An endpoint without a seal only takes the fence.
  func unseal(_ endpoint: String, emergency id: String, fence: UInt64) async throws(TargetError)
}

/// Why a target did not do, or may not have done, what it was told.
package struct TargetError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Codable, Sendable {
    /// A newer fence was seen: somebody else leads.
    case fenced
    /// Somebody took the endpoint back by hand: it obeys nobody until the journal knows of that.
    case sealed
    /// The order's precondition does not hold, and waiting does not change that: promote without a live canary, shift
    /// to one that is not there or was taken back.
    case refused
    /// Not yet: busy, or the canary's servers are still starting. The same order may be sent again.
    case throttled
    /// No answer: it may have happened.
    case ambiguous
    /// Certainly nothing happened: no connection, an order it cannot read, no disk space.
    case failed
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { "\(code.rawValue): \(message)" }
}

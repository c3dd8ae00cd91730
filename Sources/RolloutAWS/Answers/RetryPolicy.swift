package import RolloutCore

/// Whether and when a request that failed is sent again. A value: time and chance are arguments.
///
/// The figures are those of botocore's standard mode (three attempts, full jitter up to 20 s, a budget of 500 that a
/// retry draws on), so that a fleet of clients behaves as AWS expects; the differences are said where they are.
package struct RetryPolicy: Hashable, Sendable {
  package enum Verdict: Hashable, Sendable {
    case again(after: TimeSpan)
    /// As before, once the clock was set by the answer's `Date`.
    case againByServerTime
    /// As before, with credentials that were asked for anew.
    case againWithNewCredentials
    case giveUp
  }

  /// One try of a request, when it failed.
  package struct Attempt: Hashable, Sendable {
    /// From 1.
    package var number: Int
    package var signedAt: Timestamp
    /// Each of the two mends is tried once for a request, and costs nothing.
    package var mended: Set<AWSFailure.Mend>
    package var isRepeatable: Bool

    package init(
      _ number: Int, signedAt: Timestamp, mended: Set<AWSFailure.Mend> = [], isRepeatable: Bool = true
    ) {
      self.number = number
      self.signedAt = signedAt
      self.mended = mended
      self.isRepeatable = isRepeatable
    }
  }

  package static let attemptsMax = 3
  package static let backoffMax = TimeSpan.seconds(20)

  /// What is left of the budget that all requests of a client share.
  package private(set) var tokens = Self.tokensMax
  private static let tokensMax = 500
  private static let cost = 5
  private static let costOfTimeout = 10

  package init() {}

  /// `chance` is in 0..<1.
  package mutating func verdict(on failure: AWSFailure, _ attempt: Attempt, chance: Double) -> Verdict {
    if let mend = failure.mend(signedAt: attempt.signedAt), !attempt.mended.contains(mend) {
      return mend == .clock ? .againByServerTime : .againWithNewCredentials
    }
    guard failure.mayBeSentAgain(isRepeatable: attempt.isRepeatable), attempt.number < Self.attemptsMax else {
      return .giveUp
    }
    let cost = failure.isTimeout ? Self.costOfTimeout : Self.cost
    guard tokens >= cost else { return .giveUp }
    tokens -= cost
    if let asked = failure.refusal?.retryAfter { return .again(after: min(max(asked, .zero), Self.backoffMax)) }
    let longest = min(TimeSpan.seconds(1 << Int64(attempt.number - 1)), Self.backoffMax)
    return .again(after: .milliseconds(Int64(chance * Double(longest.milliseconds))))
  }

  /// A request that went well gives back what its last retry drew.
  package mutating func succeeded(afterRetryOf failure: AWSFailure?) {
    let refund = failure.map { $0.isTimeout ? Self.costOfTimeout : Self.cost } ?? 1
    tokens = min(Self.tokensMax, tokens + refund)
  }
}

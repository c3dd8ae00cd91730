import RolloutCore

/// Why a request to AWS was not answered as asked.
package enum AWSFailure: Error, Hashable, Sendable {
  /// Certainly nothing was sent.
  case unreachable(String)
  /// Sent, and not answered: it may have been obeyed.
  case noAnswer(String, isTimeout: Bool)
  case refused(AWSRefusal)
  /// Answered as if it had been obeyed, in words that mean nothing.
  case unreadable(String)
  /// Nobody to sign as; nothing was sent.
  case noCredentials(String, help: String?)

  /// What must be put right before the same request is worth sending again.
  package enum Mend: Hashable, Sendable { case clock, credentials }
}

extension AWSFailure {
  package var refusal: AWSRefusal? { if case .refused(let refusal) = self { refusal } else { nil } }

  package var isTimeout: Bool { if case .noAnswer(_, true) = self { true } else { false } }

  /// Whether the other end may have done what it was asked to.
  package var mayHaveHappened: Bool {
    switch self {
    case .unreachable, .noCredentials: false
    case .noAnswer, .unreadable: true
    case .refused(let refusal): refusal.isBreakdown
    }
  }

  /// `signedAt`: the moment that the request claimed to be signed at.
  func mend(signedAt: Timestamp) -> Mend? {
    guard let refusal else { return nil }
    if Self.expiryCodes.contains(refusal.code) { return .credentials }
    guard Self.skewCodes.contains(refusal.code), let time = refusal.serverTime else { return nil }
    // A wrong key is refused in the same words as a wrong clock, and a right clock cannot be mended.
    let off = (time - signedAt).milliseconds.magnitude
    return off > UInt64(Self.skewMin.milliseconds) ? .clock : nil
  }

  /// The trouble may be over in a moment, and a second request does no harm that the first could not have done.
  /// `isRepeatable`: the same request twice is as good as once.
  func mayBeSentAgain(isRepeatable: Bool) -> Bool {
    switch self {
    case .unreachable: true
    case .noAnswer: isRepeatable
    case .refused(let refusal):
      Self.throttlingCodes.contains(refusal.code) || Self.contestCodes.contains(refusal.code)
        || refusal.status == 429 && refusal.code.hasPrefix("HTTP")
        || isRepeatable && (refusal.isBreakdown || Self.passingCodes.contains(refusal.code))
    case .unreadable, .noCredentials: false
    }
  }

  /// Asked too often, by AWS's word rather than by whoever stands behind it.
  var isThrottling: Bool { refusal.map { Self.throttlingCodes.contains($0.code) } ?? false }

  private static let skewMin = TimeSpan.minutes(2)
  private static let skewCodes: Set = [
    "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException",
    "SignatureDoesNotMatch",
  ]
  private static let expiryCodes: Set = ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]
  private static let passingCodes: Set = [
    "RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "IDPCommunicationError",
  ]
  /// Others were writing the same object of S3; nothing happened.
  private static let contestCodes: Set = ["ConditionalRequestConflict", "OperationAborted"]
  /// Without `LimitExceededException`, which botocore repeats: it is a quota, and asking again does not raise it.
  private static let throttlingCodes: Set = [
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
    "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
    "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "EC2ThrottledException",
  ]
}

extension AWSFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreachable(let reason), .noAnswer(let reason, _), .unreadable(let reason), .noCredentials(let reason, _):
      reason
    case .refused(let refusal): "\(refusal)"
    }
  }
}

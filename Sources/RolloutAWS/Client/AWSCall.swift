package import RolloutCore

/// One operation of a service, asked for once or until it is answered.
package struct AWSCall: Hashable, Sendable {
  package var service: AWSService
  /// As policies name it: `sagemaker:ListModelPackages`.
  package var action: String
  package var method: String
  /// Not percent-encoded.
  package var path: String
  package var query: [AWSRequest.Field]
  package var headers: [AWSRequest.Field]
  package var body: [UInt8]
  /// The same request twice is as good as once; what may have happened is otherwise looked at before it is sent again.
  package var isRepeatable: Bool
  /// Proves who asks by what stands in it.
  package var isUnsigned: Bool
  /// In front of the service's host: `bucket`.
  package var subdomain: String?
  package var timeout: TimeSpan

  package init(
    _ service: AWSService, _ action: String, method: String = "POST", path: String = "/",
    query: [AWSRequest.Field] = [], headers: [AWSRequest.Field] = [], body: [UInt8] = [], isRepeatable: Bool = true,
    isUnsigned: Bool = false, subdomain: String? = nil, timeout: TimeSpan = .seconds(30)
  ) {
    self.service = service
    self.action = action
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.isRepeatable = isRepeatable
    self.isUnsigned = isUnsigned
    self.subdomain = subdomain
    self.timeout = timeout
  }
}

/// What came back. Header names are lower-case.
package struct AWSAnswer: Hashable, Sendable {
  package var status: Int
  package var headers: [String: String]
  package var body: [UInt8]
  /// From the start of the transfer to the last byte.
  package var elapsed = Duration.zero

  /// What it says, if it says no.
  var refusal: AWSRefusal? {
    (200..<300).contains(status) ? nil : AWSRefusal(status: status, headers: headers, body: body)
  }
}

/// Why an operation was not done, in words for whoever asked for it.
package struct AWSError: Error, Hashable, Sendable, CustomStringConvertible {
  package var action: String
  package var region: String
  package var host: String
  package var failure: AWSFailure

  package var description: String {
    switch failure {
    case .refused(let refusal): "AWS refused \(action) in \(region): \(refusal)"
    case .noCredentials(let reason, _): reason
    case .unreachable(let reason): "\(action) could not be asked for: \(reason)"
    case .noAnswer(let reason, _): "\(action) was not answered: \(reason)"
    case .unreadable(let reason): "the answer of \(host) to \(action) cannot be read: \(reason)"
    }
  }

  package var help: String? {
    switch failure {
    case .noCredentials(_, let help): help
    case .unreachable:
      "is \(region) the right region, and is \(host) reachable from here? HTTPS_PROXY and AWS_CA_BUNDLE are honoured"
    case .noAnswer: "nothing is lost: run the command again"
    case .unreadable: "what stands in between, such as a proxy, must pass answers through as they are"
    case .refused(let refusal): help(for: refusal)
    }
  }

  /// An operation may need more than its own action: the message says what was missing, such as `iam:PassRole`.
  private func helpWithPolicy(_ message: String) -> String {
    let named = message.firstMatch(of: /not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)/).map { String($0.1) }
    let missing = named ?? action
    return message.contains("explicit deny")
      ? "a policy denies \(missing) expressly; that must be taken out of it, to allow it elsewhere is not enough"
      : "allow \(missing) in the policy of whoever runs this"
  }

  private func help(for refusal: AWSRefusal) -> String? {
    switch refusal.code {
    case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException",
      "AuthorizationError":
      helpWithPolicy(refusal.message)
    case "ExpiredToken", "ExpiredTokenException": "the session is over: log in again"
    case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidToken":
      "this key is not known in \(region): look at AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN"
    case "SignatureDoesNotMatch", "InvalidSignatureException":
      "the secret key does not belong to the access key, or something changed the request on its way"
    case "OptInRequired": "\(region) is not enabled for this account"
    default: nil
    }
  }
}

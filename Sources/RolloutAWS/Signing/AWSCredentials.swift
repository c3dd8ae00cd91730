package import RolloutCore

/// A key that signs requests, for as long as it lasts.
package struct AWSCredentials: Hashable, Sendable, CustomStringConvertible {
  package var accessKey: String
  package var secretKey: String
  /// Of temporary credentials.
  package var sessionToken: String?
  /// `nil`: until somebody takes it back.
  package var expires: Timestamp?

  package init(accessKey: String, secretKey: String, sessionToken: String? = nil, expires: Timestamp? = nil) {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.sessionToken = sessionToken
    self.expires = expires
  }

  /// Without the secrets, so that no log holds them.
  package var description: String { "\(accessKey)\(expires.map { " until \($0)" } ?? "")" }
}

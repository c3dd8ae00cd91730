package import RolloutCore

/// Who may approve, as the environments' files say now, and whether a signature is one of theirs. A journal and a plan say
/// what was so when they were written; whoever can write to the disk could have rewritten them.
package protocol ApprovalAuthority: Sendable {
  /// The environment that an endpoint belongs to and whom it asks; `nil` when no file speaks of the endpoint and none asks
  /// for signatures. A name that only the journal knows says nothing. Throws when the files cannot be read.
  func policy(over endpoint: String) async throws -> EndpointPolicy?

  /// `nil` when the signature is one by `principal` under these signers as they were valid at `moment` (`nil`: now);
  /// otherwise why it is not.
  func objection(
    to signature: String, over statement: [UInt8], by principal: String, among signers: String, at moment: Timestamp?
  ) async throws(SignatureError) -> String?
}

/// What the files say of an endpoint.
package struct EndpointPolicy: Hashable, Sendable {
  /// `nil`: no file speaks of it, and some ask for signatures.
  package var environment: String?
  /// `nil`: nobody is asked.
  package var approval: ApprovalPolicy?

  package init(environment: String?, approval: ApprovalPolicy?) {
    self.environment = environment
    self.approval = approval
  }
}

package struct SignatureError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Codable, Sendable { case notSigned, notChecked }

  package var code: Code
  package var message: String
  package var help: String?

  package init(_ code: Code, _ message: String, help: String? = nil) {
    self.code = code
    self.message = message
    self.help = help
  }

  package var description: String { message }
}

package import RolloutCore

/// Who may approve, as the environments' files say now, and whether a signature is one of theirs. A journal and a plan say
/// what was so when they were written; whoever can write to the disk could have rewritten them.
package protocol ApprovalAuthority: Sendable {
  /// The policy of an environment's file; `nil` when it asks nobody. Throws when the file cannot be read.
  func policy(for environment: String) async throws -> ApprovalPolicy?

  /// `nil` when the signature is one by `principal` under these signers; otherwise why it is not.
  func objection(
    to signature: String, over statement: [UInt8], by principal: String, among signers: String
  ) async throws(SignatureError) -> String?
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

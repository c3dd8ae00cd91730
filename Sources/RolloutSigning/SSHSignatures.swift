import Foundation
package import RolloutEngine
import Subprocess

/// Signatures made and checked by OpenSSH's `ssh-keygen -Y`, in a namespace of our own, so that one made for git or for a
/// file never counts as an approval.
package struct SSHSignatures: Sendable {
  package static let namespace = "rollout-approval-v1"
  /// Far more than `ssh-keygen` ever prints.
  private static let outputMax = 64 * 1_024

  package init() {}

  /// An armored signature over the statement. `key` is a private key, or the public half of one that an agent holds.
  package func sign(_ statement: [UInt8], key: String) async throws(SignatureError) -> String {
    let answer = try await run(["-Y", "sign", "-q", "-f", key, "-n", Self.namespace], input: statement)
    guard answer.isGood, answer.output.hasPrefix("-----BEGIN SSH SIGNATURE-----") else {
      throw SignatureError(
        .notSigned, "ssh-keygen did not sign with \(key): \(answer.complaint)",
        help: "name a key that you can use: --key PATH, or ROLLOUT_SIGNING_KEY")
    }
    return answer.output
  }

  /// `nil` when the signature is one by `principal` under these signers; otherwise why it is not.
  package func objection(
    to signature: String, over statement: [UInt8], by principal: String, among signers: String
  ) async throws(SignatureError) -> String? {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rollout-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (allowed, signed) = (folder.appendingPathComponent("signers"), folder.appendingPathComponent("signature"))
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try Data(signers.utf8).write(to: allowed)
      try Data(signature.utf8).write(to: signed)
    } catch {
      throw SignatureError(.notChecked, "cannot write to \(folder.path): \(error)", help: "make room there")
    }
    let answer = try await run(
      ["-Y", "verify", "-f", allowed.path, "-I", principal, "-n", Self.namespace, "-s", signed.path],
      input: statement)
    return answer.isGood ? nil : answer.complaint
  }

  private struct Answer {
    var isGood: Bool
    var output: String
    var complaint: String
  }

  private func run(_ arguments: [String], input: [UInt8]) async throws(SignatureError) -> Answer {
    do {
      let result = try await Subprocess.run(
        .name("ssh-keygen"), arguments: Arguments(arguments), input: .array(input),
        output: .string(limit: Self.outputMax), error: .string(limit: Self.outputMax))
      let output = result.standardOutput
      let complaint = (result.standardError) + output
      return Answer(
        isGood: result.terminationStatus.isSuccess, output: output,
        complaint: complaint.split(separator: "\n").map { $0.filter { $0 != "\r" } }.joined(separator: "; "))
    } catch {
      throw SignatureError(
        .notChecked, "cannot run ssh-keygen: \(error)", help: "install OpenSSH's client (Debian: openssh-client)")
    }
  }
}

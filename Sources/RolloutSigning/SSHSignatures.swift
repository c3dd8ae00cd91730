import Foundation
package import RolloutCore
package import RolloutEngine
import Subprocess
import SystemPackage

/// Signatures made and checked by OpenSSH's `ssh-keygen -Y`, in a namespace of our own, so that one made for git or for a
/// file never counts as an approval.
package struct SSHSignatures: Sendable {
  package static let namespace = "rollout-approval-v1"
  /// Far more than `ssh-keygen` ever prints.
  private static let outputMax = 64 * 1_024

  package init() {}

  /// An armored signature over the statement. `key` is a private key, or the public half of one that an agent holds.
  package func sign(_ statement: [UInt8], key: String) async throws(SignatureError) -> String {
    let files = try SigningFolder(statement: statement)
    defer { files.remove() }
    let answer = try await run(
      ["-Y", "sign", "-q", "-f", key, "-n", Self.namespace, files.statement], readingFrom: "/dev/null")
    guard answer.isGood, let signature = files.madeSignature else {
      throw SignatureError(
        .notSigned, "ssh-keygen did not sign with \(key): \(answer.complaint)",
        help: "name a key that you can use: --key PATH, or ROLLOUT_SIGNING_KEY")
    }
    return signature
  }

  /// `nil` when the signature is one by `principal` under these signers, whose keys must have been valid at `moment`
  /// (`nil`: now); otherwise why it is not.
  package func objection(
    to signature: String, over statement: [UInt8], by principal: String, among signers: String,
    at moment: Timestamp? = nil
  ) async throws(SignatureError) -> String? {
    let files = try SigningFolder(statement: statement)
    defer { files.remove() }
    let allowed = try files.write(signers, as: "signers")
    let signed = try files.write(signature, as: "signature")
    let answer = try await run(
      ["-Y", "verify", "-f", allowed, "-I", principal, "-n", Self.namespace, "-s", signed]
        + (moment.map { ["-Overify-time=\(Self.local($0))"] } ?? []),
      readingFrom: files.statement)
    return answer.isGood ? nil : answer.complaint
  }

  /// `20261125083000` by this machine's clock on the wall, as every OpenSSH reads it; only newer ones know a time zone.
  private static func local(_ moment: Timestamp) -> String {
    var seconds = time_t(moment.milliseconds / 1_000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    let fields = [parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec]
    return "\(parts.tm_year + 1_900)" + fields.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
  }

  private struct Answer {
    var isGood: Bool
    var complaint: String
  }

  /// Reads its input from a file: it may end before it has read any, and a pipe would break.
  private func run(_ arguments: [String], readingFrom input: String) async throws(SignatureError) -> Answer {
    do {
      let file = try FileDescriptor.open(FilePath(input), .readOnly, options: .closeOnExec)
      let result = try await Subprocess.run(
        .name("ssh-keygen"), arguments: Arguments(arguments),
        input: .fileDescriptor(file, closeAfterSpawningProcess: true), output: .string(limit: Self.outputMax),
        error: .string(limit: Self.outputMax))
      let printed = result.standardError + result.standardOutput
      let lines = printed.split(whereSeparator: \.isNewline).joined(separator: "; ")
      return Answer(isGood: result.terminationStatus.isSuccess, complaint: lines)
    } catch {
      throw SignatureError(
        .notChecked, "cannot run ssh-keygen: \(error)", help: "install OpenSSH's client (Debian: openssh-client)")
    }
  }
}

/// A folder that only this user reads, for what `ssh-keygen` takes by file.
private struct SigningFolder {
  private let url: URL
  let statement: String

  init(statement bytes: [UInt8]) throws(SignatureError) {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("rollout-\(UUID().uuidString)")
    statement = url.appendingPathComponent("statement").path
    do {
      try FileManager.default.createDirectory(
        at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try Data(bytes).write(to: URL(filePath: statement))
    } catch {
      throw Self.unwritable(url, error)
    }
  }

  func write(_ text: String, as name: String) throws(SignatureError) -> String {
    let file = url.appendingPathComponent(name)
    do { try Data(text.utf8).write(to: file) } catch { throw Self.unwritable(url, error) }
    return file.path
  }

  var madeSignature: String? {
    FileManager.default.contents(atPath: statement + ".sig").map { String(decoding: $0, as: UTF8.self) }
  }

  func remove() { try? FileManager.default.removeItem(at: url) }

  private static func unwritable(_ url: URL, _ error: any Error) -> SignatureError {
    SignatureError(.notChecked, "cannot write to \(url.path): \(error)", help: "make room there")
  }
}

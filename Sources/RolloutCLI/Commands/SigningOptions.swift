import ArgumentParser
import FoundationEssentials
import RolloutCore
import RolloutEngine
import RolloutSigning

/// How an approval is signed, where the environment wants that.
struct SigningOptions: ParsableArguments {
  @Option(help: "The SSH key to sign with, private or the public half of one that an agent holds.")
  var key: String?
  @Option(help: "Write what is to be signed to this file and stop, to sign it elsewhere.")
  var statement: String?
  @Option(help: "A file with a signature over that statement, made elsewhere.")
  var signature: String?
}

extension Decision {
  private var signed: ApprovalStatement {
    ApprovalStatement(approval, lineage: lineage, environment: live.stage.environment)
  }

  /// For `ssh-keygen -Y sign` on another machine.
  func writeStatement(to path: String) async throws -> ExitStatus {
    guard live.stage.approval?.signers != nil else {
      throw CommandFailure(
        .usage, "\(live.stage.environment) does not ask for signatures", help: "leave --statement out")
    }
    do {
      try Data(try signed.bytes).write(to: URL(filePath: path))
    } catch {
      throw CommandFailure(.failed, "cannot write \(path): \(error)", help: "name another file")
    }
    session.terminal.say("What is to be signed is in \(path):")
    session.terminal.say("  ssh-keygen -Y sign -n \(SSHSignatures.namespace) -f KEY \(path)")
    session.terminal.say("  rollout approve \(live.id) --signature \(path).sig")
    return .done
  }

  /// Signs where the environment asks for it, and looks at the signature as everybody later will.
  mutating func sign(_ options: SigningOptions) async throws {
    guard live.stage.approval?.signers != nil else { return }
    let statement = try signed.bytes
    let signature: String
    if let path = options.signature {
      guard let data = FileManager.default.contents(atPath: path) else {
        throw CommandFailure(.failed, "there is no signature in \(path)", help: "name the file that ssh-keygen made")
      }
      signature = String(decoding: data, as: UTF8.self)
    } else {
      signature = try await SSHSignatures().sign(
        statement, key: try SigningKey.path(named: options.key, session.environment))
    }
    try await attach(signature)
  }

  private mutating func attach(_ signature: String) async throws {
    approval.signature = signature
    let approvals = SignedApprovals(journal: journal, authority: FileAuthority(session))
    if let objection = try await approvals.objection(to: approval, of: live, lineage: lineage) {
      throw CommandFailure(
        .failed, "this approval would not count: \(objection)",
        help:
          "sign with a key that \(live.stage.approval?.signers?.path ?? "the signers' file") lists for \(approval.by)")
    }
  }
}

import RolloutCore
import RolloutEngine
import RolloutSigning
import RolloutSpec

/// Approval policies as the environment files say now, and signatures as OpenSSH judges them.
struct FileAuthority: ApprovalAuthority {
  let directory: String
  let environment: [String: String]
  private let signatures = SSHSignatures()

  init(_ session: Session) {
    directory = session.common.environments
    environment = session.environment
  }

  func policy(for name: String) async throws -> ApprovalPolicy? {
    guard let specs = SpecLoader(environment: environment).load(directory: directory).specs else {
      throw CommandFailure(
        .invalidFiles, "the files in \(directory) are not valid, so that nobody can say whose approval counts",
        help: "see what is wrong: rollout validate")
    }
    return specs.environment(name)?.approval
  }

  func objection(
    to signature: String, over statement: [UInt8], by principal: String, among signers: String
  ) async throws(SignatureError) -> String? {
    try await signatures.objection(to: signature, over: statement, by: principal, among: signers)
  }
}

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

  func policy(over endpoint: String) async throws -> EndpointPolicy? {
    guard let specs = SpecLoader(environment: environment).load(directory: directory).specs else {
      throw CommandFailure(
        .invalidFiles, "the files in \(directory) are not valid, so that nobody can say whose approval counts",
        help: "see what is wrong: rollout validate")
    }
    if let own = specs.environments.first(where: { $0.endpoint.name == endpoint }) {
      return EndpointPolicy(environment: own.name, approval: own.approval)
    }
    let areSigned = specs.environments.contains { $0.approval?.signers != nil }
    return areSigned ? EndpointPolicy(environment: nil, approval: nil) : nil
  }

  func objection(
    to signature: String, over statement: [UInt8], by principal: String, among signers: String
  ) async throws(SignatureError) -> String? {
    try await signatures.objection(to: signature, over: statement, by: principal, among: signers)
  }
}

import RolloutCore
import RolloutEngine
import RolloutSigning
import RolloutSpec
import Synchronization

/// Approval policies as the environment files say now, and signatures as OpenSSH judges them.
final class FileAuthority: ApprovalAuthority {
  private let directory: String
  private let environment: [String: String]
  private let signatures = SSHSignatures()
  /// The files as this process last read them without an error.
  private let lastGood = Mutex<Specs?>(nil)

  init(_ session: Session) {
    directory = session.common.environments
    environment = session.environment
  }

  func policy(over endpoint: String) async throws -> EndpointPolicy? {
    let specs = try read()
    if let own = specs.environments.first(where: { $0.endpoint.name == endpoint }) {
      return EndpointPolicy(environment: own.name, approval: own.approval)
    }
    let areSigned = specs.environments.contains { $0.approval?.signers != nil }
    return areSigned ? EndpointPolicy(environment: nil, approval: nil) : nil
  }

  /// Files that are being edited hold up nothing that went by them a moment ago; who has never read them cannot say.
  private func read() throws -> Specs {
    if let specs = SpecLoader(environment: environment).load(directory: directory).specs {
      lastGood.withLock { $0 = specs }
      return specs
    }
    if let specs = lastGood.withLock({ $0 }) { return specs }
    throw CommandFailure(
      .invalidFiles, "the files in \(directory) are not valid, so that nobody can say whose approval counts",
      help: "see what is wrong: rollout validate")
  }

  func objection(
    to signature: String, over statement: [UInt8], by principal: String, among signers: String, at moment: Timestamp?
  ) async throws(SignatureError) -> String? {
    try await signatures.objection(to: signature, over: statement, by: principal, among: signers, at: moment)
  }
}

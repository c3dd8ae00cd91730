package import RolloutCore

/// The whole of what a gate measured: stored by content, named by `Evidence.digest`, shown to the approver.
package struct EvidenceDocument: Hashable, Codable, Sendable {
  package var environment: String
  package var model: DeployedModel
  package var revision: Digest
  package var verification: ModelApproval?
  package var smoke: [SmokeResult]

  package init(
    environment: String, model: DeployedModel, revision: Digest, verification: ModelApproval? = nil,
    smoke: [SmokeResult] = []
  ) {
    self.environment = environment
    self.model = model
    self.revision = revision
    self.verification = verification
    self.smoke = smoke
  }
}

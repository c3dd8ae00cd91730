package import RolloutCore

/// Where the runtime gets a model's files: a directory whose digests have just been verified. Errors are shown to
/// people as they describe themselves.
package protocol ModelStore: Sendable {
  func directory(for model: DeployedModel) async throws -> String
}

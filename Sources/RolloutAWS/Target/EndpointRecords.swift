package import RolloutCore
package import RolloutEngine

/// Where records of endpoints are kept, beside the journal. Of two writers who read the same version one succeeds, and
/// whoever reads afterwards reads what that one wrote.
package protocol EndpointRecords: Sendable {
  /// `nil` for an endpoint that nobody ordered anything for.
  func load(_ endpoint: String) async throws(TargetError) -> KeptRecord?

  /// The new version; `nil` when somebody else wrote first, and nothing was written. Durable when it returns.
  func save(_ record: GuardedEndpoint, replacing version: String?) async throws(TargetError) -> String?
}

package struct KeptRecord: Hashable, Sendable {
  package var record: GuardedEndpoint
  package var version: String

  package init(record: GuardedEndpoint, version: String) {
    self.record = record
    self.version = version
  }
}

package import RolloutCore

/// Where registered model packages come from.
package protocol Registry: Sendable {
  /// All packages of a group, ascending by version. An unknown group has none.
  func packages(in group: String) async throws(RegistryError) -> [ModelPackage]
  func package(_ version: Int, in group: String) async throws(RegistryError) -> ModelPackage
  /// Recomputes every digest of a package from its stored files.
  func verify(_ package: ModelPackage) async throws(RegistryError)
  @discardableResult
  func decide(
    _ status: ModelApproval.Status, version: Int, in group: String, by: String, comment: String?, at: Timestamp
  ) async throws(RegistryError) -> ModelPackage
}

package struct RegistryError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Codable, Sendable {
    case notFound, digestMismatch, invalidPackage, conflict, storageUnavailable
  }

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

package import RolloutCore
package import RolloutEngine

/// SageMaker's Model Registry: a group's packages, and who approved them. Packages that SageMaker has not finished, or
/// failed to make, are not there to be chosen.
package struct SageMakerRegistry: Registry {
  private let client: AWSClient
  private let service: ModelPackageService

  package init(_ client: AWSClient) {
    self.client = client
    service = ModelPackageService(client)
  }

  package func packages(in group: String) async throws(RegistryError) -> [ModelPackage] {
    do throws(AWSError) {
      let described = try await service.packages(in: group).filter { $0.isComplete && $0.version != nil }
      return try await described.mapped(atOnce: ModelPackageService.concurrencyMax) { package throws(AWSError) in
        try await model(package, group)
      }
    } catch { throw RegistryError(error) }
  }

  package func package(_ version: Int, in group: String) async throws(RegistryError) -> ModelPackage {
    let described = try await described(version, in: group)
    try described.requireComplete(version, in: group)
    do throws(AWSError) { return try await model(described, group) } catch { throw RegistryError(error) }
  }

  /// Reads the package again and compares. What its images and model data hold is for SageMaker to know: it is named by
  /// digests as far as the registry knows them.
  package func verify(_ package: ModelPackage) async throws(RegistryError) {
    let title = "\(package.group) version \(package.version)"
    guard let arn = package.arn else {
      throw RegistryError(
        .invalidPackage, "\(title) comes from another registry than SageMaker's",
        help: "plan again, or name the registry that was used then")
    }
    try requireHere(arn, title)
    let found: PackageDescription?
    do throws(AWSError) { found = try await service.package(arn) } catch { throw RegistryError(error) }
    guard let found else {
      throw RegistryError(
        .notFound, "\(title) was deleted from SageMaker's registry", help: "plan again: another version is the latest")
    }
    try found.requireComplete(package.version, in: package.group)
    guard found.digest == package.digest else {
      throw RegistryError(
        .digestMismatch,
        "\(title) is not the one that was meant: expected \(package.digest), found \(found.digest)",
        help: "its inference specification was changed since; plan again")
    }
  }

  /// Writes the status, and beside it when and by whom, which SageMaker itself only tells of the last change of anything.
  @discardableResult
  package func decide(
    _ status: ModelApproval.Status, version: Int, in group: String, by: String, comment: String?, at: Timestamp
  ) async throws(RegistryError) -> ModelPackage {
    guard !by.isEmpty else { throw RegistryError(.invalidPackage, "it must be known who decides about a model") }
    let before = try await described(version, in: group)
    if status == .approved { try before.requireComplete(version, in: group) }
    do throws(AWSError) {
      // An earlier decision's comment is not this one's.
      let after = try await service.update(
        arn: before.arn, status: status.rawValue, description: MetadataText.line(comment ?? ""),
        metadata: Decision(status: status.rawValue, at: at, by: by).metadata)
      if let after { return try await model(after, group) }
    } catch { throw RegistryError(error) }
    throw absent(version, in: group)
  }

  private func described(_ version: Int, in group: String) async throws(RegistryError) -> PackageDescription {
    do throws(AWSError) {
      if let arn = try await service.arn(of: version, in: group), let found = try await service.package(arn) {
        return found
      }
    } catch { throw RegistryError(error) }
    throw absent(version, in: group)
  }

  private func absent(_ version: Int, in group: String) -> RegistryError {
    RegistryError(
      .notFound, "\(group) has no version \(version) in SageMaker's registry in \(client.region)",
      help: "see which there are: rollout models list --group \(group)")
  }

  private func requireHere(_ arn: String, _ title: String) throws(RegistryError) {
    let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 3, parts[3] != client.region else { return }
    throw RegistryError(
      .notFound, "\(title) is registered in \(parts[3]), and this registry is the one in \(client.region)",
      help: "name \(parts[3]) as the registry's region in pipeline.yaml, or plan again")
  }

  private func model(_ package: PackageDescription, _ group: String) async throws(AWSError) -> ModelPackage {
    ModelPackage(package, group: group, measured: try await QualityReport(of: package, client).metrics)
  }
}

extension PackageDescription {
  var isComplete: Bool { status == "Completed" }

  fileprivate func requireComplete(_ version: Int, in group: String) throws(RegistryError) {
    guard !isComplete else { return }
    let isOver = status == "Failed" || status == "Deleting"
    throw RegistryError(
      .invalidPackage,
      "\(group) version \(version) cannot be used: SageMaker says it is \(status)"
        + (failureReason.map { " (\($0))" } ?? ""),
      help: isOver ? "register the model again, as another version" : "wait until SageMaker has completed it")
  }
}

extension RegistryError {
  init(_ error: AWSError) {
    self.init(.storageUnavailable, error.description, help: error.help)
  }
}

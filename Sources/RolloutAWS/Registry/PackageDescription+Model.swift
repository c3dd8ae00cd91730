import RolloutCore
import RolloutDigest

extension ModelPackage {
  /// `measured`: what the package's quality report says. Numbers in the package's own metadata count more.
  init(_ package: PackageDescription, group: String, measured: [String: Double]) {
    let names = package.additionalSpecifications.compactMap(\.name).filter { $0 != Self.fullVariant }
    let figures = PackageFigures(package.metadata, variants: Set(names))
    var variants: [String: ModelVariant] = [:]
    for specification in package.additionalSpecifications {
      guard let name = specification.name, names.contains(name) else { continue }
      variants[name] = ModelVariant(
        environment: specification.environment, metrics: figures.variants[name]?.metrics ?? [:],
        sizeBytes: figures.variants[name]?.sizeBytes ?? 0)
    }
    let registeredAt = package.createdAt ?? Timestamp(milliseconds: 0)
    self.init(
      group: group, version: package.version ?? 0, digest: package.digest,
      serve: ServeSpec(
        command: [], environment: package.specification?.environment ?? [:], image: package.specification?.image),
      metrics: measured.merging(figures.full.metrics) { _, own in own }, sizeBytes: figures.full.sizeBytes,
      variants: variants, registeredAt: registeredAt, registeredBy: package.createdBy ?? "unknown",
      approval: package.approval, arn: package.arn)
  }
}

extension PackageDescription {
  /// Of all that decides what runs: the name of the package, and for each way to serve it the images, the model data and
  /// the environment. Not of what is only said about it.
  var digest: Digest {
    let specifications = additionalSpecifications.sorted { ($0.name ?? "") < ($1.name ?? "") }
    let document: JSONValue = .object([
      "arn": .string(arn), "containers": .array((specification?.containers ?? []).map(Self.served)),
      "additional": .array(
        specifications.map { one in
          .object(["name": .string(one.name ?? ""), "containers": .array(one.containers.map(Self.served))])
        }),
    ])
    do { return try CanonicalJSON.digest(document) } catch {
      preconditionFailure("what was read from JSON can be written as JSON: \(error)")
    }
  }

  private static let servedMembers: Set = [
    "ContainerHostname", "Image", "ImageDigest", "ModelDataUrl", "ModelDataETag", "ModelDataSource",
    "AdditionalModelDataSources", "AdditionalS3DataSource", "ProductId", "Environment",
  ]

  private static func served(_ container: [String: JSONValue]) -> JSONValue {
    .object(container.filter { servedMembers.contains($0.key) && $0.value != .null })
  }

  /// The last word, whose it was and when: as `rollout` wrote it, if that is still the word; else what SageMaker knows of
  /// the last change.
  var approval: ModelApproval {
    let status = ModelApproval.Status(rawValue: approvalStatus) ?? .pending
    let comment = approvalDescription.flatMap { $0.isEmpty ? nil : $0 }
    if let decision = Decision(metadata), decision.status == approvalStatus {
      return ModelApproval(status: status, at: decision.at, by: decision.by, comment: comment)
    }
    return ModelApproval(
      status: status, at: changedAt ?? createdAt ?? Timestamp(milliseconds: 0),
      by: changedBy ?? createdBy ?? "unknown", comment: comment)
  }
}

extension PackageDescription.Specification {
  /// Of the first container, which is the one that answers requests.
  fileprivate var environment: [String: String] {
    guard case .object(let members)? = containers.first?["Environment"] else { return [:] }
    return members.compactMapValues(\.asText)
  }

  /// With its digest where the registry knows it.
  fileprivate var image: String? {
    guard let first = containers.first, let image = first["Image"]?.asText else { return nil }
    guard let digest = first["ImageDigest"]?.asText, !image.contains("@") else { return image }
    return "\(image)@\(digest)"
  }
}

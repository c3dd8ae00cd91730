import RolloutCore

/// SageMaker's registry: groups of model packages.
package struct ModelPackageService: Sendable {
  /// So many packages are described at a time.
  static let concurrencyMax = 8

  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// All packages of a group as they are described, ascending by version. An unknown group has none, and one that is
  /// deleted meanwhile is left out.
  package func packages(in group: String) async throws(AWSError) -> [PackageDescription] {
    let listed: [Summary]
    do { listed = try await list(group, "Ascending") } catch {
      if error.saysAbsent { return [] }
      throw error
    }
    return try await listed.mapped(atOnce: Self.concurrencyMax) { summary throws(AWSError) in
      try await package(summary.arn)
    }.compactMap { $0 }.sorted { ($0.version ?? 0) < ($1.version ?? 0) }
  }

  /// `nil` when there is no such package.
  package func package(_ arn: String) async throws(AWSError) -> PackageDescription? {
    do { return try await ask("DescribeModelPackage", ["ModelPackageName": .string(arn)]) } catch {
      if error.saysAbsent { return nil }
      throw error
    }
  }

  /// Changes what is given and keeps the rest: SageMaker may forget metadata and a description that an update leaves out,
  /// so what is there is read and written with it. The package as it was read, with what was written; `nil` when there is
  /// no such package.
  package func update(
    arn: String, status: String? = nil, description: String? = nil, metadata: [String: String] = [:]
  ) async throws(AWSError) -> PackageDescription? {
    guard var package = try await package(arn) else { return nil }
    package.approvalStatus = status ?? package.approvalStatus
    package.approvalDescription = description ?? package.approvalDescription
    package.metadata.merge(metadata) { _, new in new }
    var input: [String: JSONValue] = ["ModelPackageArn": .string(arn)]
    if let status { input["ModelApprovalStatus"] = .string(status) }
    if let text = package.approvalDescription { input["ApprovalDescription"] = .string(text) }
    if !package.metadata.isEmpty {
      input["CustomerMetadataProperties"] = .object(package.metadata.mapValues { .string($0) })
    }
    do {
      let _: NoContent = try await ask("UpdateModelPackage", input)
      return package
    } catch {
      if error.saysAbsent { return nil }
      throw error
    }
  }

  /// `nil` when the group has no such version, or is not there itself.
  package func arn(of version: Int, in group: String) async throws(AWSError) -> String? {
    do {
      // The newest first: they are asked for most.
      return try await list(group, "Descending") { $0.contains { $0.version == version } }
        .first { $0.version == version }?.arn
    } catch {
      if error.saysAbsent { return nil }
      throw error
    }
  }

  private func list(
    _ group: String, _ order: String, isEnough: ([Summary]) -> Bool = { _ in false }
  ) async throws(AWSError) -> [Summary] {
    let input: [String: JSONValue] = [
      "ModelPackageGroupName": .string(group), "MaxResults": .number(100), "SortBy": .string("CreationTime"),
      "SortOrder": .string(order),
    ]
    return try await client.pages(of: "sagemaker:ListModelPackages", isEnough: isEnough) { token throws(AWSError) in
      let page: Page = try await ask("ListModelPackages", input.page(token))
      return (page.ModelPackageSummaryList ?? [], page.NextToken)
    }
  }

  private func ask<Output: Decodable>(
    _ operation: String, _ input: [String: JSONValue]
  ) async throws(AWSError) -> Output {
    try await client.json(.sageMaker, "SageMaker", operation, input)
  }

  private struct Page: Decodable {
    var ModelPackageSummaryList: [Summary]?
    var NextToken: String?
  }

  private struct Summary: Decodable, Sendable {
    var arn: String
    var version: Int?

    enum CodingKeys: String, CodingKey {
      case arn = "ModelPackageArn"
      case version = "ModelPackageVersion"
    }
  }
}

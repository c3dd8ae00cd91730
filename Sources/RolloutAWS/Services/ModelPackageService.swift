import RolloutCore

/// SageMaker's registry: groups of model packages.
package struct ModelPackageService: Sendable {
  /// So many packages are described at a time.
  private static let concurrencyMax = 8

  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// All packages of a group as they are described, ascending by version. An unknown group has none, and one that is
  /// deleted meanwhile is left out.
  package func packages(in group: String) async throws(AWSError) -> [PackageDescription] {
    let arns: [String]
    do { arns = try await list(group) } catch {
      if error.saysAbsent { return [] }
      throw error
    }
    return try await describe(arns).sorted { ($0.version ?? 0) < ($1.version ?? 0) }
  }

  /// `nil` when there is no such package.
  package func package(_ arn: String) async throws(AWSError) -> PackageDescription? {
    do { return try await ask("DescribeModelPackage", ["ModelPackageName": .string(arn)]) } catch {
      if error.saysAbsent { return nil }
      throw error
    }
  }

  /// Changes what is given and keeps the rest: SageMaker may forget metadata and a description that an update leaves out,
  /// so what is there is read and written with it. `nil` when there is no such package.
  package func update(
    arn: String, status: String? = nil, description: String? = nil, metadata: [String: String] = [:]
  ) async throws(AWSError) -> PackageDescription? {
    guard let present = try await package(arn) else { return nil }
    let merged = present.metadata.merging(metadata) { _, new in new }
    var input: [String: JSONValue] = ["ModelPackageArn": .string(arn)]
    if let status { input["ModelApprovalStatus"] = .string(status) }
    if let text = description ?? present.approvalDescription { input["ApprovalDescription"] = .string(text) }
    if !merged.isEmpty { input["CustomerMetadataProperties"] = .object(merged.mapValues { .string($0) }) }
    let _: NoContent = try await ask("UpdateModelPackage", input)
    return try await package(arn)
  }

  private func list(_ group: String) async throws(AWSError) -> [String] {
    let input: [String: JSONValue] = [
      "ModelPackageGroupName": .string(group), "MaxResults": .number(100), "SortBy": .string("CreationTime"),
      "SortOrder": .string("Ascending"),
    ]
    return try await client.pages(of: "sagemaker:ListModelPackages") { token throws(AWSError) in
      let page: Page = try await ask("ListModelPackages", input.page(token))
      return ((page.ModelPackageSummaryList ?? []).compactMap(\.ModelPackageArn), page.NextToken)
    }
  }

  /// The first failure ends the others.
  private func describe(_ arns: [String]) async throws(AWSError) -> [PackageDescription] {
    let outcome = await withTaskGroup(of: Result<PackageDescription?, AWSError>.self) { group in
      var rest = arns[...]
      var found: [PackageDescription] = []
      func startNext() {
        guard let arn = rest.popFirst() else { return }
        group.addTask {
          do throws(AWSError) { return .success(try await package(arn)) } catch { return .failure(error) }
        }
      }
      for _ in 0..<Self.concurrencyMax { startNext() }
      while let result = await group.next() {
        switch result {
        case .success(let package):
          if let package { found.append(package) }
          startNext()
        case .failure(let error):
          group.cancelAll()
          return Result<[PackageDescription], AWSError>.failure(error)
        }
      }
      return .success(found)
    }
    return try outcome.get()
  }

  private func ask<Output: Decodable>(
    _ operation: String, _ input: [String: JSONValue]
  ) async throws(AWSError) -> Output {
    try await client.json(.sageMaker, "SageMaker", operation, input)
  }

  private struct Page: Decodable {
    struct Summary: Decodable { var ModelPackageArn: String? }
    var ModelPackageSummaryList: [Summary]?
    var NextToken: String?
  }
}

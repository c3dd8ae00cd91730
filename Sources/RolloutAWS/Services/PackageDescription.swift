package import RolloutCore

/// A model package as SageMaker describes it. Words of the API stay words: AWS adds to them.
package struct PackageDescription: Hashable, Sendable {
  /// A way to serve the model.
  package struct Specification: Hashable, Sendable {
    /// `nil` for the package's main one.
    package var name: String?
    /// Every container as the API has it.
    package var containers: [[String: JSONValue]]
    package var instanceTypes: [String]
  }

  package var arn: String
  package var group: String?
  package var version: Int?
  /// `Pending`, `InProgress`, `Completed`, `Failed` or `Deleting`.
  package var status: String
  /// Why it is `Failed`, where that is said.
  package var failureReason: String?
  /// `Approved`, `Rejected` or `PendingManualApproval`.
  package var approvalStatus: String
  package var approvalDescription: String?
  package var createdAt: Timestamp?
  package var createdBy: String?
  package var changedAt: Timestamp?
  package var changedBy: String?
  package var specification: Specification?
  package var additionalSpecifications: [Specification]
  package var metadata: [String: String]
  /// Where the report on the model's quality lies, as `ModelMetrics` names it: `s3://bucket/key`.
  package var qualityReport: String?
}

extension PackageDescription: Decodable {
  private enum Key: String, CodingKey {
    case ModelPackageArn, ModelPackageGroupName, ModelPackageVersion, ModelPackageStatus, ModelPackageStatusDetails,
      ModelApprovalStatus, ApprovalDescription, CreationTime, CreatedBy, LastModifiedTime, LastModifiedBy,
      InferenceSpecification, AdditionalInferenceSpecifications, CustomerMetadataProperties, ModelMetrics
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      arn: try container.decode(String.self, forKey: .ModelPackageArn),
      group: try container.decodeIfPresent(String.self, forKey: .ModelPackageGroupName),
      version: try container.decodeIfPresent(Int.self, forKey: .ModelPackageVersion),
      status: try container.decode(String.self, forKey: .ModelPackageStatus),
      failureReason: try container.decodeIfPresent(StatusDetails.self, forKey: .ModelPackageStatusDetails)?.reason,
      approvalStatus: try container.text(.ModelApprovalStatus),
      approvalDescription: try container.decodeIfPresent(String.self, forKey: .ApprovalDescription),
      createdAt: try container.moment(.CreationTime),
      createdBy: try container.decodeIfPresent(Person.self, forKey: .CreatedBy)?.name,
      changedAt: try container.moment(.LastModifiedTime),
      changedBy: try container.decodeIfPresent(Person.self, forKey: .LastModifiedBy)?.name,
      specification: try container.decodeIfPresent(Specification.self, forKey: .InferenceSpecification),
      additionalSpecifications: try container.list(.AdditionalInferenceSpecifications),
      metadata: try container.decodeIfPresent([String: String].self, forKey: .CustomerMetadataProperties) ?? [:],
      qualityReport: try container.decodeIfPresent(Metrics.self, forKey: .ModelMetrics)?.ModelQuality?.Statistics?
        .S3Uri)
  }

  private struct StatusDetails: Decodable {
    struct Item: Decodable { var FailureReason: String? }
    var ValidationStatuses: [Item]?
    var ImageScanStatuses: [Item]?

    var reason: String? {
      ((ValidationStatuses ?? []) + (ImageScanStatuses ?? [])).lazy.compactMap(\.FailureReason).first
    }
  }

  /// Somebody of a SageMaker domain, or of IAM.
  private struct Person: Decodable {
    struct Identity: Decodable { var Arn: String? }
    var UserProfileName: String?
    var IamIdentity: Identity?

    /// `alice`; the last word of an ARN says who it is.
    var name: String? {
      UserProfileName ?? IamIdentity?.Arn.map { arn in arn.split(separator: "/").last.map(String.init) ?? arn }
    }
  }

  private struct Metrics: Decodable {
    struct Quality: Decodable { var Statistics: Report? }
    struct Report: Decodable { var S3Uri: String? }
    var ModelQuality: Quality?
  }
}

extension PackageDescription.Specification: Decodable {
  private enum Key: String, CodingKey { case Name, Containers, SupportedRealtimeInferenceInstanceTypes }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      name: try container.decodeIfPresent(String.self, forKey: .Name), containers: try container.list(.Containers),
      instanceTypes: try container.list(.SupportedRealtimeInferenceInstanceTypes))
  }
}

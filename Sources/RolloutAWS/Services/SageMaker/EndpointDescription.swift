package import RolloutCore

/// An endpoint as SageMaker describes it. Words of the API stay words: AWS adds to them.
package struct EndpointDescription: Hashable, Sendable {
  /// One fleet of instances behind the endpoint.
  package struct Variant: Hashable, Sendable {
    package var name: String
    package var desired: Int?
    package var current: Int?
    package var currentWeight: Double?
    package var desiredWeight: Double?
    /// Only told of the fleet of a pending deployment.
    package var instanceType: String?
    /// What SageMaker is doing with it.
    package var stages: [Stage]
  }

  package struct Stage: Hashable, Sendable {
    /// `Creating`, `Updating`, `Deleting`, `ActivatingTraffic` or `Baking`.
    package var status: String
    /// For people: its words are not promised.
    package var message: String?
    package var startedAt: Timestamp?
  }

  /// A deployment on its way.
  package struct Pending: Hashable, Sendable {
    /// Where it leads to, or, while it is taken back, what is left.
    package var configuration: String
    package var startedAt: Timestamp?
    package var variants: [Variant]
  }

  package var name: String
  package var arn: String
  /// `InService`, `Creating`, `Updating`, `SystemUpdating`, `RollingBack`, `OutOfService`, `Deleting`, `Failed` or
  /// `UpdateRollbackFailed`.
  package var status: String
  /// What it serves. A deployment that is on its way, or was taken back, leads elsewhere.
  package var configuration: String
  /// May be there while the endpoint is in service, and missing when a deployment failed.
  package var failureReason: String?
  package var variants: [Variant]
  package var pending: Pending?
  /// Of the last deployment: the alarms that made, or would have made, SageMaker go back.
  package var rollbackAlarms: [String]
  package var createdAt: Timestamp?
  package var changedAt: Timestamp?
}

extension EndpointDescription: Decodable {
  private enum Key: String, CodingKey {
    case EndpointName, EndpointArn, EndpointStatus, EndpointConfigName, FailureReason, ProductionVariants,
      PendingDeploymentSummary, LastDeploymentConfig, CreationTime, LastModifiedTime
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      name: try container.decode(String.self, forKey: .EndpointName), arn: try container.text(.EndpointArn),
      status: try container.decode(String.self, forKey: .EndpointStatus),
      configuration: try container.text(.EndpointConfigName),
      failureReason: try container.decodeIfPresent(String.self, forKey: .FailureReason),
      variants: try container.list(.ProductionVariants),
      pending: try container.decodeIfPresent(Pending.self, forKey: .PendingDeploymentSummary),
      rollbackAlarms: try container.decodeIfPresent(LastDeployment.self, forKey: .LastDeploymentConfig)?.alarms ?? [],
      createdAt: try container.moment(.CreationTime), changedAt: try container.moment(.LastModifiedTime))
  }

  private struct LastDeployment: Decodable {
    struct Rollback: Decodable {
      struct Alarm: Decodable { var AlarmName: String? }
      var Alarms: [Alarm]?
    }
    var AutoRollbackConfiguration: Rollback?

    var alarms: [String] { AutoRollbackConfiguration?.Alarms?.compactMap(\.AlarmName) ?? [] }
  }
}

extension EndpointDescription.Variant: Decodable {
  private enum Key: String, CodingKey {
    case VariantName, DesiredInstanceCount, CurrentInstanceCount, CurrentWeight, DesiredWeight, InstanceType,
      VariantStatus
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      name: try container.text(.VariantName),
      desired: try container.decodeIfPresent(Int.self, forKey: .DesiredInstanceCount),
      current: try container.decodeIfPresent(Int.self, forKey: .CurrentInstanceCount),
      currentWeight: try container.decodeIfPresent(Double.self, forKey: .CurrentWeight),
      desiredWeight: try container.decodeIfPresent(Double.self, forKey: .DesiredWeight),
      instanceType: try container.decodeIfPresent(String.self, forKey: .InstanceType),
      stages: try container.list(.VariantStatus))
  }
}

extension EndpointDescription.Stage: Decodable {
  private enum Key: String, CodingKey { case Status, StatusMessage, StartTime }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      status: try container.text(.Status),
      message: try container.decodeIfPresent(String.self, forKey: .StatusMessage),
      startedAt: try container.moment(.StartTime))
  }
}

extension EndpointDescription.Pending: Decodable {
  private enum Key: String, CodingKey { case EndpointConfigName, StartTime, ProductionVariants }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      configuration: try container.text(.EndpointConfigName), startedAt: try container.moment(.StartTime),
      variants: try container.list(.ProductionVariants))
  }
}

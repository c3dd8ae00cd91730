package import RolloutCore

/// A stack as CloudFormation describes it. Words of the API stay words: AWS adds to them.
package struct StackDescription: Hashable, Sendable {
  /// Its ARN, which no later stack of the same name has.
  package var id: String
  package var name: String
  /// `UPDATE_COMPLETE`, `ROLLBACK_COMPLETE`, `REVIEW_IN_PROGRESS`, …
  package var status: String
  package var reason: String?
  package var parameters: [String: String]
  package var outputs: [String: String]
  package var tags: [String: String]
  package var createdAt: Timestamp?
  package var lastUpdated: Timestamp?
  /// Identifier of the change set that was executed last.
  package var changeSetID: String?
  /// Refuses to be deleted.
  package var isProtected: Bool
}

extension StackDescription {
  /// Its name, out of `arn:…:changeSet/NAME/UUID`.
  package var changeSet: String? {
    changeSetID.map { id in
      let parts = id.split(separator: "/")
      return parts.count > 1 ? String(parts[1]) : id
    }
  }

  init?(_ element: XMLElement) {
    guard let name = element.text("StackName"), let status = element.text("StackStatus") else { return nil }
    self.init(
      id: element.text("StackId") ?? name, name: name, status: status, reason: element.text("StackStatusReason"),
      parameters: element.pairs("Parameters", "ParameterKey", "ParameterValue"),
      outputs: element.pairs("Outputs", "OutputKey", "OutputValue"), tags: element.pairs("Tags", "Key", "Value"),
      createdAt: element.moment("CreationTime"), lastUpdated: element.moment("LastUpdatedTime"),
      changeSetID: element.text("ChangeSetId"), isProtected: element.text("EnableTerminationProtection") == "true")
  }
}

/// Something that happened to a stack, or to something in it.
package struct StackEvent: Hashable, Sendable {
  package var id: String
  package var logicalID: String
  package var physicalID: String?
  /// `AWS::SageMaker::Endpoint`
  package var type: String
  /// `UPDATE_IN_PROGRESS`, `CREATE_FAILED`, …
  package var status: String
  package var reason: String?
  package var at: Timestamp?
  /// Of the request that it comes from.
  package var token: String?
}

extension StackEvent {
  init?(_ element: XMLElement) {
    guard let id = element.text("EventId") else { return nil }
    self.init(
      id: id, logicalID: element.text("LogicalResourceId") ?? "", physicalID: element.text("PhysicalResourceId"),
      type: element.text("ResourceType") ?? "", status: element.text("ResourceStatus") ?? "",
      reason: element.text("ResourceStatusReason"), at: element.moment("Timestamp"),
      token: element.text("ClientRequestToken"))
  }
}

package struct StackResource: Hashable, Sendable {
  package var logicalID: String
  /// `nil` until it is there.
  package var physicalID: String?
  package var type: String
  package var status: String
}

extension StackResource {
  init(_ element: XMLElement) {
    self.init(
      logicalID: element.text("LogicalResourceId") ?? "", physicalID: element.text("PhysicalResourceId"),
      type: element.text("ResourceType") ?? "", status: element.text("ResourceStatus") ?? "")
  }
}

extension XMLElement {
  func moment(_ name: String) -> Timestamp? { text(name).flatMap { Timestamp(awsText: $0) } }

  /// A list of names and values; a name without a value has an empty one.
  func pairs(_ list: String, _ key: String, _ value: String) -> [String: String] {
    Dictionary(self.list(list).compactMap { item in item.text(key).map { ($0, item.text(value) ?? "") } }) { first, _ in
      first
    }
  }
}

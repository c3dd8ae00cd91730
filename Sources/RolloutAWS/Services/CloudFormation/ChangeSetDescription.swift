/// What a change set would do, as CloudFormation says. Words of the API stay words: AWS adds to them.
package struct ChangeSetDescription: Hashable, Sendable {
  package var id: String
  package var stackID: String
  /// `CREATE_PENDING`, `CREATE_IN_PROGRESS`, `CREATE_COMPLETE`, `FAILED`, …
  package var status: String
  package var reason: String?
  /// `UNAVAILABLE`, `AVAILABLE`, `EXECUTE_IN_PROGRESS`, `EXECUTE_COMPLETE`, `EXECUTE_FAILED` or `OBSOLETE`.
  package var executionStatus: String?
  package var changes: [ResourceChange]

  /// CloudFormation calls a change set without changes a failed one.
  package var isEmpty: Bool {
    let reason = reason ?? ""
    return status == "FAILED"
      && (reason.contains("didn't contain changes") || reason.contains("No updates are to be performed"))
  }
}

extension ChangeSetDescription {
  init?(_ element: XMLElement, _ changes: [ResourceChange]) {
    guard let status = element.text("Status") else { return nil }
    self.init(
      id: element.text("ChangeSetId") ?? "", stackID: element.text("StackId") ?? "", status: status,
      reason: element.text("StatusReason"), executionStatus: element.text("ExecutionStatus"), changes: changes)
  }
}

/// What would be done to one resource.
package struct ResourceChange: Hashable, Sendable {
  package struct Detail: Hashable, Sendable {
    /// `Properties`, `Metadata`, `Tags`, `DeletionPolicy`, …
    package var attribute: String
    /// Of the property; `nil` for the other attributes.
    package var name: String?
    /// `Never`, `Conditionally` or `Always`.
    package var recreation: String?
    /// `ParameterReference`, `ResourceReference`, `ResourceAttribute`, `DirectModification` or `Automatic`.
    package var source: String?
    /// `Static`; `Dynamic` where it is only known later whether it changes at all.
    package var evaluation: String?
    /// The parameter, or the resource, that it comes from.
    package var cause: String?
  }

  /// `Add`, `Modify`, `Remove`, `Import` or `Dynamic`.
  package var action: String
  package var logicalID: String
  package var physicalID: String?
  package var type: String
  /// `True`, `False` or `Conditional`.
  package var replacement: String?
  /// `Retain`, `ReplaceAndRetain`, … where a policy of the template has a say.
  package var policyAction: String?
  package var scope: [String]
  package var details: [Detail]
}

extension ResourceChange {
  init(_ element: XMLElement) {
    self.init(
      action: element.text("Action") ?? "", logicalID: element.text("LogicalResourceId") ?? "",
      physicalID: element.text("PhysicalResourceId"), type: element.text("ResourceType") ?? "",
      replacement: element.text("Replacement"), policyAction: element.text("PolicyAction"),
      scope: element.list("Scope").map(\.text), details: element.list("Details").map { Detail($0) })
  }
}

extension ResourceChange.Detail {
  init(_ element: XMLElement) {
    let target = element["Target"]
    self.init(
      attribute: target?.text("Attribute") ?? "", name: target?.text("Name"),
      recreation: target?.text("RequiresRecreation"), source: element.text("ChangeSource"),
      evaluation: element.text("Evaluation"), cause: element.text("CausingEntity"))
  }
}

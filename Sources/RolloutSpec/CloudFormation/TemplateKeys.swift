import RolloutCore
import RolloutDiagnostics

/// Keys that CloudFormation would refuse: of the template, of a resource, and of the properties that are understood.
enum TemplateKeys {
  private static let sections = [
    "AWSTemplateFormatVersion", "Conditions", "Description", "Globals", "Hooks", "Mappings", "Metadata", "Outputs",
    "Parameters", "Resources", "Rules", "Transform",
  ]
  private static let resourceKeys = [
    "Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type", "UpdatePolicy",
    "UpdateReplacePolicy",
  ]
  private static let parameterKeys = [
    "AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description", "MaxLength", "MaxValue",
    "MinLength", "MinValue", "NoEcho", "Type",
  ]

  static func problems(in document: TemplateDocument) -> [Diagnostic] {
    var problems = unknown(in: document.root, of: sections, in: "a template")
    for parameter in document.parameters {
      problems += unknown(in: parameter.node, of: parameterKeys, in: "a parameter")
    }
    for resource in document.resources where !resource.id.hasPrefix("Fn::") {
      problems += unknown(in: resource.node, of: resourceKeys, in: "a resource")
      problems += untyped(resource, in: document)
      if let shape = PropertyShape.resources[resource.type], let properties = resource.node["Properties"] {
        problems += self.problems(in: properties, shape, of: resource.type)
      }
    }
    return problems
  }

  private static func problems(in node: YAMLNode, _ shape: PropertyShape, of owner: String) -> [Diagnostic] {
    if let (function, argument, _) = node.call {
      let branches = function == .if ? argument.items?.dropFirst() ?? [] : []
      return branches.flatMap { problems(in: $0, shape, of: owner) }
    }
    switch (shape, node.content) {
    case (.list(let item), .sequence(let items)): return items.flatMap { problems(in: $0, item, of: owner) }
    case (.object(let name, let fields), .mapping(let entries)):
      return unknown(in: node, of: fields.keys.sorted(), in: name ?? owner)
        + entries.flatMap { entry in
          fields[entry.key].map { problems(in: entry.value, $0, of: owner) } ?? []
        }
    default: return []
    }
  }

  private static func unknown(in node: YAMLNode, of known: [String], in owner: String) -> [Diagnostic] {
    guard node.call == nil || node.call?.function == .condition else { return [] }
    let given = node.entries.map(\.key)
    return node.entries.filter { !known.contains($0.key) && !$0.key.hasPrefix("Fn::") }.map { entry in
      let meant = entry.key.nearest(in: known.filter { !given.contains($0) })
      return Diagnostic(
        .templateKeyUnknown, "\(owner) has no key '\(entry.key)'", at: Label(entry.keyRange),
        help: meant.map { "did you mean '\($0)'?" } ?? "the keys are \(known.joined(separator: ", "))")
    }
  }

  private static func untyped(_ resource: TemplateDocument.Resource, in document: TemplateDocument) -> [Diagnostic] {
    let place = document.root.place(of: [.key("Resources"), .key(resource.id)])
    if resource.type.isEmpty {
      return [
        Diagnostic(
          .templateKeyUnknown, "the resource '\(resource.id)' has no type", at: Label(place),
          help: "add 'Type: AWS::…'")
      ]
    }
    let known = PropertyShape.resources.keys
    guard !known.contains(resource.type), resource.type.hasPrefix("AWS::"),
      let meant = resource.type.nearest(in: known), resource.type.isSlip(of: meant)
    else { return [] }
    return [
      Diagnostic(
        .templateKeyUnknown, "there is no resource type '\(resource.type)'",
        at: Label((resource.node["Type"] ?? resource.node).shortRange), help: "did you mean '\(meant)'?")
    ]
  }
}

extension String {
  /// Whether it could be the other one misspelt, rather than another resource of a similar name.
  fileprivate func isSlip(of other: String) -> Bool {
    lowercased() == other.lowercased()
      || (abs(count - other.count) <= 2 && sorted().difference(from: other.sorted()).count <= 2)
  }
}

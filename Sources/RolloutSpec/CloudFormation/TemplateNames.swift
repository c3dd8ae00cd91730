import RolloutCore
import RolloutDiagnostics

/// Whether the names in a template mean something.
enum TemplateNames {
  /// References to what is not there, also in branches that are not taken: CloudFormation refuses those as well.
  static func problems(in document: TemplateDocument) -> [Diagnostic] {
    // A macro may bring resources of its own.
    guard !document.hasMacros else { return [] }
    var walk = Walk(document: document)
    for key in ["Conditions", "Resources", "Outputs"] {
      if let node = document.root[key] { walk.visit(node) }
    }
    for resource in document.resources {
      for key in ["Condition", "DependsOn"] {
        guard let node = resource.node[key] else { continue }
        for name in node.items ?? [node] { walk.check(key == "Condition" ? .condition : .resource, named: name) }
      }
    }
    for output in document.root.entries("Outputs") {
      if let name = output.value["Condition"] { walk.check(.condition, named: name) }
    }
    return walk.problems + conditionCycle(in: document)
  }

  /// References to resources that a condition leaves out, from some that it lets in.
  static func missing(in document: TemplateDocument, using evaluator: inout TemplateEvaluator) -> [Diagnostic] {
    evaluator.references.keys.sorted().flatMap { id -> [Diagnostic] in
      (evaluator.references[id] ?? []).sorted().compactMap { name in
        guard let target = document.resource(name), evaluator.isIncluded(target) == false else { return nil }
        return Diagnostic(
          .templateNameUndefined, "'\(id)' refers to '\(name)', which its condition leaves out",
          at: Label(document.root.place(of: [.key("Resources"), .key(id)]), "this is in the stack"),
          and: [Label((target.node["Condition"] ?? target.node).shortRange, "this does not hold")],
          help: "put the reference under the same condition, with 'Fn::If'")
      }
    }
  }

  /// Resources each of which must exist before the other.
  static func cycle(in document: TemplateDocument, through references: [String: Set<String>]) -> Diagnostic? {
    guard let ring = CycleSearch.ring(in: references) else { return nil }
    return Diagnostic(
      .templateCycle, "resources wait for each other: \((ring + [ring[0]]).joined(separator: " → "))",
      at: Label(document.root.place(of: [.key("Resources"), .key(ring[0])]), "this needs '\(ring[1 % ring.count])'"),
      and: ring.dropFirst().map {
        Label(document.root.place(of: [.key("Resources"), .key($0)]), "part of the circle")
      },
      help: "break it: an alarm names its endpoint by the parameter, not by a reference to the endpoint")
  }

  /// Conditions that are decided by themselves.
  private static func conditionCycle(in document: TemplateDocument) -> [Diagnostic] {
    var references: [String: Set<String>] = [:]
    for entry in document.conditions { references[entry.key] = entry.value.conditionNames }
    guard let ring = CycleSearch.ring(in: references) else { return [] }
    return [
      Diagnostic(
        .templateCycle, "conditions depend on each other: \((ring + [ring[0]]).joined(separator: " → "))",
        at: Label(document.root.place(of: [.key("Conditions"), .key(ring[0])])),
        help: "decide one of them by parameters")
    ]
  }

  private enum Kind { case value, resource, condition }

  private struct Walk {
    let document: TemplateDocument
    var problems: [Diagnostic] = []

    init(document: TemplateDocument) { self.document = document }

    mutating func visit(_ node: YAMLNode) {
      if let (function, argument, _) = node.call { check(function, argument) }
      switch node.content {
      case .scalar: break
      case .sequence(let items): for item in items { visit(item) }
      case .mapping(let entries): for entry in entries { visit(entry.value) }
      }
    }

    private mutating func check(_ function: TemplateFunction, _ argument: YAMLNode) {
      switch function {
      case .ref: check(.value, named: argument)
      case .getAtt:
        if let id = argument.items?.first { check(.resource, named: id) }
        if let text = argument.scalarText { check(.resource, text.upToDot, at: argument) }
      case .condition where argument.scalarText != nil: check(.condition, named: argument)
      case .if: if let name = argument.items?.first { check(.condition, named: name) }
      case .sub:
        let text = argument.items?.first ?? argument
        let local = Set(argument.items?.dropFirst().first?.entries.map(\.key) ?? [])
        for case .variable(let name) in SubstitutionPart.parts(of: text.scalarText ?? "") where !local.contains(name) {
          check(name.contains(".") ? .resource : .value, name.upToDot, at: text)
        }
      default: break
      }
    }

    mutating func check(_ kind: Kind, named node: YAMLNode) {
      if let name = node.scalarText { check(kind, name, at: node) }
    }

    private mutating func check(_ kind: Kind, _ name: String, at node: YAMLNode) {
      let candidates: [String] =
        switch kind {
        case .value: document.parameters.map(\.name) + document.resources.map(\.id)
        case .resource: document.resources.map(\.id)
        case .condition: document.conditions.map(\.key)
        }
      guard !candidates.contains(name), kind != .value || !PseudoParameter.names.contains(name) else { return }
      let noun =
        switch kind {
        case .value: "parameter or resource"
        case .resource: "resource"
        case .condition: "condition"
        }
      let near = name.nearest(in: candidates + (kind == .value ? PseudoParameter.names : []))
      problems.append(
        Diagnostic(
          .templateNameUndefined, "the template has no \(noun) '\(name)'", at: Label(node.shortRange),
          help: near.map { "did you mean '\($0)'?" } ?? "add it, or refer to something else"))
    }
  }
}

/// What CloudFormation knows without being told.
enum PseudoParameter {
  static let names = [
    "AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region", "AWS::StackId",
    "AWS::StackName", "AWS::URLSuffix",
  ]
}

/// Depth first, each name once.
private struct CycleSearch {
  /// CloudFormation's own limit for resources. A stack of calls as long as the template must not overflow ours.
  private static let namesMax = 500

  private let references: [String: Set<String>]
  private var finished: Set<String> = []

  /// The first ring by name.
  static func ring(in references: [String: Set<String>]) -> [String]? {
    guard references.count <= namesMax else { return nil }
    var search = CycleSearch(references: references)
    for start in references.keys.sorted() {
      var trail: [String] = []
      if let ring = search.visit(start, &trail) { return ring }
    }
    return nil
  }

  private init(references: [String: Set<String>]) { self.references = references }

  private mutating func visit(_ id: String, _ trail: inout [String]) -> [String]? {
    if let begin = trail.firstIndex(of: id) { return Array(trail[begin...]) }
    guard !finished.contains(id) else { return nil }
    trail.append(id)
    defer { trail.removeLast() }
    for next in (references[id] ?? []).sorted() {
      if let ring = visit(next, &trail) { return ring }
    }
    finished.insert(id)
    return nil
  }
}

extension YAMLNode {
  /// The conditions that a condition is made of.
  fileprivate var conditionNames: Set<String> {
    switch content {
    case .scalar: return []
    case .sequence(let items): return items.reduce(into: []) { $0.formUnion($1.conditionNames) }
    case .mapping(let entries):
      if let (function, argument, _) = call, function == .condition { return Set([argument.scalarText ?? ""]) }
      return entries.reduce(into: []) { $0.formUnion($1.value.conditionNames) }
    }
  }
}

extension String {
  fileprivate var upToDot: String { String(prefix { $0 != "." }) }
}

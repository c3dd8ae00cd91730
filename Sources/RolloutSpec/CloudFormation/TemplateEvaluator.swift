import RolloutCore
import RolloutDiagnostics

/// Fills a template's parameters in and decides its conditions. What only AWS knows stays a symbol; nothing is guessed.
struct TemplateEvaluator {
  /// How many names may stand for each other in a row.
  private static let nestingMax = 64

  let document: TemplateDocument
  /// Values of parameters, and of pseudo parameters such as `AWS::Region`.
  let given: [String: String]
  var diagnostics = Diagnostics()

  /// Which resource refers to which, in the branches that are taken.
  private(set) var references: [String: Set<String>] = [:]
  private var subject: String?
  private var decided: [String: Bool?] = [:]
  private var deciding: Set<String> = []
  private var naming: Set<String> = []
  /// A condition may depend on a secret; nothing that is shown may.
  private var revealsSecrets = false

  init(_ document: TemplateDocument, given: [String: String]) {
    self.document = document
    self.given = given
  }

  /// A resource's properties and policies; `nil` when its condition leaves it out.
  mutating func resource(_ resource: TemplateDocument.Resource) -> TemplateResource? {
    if let condition = resource.node["Condition"]?.scalarText, self.condition(condition) == false { return nil }
    return about(resource.id) { evaluator in
      let path = resource.path
      let dependencies = resource.node["DependsOn"].map { $0.scalarText.map { [$0] } ?? $0.scalarTexts } ?? []
      for name in dependencies { evaluator.refer(to: name) }
      let properties = resource.node["Properties"].map { evaluator.value($0, at: path + [.key("Properties")]) }
      func policy(_ key: String) -> String {
        resource.node[key].map { evaluator.value($0, at: path + [.key(key)]).description } ?? "Delete"
      }
      return TemplateResource(
        reading: StackReading.Resource(
          logicalID: resource.id, path: path, deletionPolicy: policy("DeletionPolicy"),
          updateReplacePolicy: policy("UpdateReplacePolicy")),
        type: resource.type, dependencies: dependencies,
        properties: properties ?? TemplateValue(.mapping([]), at: path + [.key("Properties")]))
    }
  }

  /// Whether a resource is in the stack; `nil` when only AWS knows.
  mutating func isIncluded(_ resource: TemplateDocument.Resource) -> Bool? {
    guard let condition = resource.node["Condition"]?.scalarText else { return true }
    return self.condition(condition)
  }

  mutating func value(_ node: YAMLNode, at path: [LintPlace.Step]) -> TemplateValue {
    if let call = node.call, call.function != .condition {
      return apply(call.function, call.argument, in: node, at: path, key: call.key)
    }
    switch node.content {
    case .scalar(let scalar):
      return CoreScalar(scalar) == .null ? TemplateValue(.absent, at: path) : .text(scalar.text, at: path)
    case .sequence(let items):
      let values = items.enumerated().map { value($1, at: path + [.index($0)]) }
      return TemplateValue(.list(values.filter { !$0.isAbsent }), at: path)
    case .mapping(let entries):
      let values = entries.map { (key: $0.key, value: value($0.value, at: path + [.key($0.key)])) }
      return TemplateValue(.mapping(values.filter { !$0.value.isAbsent }), at: path)
    }
  }

  private mutating func about<Value>(_ id: String, _ body: (inout TemplateEvaluator) -> Value) -> Value {
    let outer = subject
    subject = id
    defer { subject = outer }
    return body(&self)
  }

  mutating func refer(to id: String) {
    if let subject, document.resource(id) != nil { references[subject, default: []].insert(id) }
  }

  mutating func reportMalformed(_ function: String, _ expected: String, at node: YAMLNode) {
    diagnostics.report(
      Diagnostic(
        .templateFunctionMalformed, "'\(function)' takes \(expected)", at: Label(node.shortRange),
        help: "write it as AWS's reference of intrinsic functions shows it"))
  }
}

// MARK: - Names

extension TemplateEvaluator {
  /// What `Ref` means.
  mutating func reference(to name: String, at path: [LintPlace.Step]) -> TemplateValue {
    if name == "AWS::NoValue" { return TemplateValue(.absent, at: path) }
    if let parameter = document.parameter(name) { return value(of: parameter, at: path) }
    if let resource = document.resource(name) {
      refer(to: name)
      let property = resource.type == "AWS::CloudWatch::Alarm" ? "AlarmName" : nil
      return named(resource, by: property, otherwise: name, at: path)
    }
    if name.hasPrefix("AWS::"), let known = given[name] { return .text(known, at: path) }
    return .symbol(name, at: path)
  }

  /// What `Fn::GetAtt` means. The names that a template gives to SageMaker's resources are known; the rest is AWS's.
  mutating func attribute(_ attribute: String, of id: String, at path: [LintPlace.Step]) -> TemplateValue {
    guard let resource = document.resource(id) else { return .symbol("\(id).\(attribute)", at: path) }
    refer(to: id)
    let nameable = [
      "AWS::SageMaker::Endpoint": "EndpointName", "AWS::SageMaker::EndpointConfig": "EndpointConfigName",
      "AWS::SageMaker::Model": "ModelName",
    ]
    let property = nameable[resource.type] == attribute ? attribute : nil
    return named(resource, by: property, otherwise: "\(id).\(attribute)", at: path)
  }

  private mutating func named(
    _ resource: TemplateDocument.Resource, by property: String?, otherwise symbol: String, at path: [LintPlace.Step]
  ) -> TemplateValue {
    let unknown = TemplateValue.symbol(symbol, at: path, resource: resource.id)
    guard let property, let node = resource.node["Properties"]?[property], naming.count < Self.nestingMax,
      naming.insert(resource.id).inserted
    else { return unknown }
    defer { naming.remove(resource.id) }
    let name = about(resource.id) { $0.value(node, at: path) }
    guard case .text = name.content else { return unknown }
    return TemplateValue(name.content, at: path, resource: resource.id, parameters: name.parameters)
  }

  private func value(of parameter: TemplateDocument.Parameter, at path: [LintPlace.Step]) -> TemplateValue {
    let isHidden = parameter.isLookedUp || (parameter.reading.isSecret && !revealsSecrets)
    guard !isHidden, let text = given[parameter.name] ?? parameter.reading.standard else {
      return TemplateValue(.text([.symbol(parameter.name)]), at: path, parameters: [parameter.name])
    }
    guard parameter.isList else {
      return TemplateValue(.text([.text(text)]), at: path, parameters: [parameter.name])
    }
    let items = text.split(separator: ",", omittingEmptySubsequences: false).map { item in
      TemplateValue.text(String(item.drop { $0 == " " }), at: path)
    }
    return TemplateValue(.list(items), at: path, parameters: [parameter.name])
  }
}

// MARK: - Conditions

extension TemplateEvaluator {
  /// Whether a condition holds; `nil` when only AWS knows.
  mutating func condition(_ name: String) -> Bool? {
    if let known = decided[name] { return known }
    // One that is not defined, or that leads back to itself, is reported elsewhere.
    guard let node = document.condition(name), deciding.count < Self.nestingMax, deciding.insert(name).inserted else {
      return nil
    }
    defer { deciding.remove(name) }
    let holds = decide(node)
    decided.updateValue(holds, forKey: name)
    return holds
  }

  private mutating func decide(_ node: YAMLNode) -> Bool? {
    guard let (function, argument, _) = node.call else {
      return node.scalarText.flatMap { Bool($0.lowercased()) }
    }
    let parts = argument.items ?? [argument]
    switch function {
    case .condition: return argument.scalarText.flatMap { condition($0) }
    case .not where parts.count == 1: return decide(parts[0]).map { !$0 }
    case .and where parts.count > 1: return all(parts.map { decide($0) })
    case .or where parts.count > 1: return all(parts.map { decide($0).map { !$0 } }).map { !$0 }
    case .equals where parts.count == 2: return areEqual(parts[0], parts[1])
    case .not, .and, .or, .equals:
      let expected = [.not: "one condition", .equals: "two values"][function] ?? "two to ten conditions"
      reportMalformed(function.key, "a list of \(expected)", at: node)
      return nil
    default: return nil
    }
  }

  /// One that does not hold decides, whatever the unknown ones are.
  private func all(_ parts: [Bool?]) -> Bool? {
    parts.contains(false) ? false : parts.contains(nil) ? nil : true
  }

  private mutating func areEqual(_ one: YAMLNode, _ other: YAMLNode) -> Bool? {
    let outer = revealsSecrets
    revealsSecrets = true
    defer { revealsSecrets = outer }
    guard let left = value(one, at: []).pieces, let right = value(other, at: []).pieces else { return nil }
    if let left = left.knownText, let right = right.knownText { return left == right }
    return left == right ? true : nil
  }
}

/// A resource with its parameters filled in.
struct TemplateResource {
  var reading: StackReading.Resource
  var type: String
  /// What it explicitly waits for.
  var dependencies: [String]
  var properties: TemplateValue
}

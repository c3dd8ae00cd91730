package import RolloutCore
package import RolloutDiagnostics

/// What a CloudFormation template in YAML or JSON says about its endpoint, with these values of its parameters; `nil`
/// and at least one error when it is no template. Everything that is wrong with its form, its names and its parameters
/// is reported.
///
/// `parameters` are values for this template alone: one that it does not declare is an error, unless `rollout` fills it
/// in wherever it is declared (`StackParameters`). Pseudo parameters (`AWS::Region`) may be among them. A parameter
/// without a value is an error too, unless `rollout` fills it in when it deploys.
package func readTemplate(
  _ text: String, path: String, parameters: [String: String], into diagnostics: inout Diagnostics
) -> StackReading? {
  TemplateReader(text, path: path, parameters: parameters, into: &diagnostics)?.reading
}

/// The same, held against the rules of SageMaker, CloudWatch and Application Auto Scaling. `live` is the template that
/// the stack runs now, for what may not change.
@discardableResult
package func lintTemplate(
  _ text: String, path: String, parameters: [String: String], live: StackReading? = nil,
  into diagnostics: inout Diagnostics
) -> StackReading? {
  guard let reader = TemplateReader(text, path: path, parameters: parameters, into: &diagnostics) else { return nil }
  for finding in TemplateLint.findings(in: reader.reading, live: live) {
    diagnostics.report(Diagnostic(finding, in: reader))
  }
  return reader.reading
}

extension TemplateDocument {
  /// `nil`: there is no such parameter, or it has no value.
  fileprivate func isTrue(_ name: String, given: [String: String]) -> Bool? {
    parameter(name).flatMap { given[name] ?? $0.reading.standard }.map { $0 == "true" }
  }

  /// Whether alarms can end a deployment also when `Guarded` is false.
  fileprivate func watchesWayBack(given: [String: String]) -> Bool {
    var evaluator = TemplateEvaluator(self, given: given.merging(["Guarded": "false"]) { $1 })
    return resources.filter { $0.type == "AWS::SageMaker::Endpoint" }.contains { resource in
      let endpoint = evaluator.resource(resource).map(StackReading.Endpoint.init)
      return endpoint?.deployment?.rollbackAlarms.isEmpty == false
    }
  }
}

/// A template that was read, and the tree that messages point into.
struct TemplateReader {
  let document: TemplateDocument
  let given: [String: String]
  let reading: StackReading

  init?(_ text: String, path: String, parameters: [String: String], into diagnostics: inout Diagnostics) {
    let file = SourceFile(path: path, text: text)
    let bytes = Array(JSONText.readableAsYAML(text).utf8)
    guard let root = YAMLComposer.compose(bytes, file: file, as: .template, into: &diagnostics) else { return nil }
    guard case .mapping = root.content, root["Resources"]?.entries.isEmpty == false else {
      diagnostics.report(
        Diagnostic(
          .notATemplate, "this is no CloudFormation template", at: Label(root["Resources"]?.range ?? root.shortRange),
          help: "a template has 'Resources'; Templates/production.yaml shows one"))
      return nil
    }
    document = TemplateDocument(root)
    given = parameters
    diagnostics.report(contentsOf: TemplateKeys.problems(in: document))
    diagnostics.report(contentsOf: TemplateNames.problems(in: document))
    diagnostics.report(contentsOf: TemplateParameters.problems(in: document, given: parameters))

    var evaluator = TemplateEvaluator(document, given: parameters)
    let resources = document.resources.compactMap { evaluator.resource($0) }
    diagnostics.report(contentsOf: evaluator.diagnostics.sorted)
    diagnostics.report(contentsOf: TemplateNames.missing(in: document, using: &evaluator))
    if let cycle = TemplateNames.cycle(in: document, through: evaluator.references) { diagnostics.report(cycle) }
    var stack = StackReading(document, resources, bytes: text.utf8.count)
    stack.isFirstDeployment = document.isTrue("FirstDeployment", given: parameters)
    stack.isGuarded = document.isTrue("Guarded", given: parameters) ?? true
    stack.isWayBackWatched = document.watchesWayBack(given: parameters)
    reading = stack
    let endpoints = resources.filter { $0.type == "AWS::SageMaker::Endpoint" }
    if endpoints.count != 1 { diagnostics.report(Self.notOneEndpoint(endpoints, in: document)) }
  }

  /// Where something of the reading stands.
  func range(of path: [LintPlace.Step]) -> SourceRange { document.root.place(of: path) }

  private static func notOneEndpoint(_ endpoints: [TemplateResource], in document: TemplateDocument) -> Diagnostic {
    func place(_ resource: TemplateResource) -> SourceRange { document.root.place(of: resource.reading.path) }
    guard endpoints.count > 1 else {
      let all = document.resources.filter { $0.type == "AWS::SageMaker::Endpoint" }
      return Diagnostic(
        .endpointNotOne, "the template has no endpoint",
        at: Label(
          document.root.place(of: [.key("Resources"), .key(all.first?.id ?? "")]),
          all.isEmpty ? "" : "its condition leaves it out"),
        help: all.isEmpty
          ? "add a resource of the type AWS::SageMaker::Endpoint" : "give the parameters values that let it in")
    }
    return Diagnostic(
      .endpointNotOne, "the template has \(endpoints.count) endpoints", at: Label(place(endpoints[1]), "a second one"),
      and: [Label(place(endpoints[0]), "the first one")], help: "give each endpoint a template and a stack of its own")
  }
}

extension StackReading {
  fileprivate init(_ document: TemplateDocument, _ resources: [TemplateResource], bytes: Int) {
    self.init(bytes: bytes)
    parameters = document.parameters.map(\.reading)
    func all<Value>(_ type: String, _ read: (TemplateResource) -> Value) -> [Value] {
      resources.filter { $0.type == type }.map(read)
    }
    let endpoints = all("AWS::SageMaker::Endpoint", Endpoint.init)
    endpoint = endpoints.count == 1 ? endpoints[0] : nil
    models = all("AWS::SageMaker::Model", Model.init)
    configurations = all("AWS::SageMaker::EndpointConfig", Configuration.init)
    alarms = all("AWS::CloudWatch::Alarm", Alarm.init)
    scalableTargets = all("AWS::ApplicationAutoScaling::ScalableTarget", ScalableTarget.init)
    scalingPolicies = all("AWS::ApplicationAutoScaling::ScalingPolicy", ScalingPolicy.init)
  }
}

extension Diagnostic {
  /// A finding of the rules, with the lines that it is about. A value that a parameter gives is shown at both places.
  init(_ finding: TemplateFinding, in reader: TemplateReader) {
    var related = finding.related.map { Label(reader.range(of: $0.place.path), $0.text) }
    if let name = finding.parameter, let parameter = reader.document.parameter(name) {
      let standard = parameter.node["Default"]
      let isGiven = reader.given[name] != nil
      if isGiven || standard != nil {
        related.append(
          Label(
            isGiven
              ? reader.range(of: [.key("Parameters"), .key(name)]) : standard?.shortRange ?? parameter.node.range,
            isGiven ? "its value comes from outside" : "its value comes from here"))
      }
    }
    guard let code = DiagnosticCode(rawValue: finding.kind.rawValue) else {
      preconditionFailure("every kind of finding has a code")
    }
    let meant = finding.meant.flatMap { $0.written.nearest(in: $0.candidates) }
    self.init(
      code, finding.message, at: Label(reader.range(of: finding.primary.place.path), finding.primary.text),
      and: related, help: meant.map { "did you mean '\($0)'?" } ?? finding.help,
      severity: finding.severity == .error ? .error : .warning)
  }
}

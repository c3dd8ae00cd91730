import RolloutCore
import RolloutDiagnostics

extension SpecAssembly {
  /// What carries an environment out, with what its template says.
  enum Target {
    case local(SpecFile<EndpointTemplate>?)
    case sageMaker(SageMakerDraft, StackTemplate?)
  }

  mutating func readTarget(_ draft: TargetDraft) -> Target {
    switch draft {
    case .local(let template):
      .local(template.flatMap { files.read($0.value, as: .template, namedAt: Label($0.node.range)) })
    case .sageMaker(let draft):
      .sageMaker(draft, draft.template.flatMap { readStackTemplate($0) })
    }
  }

  private mutating func readStackTemplate(_ reference: Located<String>) -> StackTemplate? {
    guard let text = files.read(reference.value, namedAt: Label(reference.node.range)) else { return nil }
    let path = shownPath(reference.value, from: files.workingDirectory)
    let parameters = declaredParameters(in: text, path: path, into: &files.diagnostics)
    return parameters.map { StackTemplate(name: fileName(of: reference.value), text: text, parameters: $0) }
  }

  /// What must hold between the files of an environment on SageMaker, and off it.
  mutating func checkTarget(of environment: Environment, in pipeline: SpecFile<PipelineDraft>) {
    guard let target = environment.target else { return }
    reportUnfitRegistry(environment, target, pipeline)
    switch target {
    case .local:
      guard let type = environment.draft.endpoint?.type else { return }
      files.diagnostics.report(
        Diagnostic(
          .instanceTypeOnLocal, "the local target runs on this machine, which has no type", at: Label(type.node.range),
          help: "remove it"))
    case .sageMaker(let draft, let template):
      reportMissingType(environment)
      reportTooLarge(template, environment, pipeline)
      if let template { reportParameters(draft.parameters ?? [], template) }
      if draft.stack == nil, let name = environment.stackName(of: pipeline.value.service),
        !Shape<String>.isStackName(name)
      {
        files.diagnostics.report(
          Diagnostic(
            .stackNameImpossible, "the stack would be called '\(name)', and a stack's name begins with a letter",
            at: Label(environment.root.place(of: [.key("target")])), help: "name it: 'stack: …'"))
      }
      reportRegions(environment, draft, pipeline)
    }
  }

  /// A package of one kind of registry means nothing to the other kind of target.
  private mutating func reportUnfitRegistry(
    _ environment: Environment, _ target: Target, _ pipeline: SpecFile<PipelineDraft>
  ) {
    let place = environment.root.place(of: [.key("target"), .key("provider")])
    let registry = Label(pipeline.root.place(of: [.key("registry"), .key("provider")]), "the models are here")
    switch (target, pipeline.value.registry) {
    case (.sageMaker, .local):
      files.diagnostics.report(
        Diagnostic(
          .registryUnfit, "SageMaker cannot run a package of a local registry",
          at: Label(place, "it knows packages by the ARN that its own registry gives them"), and: [registry],
          help: "write 'registry: {provider: sagemaker, region: …, group: …}'"))
    case (.local, .sageMaker):
      files.diagnostics.report(
        Diagnostic(
          .registryUnfit, "the local target cannot run a package of SageMaker's registry",
          at: Label(place, "such a package names a container, and no command to run"), and: [registry],
          help: "write 'registry: {provider: local, path: …, group: …}'"))
    case (.sageMaker, _), (.local, _): return
    }
  }

  /// What does not fit into a request goes by way of the bucket that keeps the state.
  private mutating func reportTooLarge(
    _ template: StackTemplate?, _ environment: Environment, _ pipeline: SpecFile<PipelineDraft>
  ) {
    guard case .sqlite = pipeline.value.state, let bytes = template?.text.utf8.count,
      bytes > StackTemplate.requestBytesMax
    else { return }
    files.diagnostics.report(
      Diagnostic(
        .templateTooLarge, "the template does not fit into a request, and there is no bucket for it",
        at: Label(environment.root.place(of: [.key("target"), .key("template")]), "it has \(bytes) bytes"),
        and: [Label(pipeline.root.place(of: [.key("state")]), "on this machine")],
        help: "keep the state in S3: 'state: {backend: s3, bucket: …, prefix: …}'; or shorten it to 51,200 bytes"))
  }

  private mutating func reportMissingType(_ environment: Environment) {
    // A type that is wrong has been reported, and so has an endpoint.
    guard let endpoint = environment.draft.endpoint else { return }
    if let type = endpoint.type { return reportUnknownType(type) }
    guard environment.root["endpoint"]?["type"] == nil else { return }
    files.diagnostics.report(
      Diagnostic(
        .instanceTypeMissing, "SageMaker must know what to run '\(endpoint.spec.name)' on",
        at: Label(environment.root.place(of: [.key("endpoint")]), "'type' is missing"),
        help: "add 'type: ml.m5.xlarge', or another type of instance"))
  }

  /// AWS adds families of types faster than anybody lists them; a size that a known family lacks is a slip.
  private mutating func reportUnknownType(_ type: Located<String>) {
    guard !InstanceTypes.isKnown(type.value) else { return }
    let isNewFamily = !InstanceTypes.isKnownFamily(type.value)
    files.diagnostics.report(
      Diagnostic(
        .instanceTypeUnknown, "SageMaker has no instance type '\(type.value)'", at: Label(type.node.range),
        help: type.value.nearest(in: InstanceTypes.names).map { "did you mean '\($0)'?" }
          ?? "choose a type that SageMaker hosts on, such as ml.m5.xlarge",
        severity: isNewFamily ? .warning : .error))
  }

  private mutating func reportParameters(_ parameters: [Keyed<String>], _ template: StackTemplate) {
    for parameter in parameters {
      if StackParameters.filled.contains(parameter.key) {
        files.diagnostics.report(
          Diagnostic(
            .parameterFilledIn, "rollout fills in '\(parameter.key)' itself", at: Label(parameter.keyRange),
            help: "remove it: the value comes from the environment's other words, or from the deployment"))
      } else if !template.parameters.contains(parameter.key) {
        let meant = parameter.key.nearest(in: template.parameters)
        files.diagnostics.report(
          Diagnostic(
            .parameterUndeclared, "\(template.name) has no parameter '\(parameter.key)'", at: Label(parameter.keyRange),
            help: meant.map { "did you mean '\($0)'?" } ?? "declare it under 'Parameters', or remove it"))
      }
    }
  }

  private mutating func reportRegions(
    _ environment: Environment, _ draft: SageMakerDraft, _ pipeline: SpecFile<PipelineDraft>
  ) {
    guard case .sageMaker(let registry, _) = pipeline.value.registry, let region = draft.region, region != registry
    else { return }
    files.diagnostics.report(
      Diagnostic(
        .regionsDiffer, "the endpoint and the models are in different regions",
        at: Label(environment.root.place(of: [.key("target"), .key("region")]), region),
        and: [Label(pipeline.root.place(of: [.key("registry"), .key("region")]), registry)],
        help: "SageMaker runs packages of its own region: copy the group, or move the endpoint", severity: .warning))
  }

  /// One stack is one environment: two would take each other's endpoint away.
  mutating func reportSharedStacks(_ environments: [Environment], service: String?) {
    var first: [String: SourceRange] = [:]
    for environment in environments {
      guard case .sageMaker(let draft, _) = environment.target, let region = draft.region,
        let name = draft.stack ?? environment.stackName(of: service)
      else { continue }
      let place = environment.root.place(of: [.key("target"), .key("stack")])
      if let earlier = first["\(region) \(name)"] {
        files.diagnostics.report(
          Diagnostic(
            .stackShared, "two environments have the stack '\(name)'", at: Label(place, "again here"),
            and: [Label(earlier, "first here")], help: "give each a stack of its own, or leave 'stack' out"))
      } else {
        first["\(region) \(name)"] = place
      }
    }
  }
}

extension SpecAssembly.Environment {
  /// What the stack is called unless the file says otherwise.
  func stackName(of service: String?) -> String? { service.map { "\($0)-\(stage.value)" } }

  /// The target, if all of it could be read.
  func targetSpec(service: String) -> TargetSpec? {
    switch target {
    case nil: return nil
    case .local(let template): return .local(template?.value ?? EndpointTemplate())
    case .sageMaker(let target, let template):
      guard let region = target.region, let role = target.role, let template, let parameters = target.parameters,
        let stack = target.stack ?? stackName(of: service), let type = draft.endpoint?.type?.value,
        let guardrails = draft.strategy?.guardrails(timeout: target.timeout)
      else { return nil }
      return .sageMaker(
        SageMakerSpec(
          region: region, role: role, stack: stack, template: template,
          parameters: Dictionary(uniqueKeysWithValues: parameters.map { ($0.key, $0.value) }), instanceType: type,
          guardrails: guardrails))
    }
  }
}

/// The names under a CloudFormation template's `Parameters`, in its order; `nil` and an error when it is not YAML.
func declaredParameters(in text: String, path: String, into diagnostics: inout Diagnostics) -> [String]? {
  let bytes = Array(text.utf8)
  var events = YAMLEvents(bytes)
  var keys = TopLevelKeys()
  do throws(YAMLSyntaxError) {
    while try keys.take(events.next()) {}
    return keys.parameters
  } catch {
    diagnostics.report(Diagnostic(error, in: SourceFile(path: path, text: text), bytes))
    return nil
  }
}

/// Follows events as far as the keys below the top level's `Parameters`.
private struct TopLevelKeys {
  private(set) var parameters: [String] = []
  private var depth = 0
  private var isKey = true
  private var isInParameters = false

  /// Whether more may follow.
  mutating func take(_ event: YAMLEvent) -> Bool {
    switch event.kind {
    case .streamEnd: return false
    case .streamStart, .documentStart, .documentEnd: return true
    case .mappingStart, .sequenceStart:
      depth += 1
      if depth <= 2 { isKey = true }
    case .mappingEnd, .sequenceEnd:
      depth -= 1
      if depth == 1 { isInParameters = false }
      if depth <= 2 { isKey = true }
    case .scalar(let text, _, _):
      take(text)
    case .alias: take("")
    }
    return true
  }

  private mutating func take(_ text: String) {
    guard depth == 1 || depth == 2 else { return }
    if isKey {
      if depth == 1 { isInParameters = text == "Parameters" } else if isInParameters { parameters.append(text) }
    }
    isKey.toggle()
  }
}

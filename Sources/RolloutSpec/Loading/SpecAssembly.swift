import RolloutCore
import RolloutDiagnostics

/// Puts a pipeline together from its files.
struct SpecAssembly {
  var files: SpecFiles

  /// An environment with the trees of its files, for messages about what it means.
  struct Environment {
    var stage: Located<String>
    var draft: EnvironmentDraft
    var root: YAMLNode
    var target: Target?
    var alarms: [ListedAlarm]
    var smoke: [SmokeSuite]
  }

  /// An alarm, and where the environment lists its file.
  struct ListedAlarm {
    var reference: YAMLNode
    var file: SpecFile<AlarmRule>
  }

  mutating func load(directory: String, named name: String) -> Specs? {
    let directory = realPath(directory) ?? directory
    guard let pipeline = readPipeline(directory, named: name) else { return nil }
    let stages = distinctStages(pipeline)
    let environments = stages.compactMap { readEnvironment($0, in: directory) }
    reportSharedEndpoints(environments)
    reportSharedStacks(environments, service: pipeline.value.service)
    for environment in environments {
      checkTarget(of: environment, in: pipeline)
      lint(environment)
    }
    guard let pipeline = Pipeline(pipeline.value) else { return nil }
    var specs: [EnvironmentSpec] = []
    for environment in environments {
      guard let spec = EnvironmentSpec(environment, service: pipeline.service) else { continue }
      lintTemplate(of: environment, as: spec)
      specs.append(spec)
    }
    return specs.count == stages.count ? Specs(pipeline: pipeline, environments: specs) : nil
  }

  /// Only what says where things are.
  mutating func loadPipeline(directory: String, named name: String) -> Pipeline? {
    readPipeline(realPath(directory) ?? directory, named: name).flatMap { Pipeline($0.value) }
  }

  private mutating func readPipeline(_ directory: String, named name: String) -> SpecFile<PipelineDraft>? {
    let path = directory + "/pipeline.yaml"
    let shown = shownPath(path, from: files.workingDirectory)
    if realPath(path) == nil {
      let isThere = !fileNames(in: directory).isEmpty
      files.diagnostics.report(
        Diagnostic(
          .fileNotFound, isThere ? "'\(name)' has no pipeline.yaml" : "there are no files in '\(name)'",
          at: Label(.file(shown)),
          help: "'rollout init' writes a working set of files; '--environments' names another directory"))
      return nil
    }
    return files.read(path, as: .pipeline, namedAt: nil)
  }

  private mutating func distinctStages(_ pipeline: SpecFile<PipelineDraft>) -> [Located<String>] {
    guard let stages = pipeline.value.stages else { return [] }
    if stages.isEmpty {
      let place = pipeline.root["stages"] ?? pipeline.root
      files.diagnostics.report(
        Diagnostic(
          .stagesEmpty, "a pipeline has at least one stage", at: Label(place.range),
          help: "name an environment, as in 'stages: [staging, production]'"))
    }
    var distinct: [Located<String>] = []
    for stage in stages {
      if let first = distinct.first(where: { $0.value == stage.value }) {
        files.diagnostics.report(
          Diagnostic(
            .stageRepeated, "'\(stage.value)' is a stage twice", at: Label(stage.node.range, "again here"),
            and: [Label(first.node.range, "first here")], help: "a model passes through an environment once"))
      } else {
        distinct.append(stage)
      }
    }
    return distinct
  }

  private mutating func readEnvironment(_ stage: Located<String>, in directory: String) -> Environment? {
    let path = "\(directory)/\(stage.value).yaml"
    if realPath(path) == nil {
      reportMissingEnvironment(stage, path, in: directory)
      return nil
    }
    guard let file = files.read(path, as: .environment, namedAt: Label(stage.node.range)) else { return nil }
    if let name = file.value.name, name.value != stage.value {
      files.diagnostics.report(
        Diagnostic(
          .environmentNamedOtherwise, "the file of stage '\(stage.value)' describes '\(name.value)'",
          at: Label(name.node.range, "this is not '\(stage.value)'"),
          and: [Label(stage.node.range, "the stage is named here")],
          help: "write 'environment: \(stage.value)', or name the stage and its file '\(name.value)'"))
    }
    var draft = file.value
    if var policy = draft.approval.flatMap(\.self).flatMap(\.self), let path = policy.signers?.path {
      let node = file.root["approval"]?["signers"] ?? file.root
      guard let text = files.read(path, namedAt: Label(node.range)) else { return nil }
      policy.signers?.text = text
      draft.approval = .some(.some(policy))
    }
    return Environment(
      stage: stage, draft: draft, root: file.root, target: draft.target.map { readTarget($0) },
      alarms: readAlarms(file.value.alarms ?? []), smoke: readSmoke(file.value.smoke ?? []))
  }

  private mutating func reportMissingEnvironment(_ stage: Located<String>, _ path: String, in directory: String) {
    let others = fileNames(in: directory).filter { $0.hasSuffix(".yaml") && $0 != "pipeline.yaml" }
      .map { String($0.dropLast(5)) }
    let shown = shownPath(path, from: files.workingDirectory)
    files.diagnostics.report(
      Diagnostic(
        .fileNotFound, "stage '\(stage.value)' has no file '\(shown)'", at: Label(stage.node.range),
        help: stage.value.nearest(in: others).map { "did you mean '\($0)'?" } ?? "create the file, or remove the stage")
    )
  }

  private mutating func readAlarms(_ references: [Located<String>]) -> [ListedAlarm] {
    references.compactMap { reference in
      let label = Label(reference.node.range, "listed here")
      return files.read(reference.value, as: .alarm, namedAt: label, missing: .alarmNotDefined)
        .map { ListedAlarm(reference: reference.node, file: $0) }
    }
  }

  private mutating func readSmoke(_ references: [Located<String>]) -> [SmokeSuite] {
    references.compactMap { files.read($0.value, as: .smoke, namedAt: Label($0.node.range, "listed here"))?.value }
  }

  private mutating func reportSharedEndpoints(_ environments: [Environment]) {
    var first: [String: YAMLNode] = [:]
    for environment in environments {
      guard let name = environment.draft.endpoint?.spec.name else { continue }
      let node = environment.root["endpoint"]?["name"] ?? environment.root
      if let earlier = first[name] {
        files.diagnostics.report(
          Diagnostic(
            .endpointShared, "two environments have the endpoint '\(name)'", at: Label(node.range, "again here"),
            and: [Label(earlier.range, "first here")],
            help: "give each environment an endpoint of its own, such as '\(name)-\(environment.stage.value)'"))
      } else {
        first[name] = node
      }
    }
  }
}

extension Pipeline {
  /// The pipeline, if all of it could be read.
  init?(_ draft: PipelineDraft) {
    guard let service = draft.service, let registry = draft.registry, let state = draft.state,
      let runtime = draft.runtime, let stages = draft.stages, let notify = draft.notify
    else { return nil }
    self.init(
      service: service, registry: registry, state: state, runtime: runtime, stages: stages.map(\.value),
      notify: notify)
  }
}

extension EnvironmentSpec {
  /// The environment, if all of it could be read.
  init?(_ read: SpecAssembly.Environment, service: String) {
    guard let name = read.draft.name?.value, let target = read.targetSpec(service: service),
      let endpoint = read.draft.endpoint?.spec, let model = read.draft.model, let approval = read.draft.approval,
      var strategy = read.draft.strategy?.strategy, let autoscaling = read.draft.autoscaling
    else { return nil }
    // SageMaker ends the old fleet after the last bake.
    if case .sageMaker = target { strategy.keepWarm = .zero }
    self.init(
      name: name, target: target, endpoint: endpoint, model: model, smoke: read.smoke, approval: approval,
      strategy: strategy, alarms: read.alarms.map(\.file.value), autoscaling: autoscaling)
  }
}

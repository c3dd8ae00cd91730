/// What a plan is made from: everything that was read, and how digests are made.
package struct PlanInputs {
  package var pipeline: Pipeline
  /// In the order of the pipeline's stages.
  package var environments: [EnvironmentSpec]
  package var packages: [ModelPackage]
  package var group: String
  package var registryPath: String
  package var lane: LaneState
  /// What the targets say, by endpoint; no entry where a target did not answer.
  package var world: [String: EndpointObservation]
  /// Plan revisions again that were taken back by an alarm or a person.
  package var retry: Bool
  package var digestOfContent: (Revision.Content) -> Digest
  package var digestOfSuite: (SmokeSuite) -> Digest

  package init(
    pipeline: Pipeline, environments: [EnvironmentSpec], packages: [ModelPackage], group: String,
    registryPath: String, lane: LaneState, world: [String: EndpointObservation], retry: Bool,
    digestOfContent: @escaping (Revision.Content) -> Digest, digestOfSuite: @escaping (SmokeSuite) -> Digest
  ) {
    self.pipeline = pipeline
    self.environments = environments
    self.packages = packages
    self.group = group
    self.registryPath = registryPath
    self.lane = lane
    self.world = world
    self.retry = retry
    self.digestOfContent = digestOfContent
    self.digestOfSuite = digestOfSuite
  }
}

/// Why there is no plan. All of them are reported, not the first.
package struct PlanProblem: Error, Hashable, Sendable {
  package var environment: String
  package var message: String
  package var help: String

  package init(environment: String, message: String, help: String) {
    self.environment = environment
    self.message = message
    self.help = help
  }
}

package enum PlanResult {
  case plan(Plan)
  case problems([PlanProblem])
}

extension PlanInputs {
  package func plan() -> PlanResult {
    var problems: [PlanProblem] = []
    var drafts: [Draft] = []
    for environment in environments {
      switch draft(environment) {
      case .success(let draft): drafts.append(draft)
      case .failure(let found): problems += found.problems
      }
    }
    problems += unprovenStages(drafts)
    guard problems.isEmpty else { return .problems(problems) }
    return .plan(assemble(drafts))
  }

  private func assemble(_ drafts: [Draft]) -> Plan {
    let lastChange = drafts.lastIndex { $0.change != .none }
    var program = Program(stages: [])
    var stages: [StagePlan] = []
    var suites: [SmokeSuite] = []
    for (index, draft) in drafts.enumerated() {
      let isNeeded = lastChange.map { index <= $0 } ?? false
      let steps = isNeeded ? draft.steps(digestOfSuite) : []
      if isNeeded {
        program.stages.append(draft.programStage(steps))
        suites += draft.spec.smoke.filter { !suites.contains($0) }
      }
      stages.append(draft.stagePlan(steps))
    }
    let base = PlanBase(
      lineage: lane.lineage, rolloutsStarted: lane.rolloutsStarted, stages: drafts.map(\.base))
    return Plan(service: pipeline.service, base: base, stages: stages, program: program, suites: suites)
  }

  /// A stage gets only what the stage before it proves.
  private func unprovenStages(_ drafts: [Draft]) -> [PlanProblem] {
    zip(drafts, drafts.dropFirst()).compactMap { before, after in
      guard after.change != .none,
        before.model.digest != after.model.digest || before.model.variant != after.model.variant
      else { return nil }
      return PlanProblem(
        environment: after.spec.name,
        message: "\(after.spec.name) wants \(after.model.title), but \(before.spec.name) proves \(before.model.title)",
        help: "select the same version and build in both, so that nothing unproven reaches users")
    }
  }
}

private struct Problems: Error { var problems: [PlanProblem] }

extension PlanInputs {
  private func draft(_ environment: EnvironmentSpec) -> Result<Draft, Problems> {
    let choice: ModelChoice
    do {
      choice = try environment.model.choose(from: packages, group: group)
    } catch {
      return .failure(
        Problems(problems: [
          PlanProblem(environment: environment.name, message: error.description, help: error.help)
        ]))
    }
    let template = environment.target.template
    let model = choice.deployed(registryPath: registryPath)
    var content = Revision.Content(
      model: model, serve: choice.serve, endpoint: environment.endpoint, template: template,
      alarms: environment.alarms, autoscaling: environment.autoscaling, sageMaker: environment.target.sageMaker)
    // Where a registry lies on this machine says nothing about what is deployed.
    content.model.registryPath = ""
    let digest = digestOfContent(content)
    content.model.registryPath = registryPath
    let draft = Draft(
      spec: environment, choice: choice, revision: Revision(digest: digest, content: content),
      live: lane.environments[environment.name]?.live?.revision, world: world[environment.endpoint.name],
      rejection: rejection(in: environment.name))
    let problems = requirementProblems(draft) + worldProblems(draft) + takenBackProblems(draft)
    return problems.isEmpty ? .success(draft) : .failure(Problems(problems: problems))
  }

  /// Of a version that serves there, or that a rollout under way would bring there.
  private func rejection(in environment: String) -> String? {
    let live = lane.environments[environment]?.live?.revision
    let coming = lane.liveRollout?.program.stages.first { $0.environment == environment }?.revision
    for model in [live, coming].compactMap({ $0?.content.model }) {
      let package = packages.first { $0.group == model.group && $0.version == model.version }
      if let approval = package?.approval, approval.status == .rejected {
        return "version \(model.version) was \(approval.rejection)"
      }
    }
    return nil
  }

  private func requirementProblems(_ draft: Draft) -> [PlanProblem] {
    draft.choice.requirements.filter { $0.outcome != .passed }.map {
      PlanProblem(
        environment: draft.spec.name, message: "\(draft.model.title) is not good enough: \($0)",
        help: "register and approve a version that meets it, or change the requirement in \(draft.spec.name).yaml")
    }
  }

  private func worldProblems(_ draft: Draft) -> [PlanProblem] {
    guard let serving = draft.world?.stable, serving.revision != draft.live?.digest else { return [] }
    let live = draft.live.map { "says \($0.content.model.title) is live" } ?? "never deployed anything there"
    return [
      PlanProblem(
        environment: draft.spec.name,
        message: "\(draft.spec.endpoint.name) serves \(serving.model.title), but the journal \(live)",
        help: "use the state that deployed it, or stop the runtime and remove its folder to start afresh")
    ]
  }

  private func takenBackProblems(_ draft: Draft) -> [PlanProblem] {
    guard !retry, draft.change != .none,
      let taken = lane.environments[draft.spec.name]?.takenBack.last(where: { $0.digest == draft.revision.digest })
    else { return [] }
    return [
      PlanProblem(
        environment: draft.spec.name,
        message: "\(draft.model.title) was taken back from \(draft.spec.name) by rollout \(taken.rollout): "
          + taken.cause.text,
        help: "reject it (rollout models reject \(draft.model.version)) or approve a better one; "
          + "to try the same again, add --retry")
    ]
  }
}

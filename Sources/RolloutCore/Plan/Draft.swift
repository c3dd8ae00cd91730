/// One environment while its plan is being made.
struct Draft {
  var spec: EnvironmentSpec
  var choice: ModelChoice
  var revision: Revision
  var live: Revision?
  var world: EndpointObservation?
  var rejection: String?

  var model: DeployedModel { revision.content.model }

  var change: StagePlan.Change {
    if let world, live != nil, world.stable == nil { return .redeployment }
    guard let live else { return .firstDeployment }
    if live.digest == revision.digest { return .none }
    return live.content.model.digest == model.digest && live.content.model.variant == model.variant
      ? .configuration : .model
  }

  var base: PlanBase.Stage {
    PlanBase.Stage(
      environment: spec.name, endpoint: spec.endpoint.name, live: live?.digest, serving: world?.stable?.revision,
      targetAnswered: world != nil, model: model.digest, modelVersion: model.version)
  }

  func programStage(_ steps: [Program.Step]) -> Program.Stage {
    Program.Stage(
      environment: spec.name, endpoint: spec.endpoint.name, revision: revision, base: live,
      approval: change == .none ? nil : spec.approval, steps: steps)
  }

  /// Longest a fleet may take to start: each of its servers has its own limit, and they start side by side.
  private var startup: TimeSpan {
    let template = spec.target.template
    return template.startupTimeout + .minutes(1)
  }

  func steps(_ digest: (SmokeSuite) -> Digest) -> [Program.Step] {
    var steps: [Program.Step] = [.verify]
    if change == .none {
      // Unchanged, but what follows relies on it: it is proved again as it stands.
      if !spec.smoke.isEmpty { steps.append(.smoke(suites: spec.smoke.map(digest))) }
      return steps
    }
    if spec.approval != nil { steps.append(.approve) }
    if let guardrails = spec.target.sageMaker?.guardrails { return steps + guarded(guardrails, digest) }
    steps.append(.prepare(within: startup))
    if !spec.smoke.isEmpty { steps.append(.smoke(suites: spec.smoke.map(digest))) }
    // With nothing serving there is nobody to keep on the old version, so no part of the traffic comes first.
    if change == .model || change == .configuration {
      for step in spec.strategy.steps where step.weight < .all {
        steps.append(.shift(step.weight))
        if step.bake > .zero { steps.append(.bake(step.bake)) }
      }
    }
    steps.append(.shift(.all))
    if spec.strategy.bakeAfter > .zero { steps.append(.bake(spec.strategy.bakeAfter)) }
    steps.append(.promote(keepWarm: spec.strategy.keepWarm))
    return steps
  }

  /// SageMaker moves the traffic; what it did is tested before anything of the old version is removed.
  private func guarded(_ guardrails: Guardrails, _ digest: (SmokeSuite) -> Digest) -> [Program.Step] {
    let deploy = Program.Step.deploy(guardrails, within: guardrails.timeout + SageMakerSpec.overhead)
    let smoke = spec.smoke.isEmpty ? [] : [Program.Step.smoke(suites: spec.smoke.map(digest))]
    return [deploy] + smoke + [.promote(keepWarm: .zero)]
  }

  func stagePlan(_ steps: [Program.Step]) -> StagePlan {
    var plan = StagePlan(
      environment: spec.name, endpoint: spec.endpoint.name, change: change, from: live?.content.model, to: model,
      revision: revision.digest,
      variantReason: choice.variant.reason == .noPreference ? nil : choice.variant.description,
      requirements: choice.requirements,
      configuration: live.map { ConfigurationChange.between($0.content, revision.content) } ?? [],
      alarms: spec.alarms.map { PlannedAlarm($0, in: spec.strategy, delay: spec.target.publicationDelay) },
      scaling: spec.autoscaling.map(PlannedScaling.init), gates: gates, schedule: schedule(steps))
    plan.rejection = rejection
    return plan
  }

  private var gates: [String] {
    var gates = choice.requirements.map { "\($0)" }
    let cases = spec.smoke.reduce(0) { $0 + $1.cases.count }
    if cases > 0 { gates.append("\(cases) smoke \(cases == 1 ? "case" : "cases")") }
    if change != .none, let approval = spec.approval {
      let who = approval.approvers.isEmpty ? "anybody" : approval.approvers.joined(separator: ", ")
      let count = approval.minimum == 1 ? "approval" : "\(approval.minimum) approvals"
      let own = approval.selfApproval ? "" : ", not whoever starts it"
      gates.append("\(count) by \(who)\(own), within \(approval.expires)")
    }
    return gates
  }

  private func schedule(_ steps: [Program.Step]) -> [ScheduleEntry] {
    var after = TimeSpan.zero
    return steps.map { step in
      let entry = ScheduleEntry(after: after, action: step.name)
      if case .bake(let time) = step { after = after + time }
      return entry
    }
  }
}

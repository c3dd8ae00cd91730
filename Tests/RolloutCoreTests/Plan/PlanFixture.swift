import RolloutCore

/// A small service with two environments and everything a planner reads, in memory.
struct PlanFixture {
  var staging = PlanFixture.environment("staging")
  var production = PlanFixture.environment("production")
  var packages: [ModelPackage] = [PlanFixture.package(1)]
  var lane = LaneState()
  var world: [String: EndpointObservation] = [:]
  var retry = false

  static func environment(_ name: String) -> EnvironmentSpec {
    let isProduction = name == "production"
    let ladder = [Strategy.Step(weight: Percent(10) ?? .none, bake: .minutes(10))]
    return EnvironmentSpec(
      name: name, target: .local(EndpointTemplate()), endpoint: EndpointSpec(name: "eye-\(name)"),
      model: ModelSpec(
        selection: .latestApproved,
        requirements: [Requirement(metric: "accuracy", comparison: Comparison(.greaterOrEqual, 0.6))]),
      smoke: [suite], approval: isProduction ? ApprovalPolicy(approvers: ["release"]) : nil,
      strategy: isProduction ? Strategy(steps: ladder, bakeAfter: .minutes(5)) : Strategy())
  }

  static let suite = SmokeSuite(
    name: "images",
    cases: [SmokeCase(name: "a picture", contentType: "image/jpeg", body: [1, 2], bodySource: "a.jpg")])

  static func package(
    _ version: Int, accuracy: Double = 0.6, status: ModelApproval.Status = .approved
  ) -> ModelPackage {
    ModelPackage(
      group: "eye", version: version, digest: Fixture.digest("package \(version)"),
      serve: ServeSpec(command: ["serve"]), metrics: ["accuracy": accuracy], sizeBytes: 1_000_000,
      registeredAt: Timestamp(milliseconds: 0), registeredBy: "ana",
      approval: ModelApproval(status: status, at: Timestamp(milliseconds: Int64(version)), by: "ben"))
  }

  var inputs: PlanInputs {
    PlanInputs(
      pipeline: Pipeline(
        service: "eye", registry: .local(path: "/r", group: "eye"), state: .sqlite(path: "/s"),
        runtime: RuntimeSpec(path: "/run"), stages: ["staging", "production"]),
      environments: [staging, production], packages: packages, group: "eye", registryPath: "/r", lane: lane,
      world: world, retry: retry, digestOfContent: { Fixture.digest("\($0)") },
      digestOfSuite: { Fixture.digest("suite \($0.name)") })
  }

  func plan() throws -> Plan {
    switch inputs.plan() {
    case .plan(let plan): return plan
    case .problems(let problems): throw NoPlan(problems: problems)
    }
  }

  func problems() -> [PlanProblem] {
    if case .problems(let problems) = inputs.plan() { return problems }
    return []
  }

  struct NoPlan: Error { var problems: [PlanProblem] }
}

// MARK: - What happened so far, folded from events

extension PlanFixture {
  /// The same service after what the files want went live everywhere.
  func deployed() throws -> PlanFixture {
    var next = self
    try next.apply(try plan())
    return next
  }

  /// Carries a plan out, approved where it must be; with `trip`, until the first share of traffic in production, where
  /// that alarm takes it back.
  mutating func apply(_ plan: Plan, until trip: GuardTrip? = nil) throws {
    if lane.service == nil { try write(.laneCreated(service: "eye", lineage: "l")) }
    let id = "r\(lane.rolloutsStarted + 1)"
    try write(.rolloutStarted(id: id, plan: Fixture.plan, program: plan.program))
    try write(.leaseAcquired(ttl: .seconds(30), why: .free))
    while let live = lane.liveRollout, live.mode == .forward {
      let isInProduction = live.stage.environment == "production"
      if let trip, isInProduction, case .shift = live.program[live.position] {
        try takeBack(live, trip)
      } else {
        try step(live)
      }
    }
    try write(.leaseReleased)
    for (name, environment) in lane.environments {
      world["eye-\(name)"] = environment.live.map { serving($0.revision) }
    }
  }

  private mutating func step(_ live: RolloutState) throws {
    let position = live.position
    let isLast = live.machine.course.position(after: position) == nil
    switch live.program[position] {
    case .approve:
      let root = live.evidenceRoot ?? Fixture.plan
      try write(.gateOpened(position, evidenceRoot: root, expires: Timestamp(milliseconds: 1)))
      let approval = Approval(
        rollout: live.id, gate: position, plan: Fixture.plan, evidenceRoot: root, by: "release")
      try write(.approvalGranted(approval))
    case .promote:
      try write(.stepStarted(position, attempt: 1, direction: .forward))
      let environment = live.stage.environment
      let record = (lane.environments[environment] ?? EnvironmentState()).record(for: live.stage.revision)
      try write(.stepSucceeded(position, observed: "live"))
      try write(.revisionPromoted(environment: environment, record: record))
      if isLast { try write(.rolloutCompleted(.promoted)) }
      return
    default: try write(.stepStarted(position, attempt: 1, direction: .forward))
    }
    if let kind = live.machine.course[position].evidenceKind {
      try write(
        .evidenceRecorded(
          Evidence(
            environment: live.stage.environment, kind: kind, passed: true, summary: "as it should be",
            digest: Fixture.digest("evidence"), root: Fixture.digest("root \(lane.sequence)"))))
    }
    try write(.stepSucceeded(position, observed: "done"))
    if isLast { try write(.rolloutCompleted(.promoted)) }
  }

  private mutating func takeBack(_ live: RolloutState, _ trip: GuardTrip) throws {
    try write(.guardTripped(live.position, trip))
    try write(.stepStarted(live.position, attempt: 1, direction: .undo))
    try write(.stepSucceeded(live.position, observed: "back"))
    try write(.rolloutCompleted(.rolledBack(.guardTripped(alarm: trip.alarm, reason: trip.reason))))
  }

  mutating func write(_ event: Event) throws {
    try lane.apply(
      Entry(
        sequence: lane.sequence + 1, at: Timestamp(milliseconds: 0), actor: Fixture.actor("ci"),
        epoch: event.needsLease ? lane.lease?.epoch : nil, event: event))
  }

  func serving(_ revision: Revision) -> EndpointObservation {
    EndpointObservation(
      fence: 1,
      stable: FleetObservation(
        revision: revision.digest, model: revision.content.model, desired: 1, ready: 1))
  }
}

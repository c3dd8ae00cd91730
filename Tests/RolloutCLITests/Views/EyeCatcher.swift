import RolloutCore

/// EyeCatcher with the figures of its documents, and values of every kind the views show.
enum EyeCatcher {
  /// Twelve readable digits, then more of them.
  static func digest(_ seed: String) -> Digest {
    let hex = String((seed + String(repeating: "0", count: 64)).prefix(64))
    guard let digest = Digest(hex: hex) else { fatalError("'\(seed)' is not hexadecimal") }
    return digest
  }

  static func percent(_ value: Double) -> Percent {
    guard let percent = Percent(value) else { fatalError("\(value) is no share") }
    return percent
  }

  /// 2026-08-01 12:00:00 UTC and some seconds.
  static func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: (1_785_585_600 + seconds) * 1_000) }

  static func actor(_ name: String, kind: Actor.Kind = .command) -> Actor {
    Actor(name: name, kind: kind, host: "build-7", pid: 4711, version: "1.0")
  }

  static let modelErrors = AlarmRule(
    name: "model-errors", metric: .modelErrors, statistic: .sum, period: .minutes(5),
    threshold: Comparison(.greater, 5), missingData: .notBreaching)
  static let cpu = AlarmRule(
    name: "cpu", metric: .cpu, statistic: .average, period: .minutes(5), threshold: Comparison(.greater, 70))

  static let scaling = ScalingPolicy(
    minimum: 1, maximum: 4, invocationsPerInstance: 70, scaleOutCooldown: .minutes(5), scaleInCooldown: .minutes(10))

  static let strategy = Strategy(
    steps: [
      .init(weight: percent(10), bake: .minutes(10)), .init(weight: percent(50), bake: .minutes(10)),
    ], bakeAfter: .minutes(10))

  static func suite(_ name: String, cases: Int) -> SmokeSuite {
    SmokeSuite(
      name: name,
      cases: (1...cases).map {
        SmokeCase(name: "picture \($0)", contentType: "image/jpeg", body: [1], bodySource: "\($0).jpg")
      })
  }

  static func environment(
    _ name: String, endpoint: String, strategy: Strategy = Strategy(), approval: ApprovalPolicy? = nil
  ) -> EnvironmentSpec {
    EnvironmentSpec(
      name: name, target: .local(EndpointTemplate()), endpoint: EndpointSpec(name: endpoint),
      model: ModelSpec(
        selection: .latestApproved,
        requirements: [Requirement(metric: "accuracy", comparison: Comparison(.greaterOrEqual, 0.6))]),
      smoke: [suite("images", cases: 2)], approval: approval, strategy: strategy, alarms: [modelErrors, cpu],
      autoscaling: scaling)
  }

  static let staging = environment("staging", endpoint: "eye-catcher-staging")
  static let production = environment(
    "production", endpoint: "eye-catcher-prod", strategy: strategy, approval: ApprovalPolicy(approvers: ["release"]))

  static func package(_ version: Int, accuracy: Double, megabytes: Int64) -> ModelPackage {
    ModelPackage(
      group: "eye-catcher", version: version, digest: digest("ab\(version)"),
      serve: ServeSpec(command: ["python3", "server.py"], environment: ["MODEL": "full.onnx"]),
      metrics: ["accuracy": accuracy], sizeBytes: megabytes * 1_000_000,
      variants: [
        "quantised": ModelVariant(
          environment: ["MODEL": "int8.onnx"], metrics: ["accuracy": accuracy - 0.01],
          sizeBytes: megabytes * 250_000)
      ], registeredAt: time(-86_400), registeredBy: "ana",
      approval: ModelApproval(status: .approved, at: time(-3_600 + Int64(version)), by: "ben"))
  }

  static let seven = package(7, accuracy: 0.6, megabytes: 300)
  static let eight = package(8, accuracy: 0.62, megabytes: 290)

  static func inputs(
    _ environments: [EnvironmentSpec] = [staging, production], packages: [ModelPackage] = [seven],
    lane: LaneState = LaneState()
  ) -> PlanInputs {
    PlanInputs(
      pipeline: Pipeline(
        service: "eye-catcher", registry: .local(path: "/registry", group: "eye-catcher"),
        state: .sqlite(path: "/state"), runtime: RuntimeSpec(path: "/runtime"),
        stages: environments.map(\.name)),
      environments: environments, packages: packages, group: "eye-catcher", registryPath: "/registry", lane: lane,
      world: [:], retry: false,
      digestOfContent: { content in
        digest(
          "\(content.model.version)" + (content.endpoint.name.hasSuffix("prod") ? "a" : "b")
            + "\(content.endpoint.instances)")
      },
      digestOfSuite: { _ in digest("5") })
  }

  static func plan(_ inputs: PlanInputs) -> Plan {
    switch inputs.plan() {
    case .plan(let plan): plan
    case .problems(let problems): fatalError("no plan: \(problems)")
    }
  }

  static let planDigest = digest("1a2b3c4d5e6f")
}

extension EyeCatcher {
  /// A journal being written, as one driver with one lease writes it.
  struct Story {
    var entries: [Entry] = []
    private(set) var state = LaneState()
    private var epoch: UInt64?

    mutating func write(_ event: Event, at seconds: Int64, by name: String = "ci") {
      let entry = Entry(
        sequence: state.sequence + 1, at: time(seconds), actor: actor(name), epoch: event.needsLease ? epoch : nil,
        event: event)
      do { try state.apply(entry) } catch { fatalError("\(event): \(error)") }
      if case .leaseAcquired = event { epoch = entry.sequence }
      entries.append(entry)
    }

    /// A step that starts and, after some seconds, is done.
    mutating func step(
      _ stage: Int, _ step: Int, at seconds: Int64, took: Int64 = 1, _ observed: String = "as it should"
    ) {
      let position = Position(stage: stage, step: step)
      write(.stepStarted(position, attempt: 1, direction: .forward), at: seconds)
      if let live = state.liveRollout, let kind = live.machine.course[position].evidenceKind {
        let evidence = EyeCatcher.evidence(live.stage.environment, kind, observed, digest: "e0")
        write(.evidenceRecorded(evidence), at: seconds + took)
      }
      write(.stepSucceeded(position, observed: observed), at: seconds + took)
    }
  }

  /// A lane in which `package` is live in both environments.
  static func live(_ package: ModelPackage) -> LaneState {
    var story = Story()
    story.deploy(package)
    return story.state
  }
}

extension EyeCatcher.Story {
  /// Brings a package to both environments in rollout r1, in no time and without gates.
  mutating func deploy(_ package: ModelPackage, id: String = "r1") {
    let bare = [EyeCatcher.staging, EyeCatcher.production].map { spec in
      var spec = spec
      spec.smoke = []
      spec.approval = nil
      spec.strategy = Strategy()
      return spec
    }
    let plan = EyeCatcher.plan(EyeCatcher.inputs(bare, packages: [package], lane: state))
    if state.service == nil { write(.laneCreated(service: "eye-catcher", lineage: "l"), at: -7_200) }
    write(.rolloutStarted(id: id, plan: EyeCatcher.digest("0ff"), program: plan.program), at: -7_200)
    write(.leaseAcquired(ttl: .seconds(30), why: .free), at: -7_200)
    for (index, stage) in plan.program.stages.enumerated() {
      for number in stage.steps.indices {
        if case .promote = stage.steps[number] {
          let position = Position(stage: index, step: number)
          write(.stepStarted(position, attempt: 1, direction: .forward), at: -7_100)
          write(.stepSucceeded(position, observed: "done"), at: -7_100)
          let record = (state.environments[stage.environment] ?? EnvironmentState()).record(for: stage.revision)
          write(.revisionPromoted(environment: stage.environment, record: record), at: -7_100)
        } else {
          step(index, number, at: -7_150)
        }
      }
    }
    write(.rolloutCompleted(.promoted), at: -7_080)
    write(.leaseReleased, at: -7_080)
  }
}

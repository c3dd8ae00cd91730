package import RolloutCore
import RolloutDigest
package import RolloutEngine

/// What a service's journal fills with over the years: new versions on their way through staging and a gated canary, of
/// which most go live and every fifth is taken back by an alarm. Written as drivers and people write it, without a
/// world that it would have to be true of.
package struct EverydayRollouts {
  /// The service so far.
  package private(set) var state: LaneState
  private var batch: [Event] = []
  private var draft: LaneState
  private var nonce: UInt64 = 0

  private static let ci = Actor(name: "ci", kind: .command, host: "build-7", pid: 4_711, version: "0.1.0")
  /// Half an hour for each rollout.
  private static let interval = TimeSpan.minutes(30)

  package init(after state: LaneState) {
    self.state = state
    draft = state
  }

  /// One more rollout from its start to its end, in as many appends as it takes to hand over the lease. Returns the
  /// number of entries written.
  @discardableResult
  package mutating func run(into journal: any Journal) async throws -> Int {
    let start = state.sequence
    let isGood = (state.past.count + 1) % 5 != 0
    writeStart()
    while let live = draft.liveRollout, live.mode == .forward {
      if !isGood, case .bake = live.program[live.position] { takeBack(live) } else { step(live) }
    }
    write(.leaseReleased)
    try await append(to: journal)
    return Int(state.sequence - start)
  }

  /// One more rollout, started and led, and gone no further. Returns its name.
  package mutating func start(in journal: any Journal) async throws -> String {
    let id = writeStart()
    try await append(to: journal)
    return id
  }

  @discardableResult
  private mutating func writeStart() -> String {
    let number = state.past.count + 1
    let id = "r\(number)"
    write(.rolloutStarted(id: id, plan: Digest(of: "plan \(number)"), program: Program(stages: stages(number))))
    write(.leaseAcquired(ttl: .seconds(30), why: .free))
    return id
  }

  /// Rollouts until the journal has at least so many entries.
  package mutating func fill(_ journal: any Journal, to count: UInt64) async throws {
    while state.sequence < count { try await run(into: journal) }
  }

  private mutating func append(to journal: any Journal) async throws {
    nonce += 1
    let entries = try await journal.append(
      batch, expecting: state.sequence, by: Self.ci, epoch: state.sequence + 2, nonce: nonce, at: now)
    for entry in entries { try state.apply(entry) }
    precondition(state.sequence == draft.sequence, "what was written is what was meant")
    draft = state
    batch = []
  }

  private var now: Timestamp {
    Timestamp(milliseconds: 1_785_585_600_000) + Self.interval * (state.past.count + 1)
  }

  private mutating func write(_ event: Event) {
    let entry = Entry(
      sequence: draft.sequence + 1, at: now, actor: Self.ci, epoch: event.needsLease ? draft.lease?.epoch : nil,
      event: event)
    do { try draft.apply(entry) } catch { preconditionFailure("\(event) may not follow: \(error)") }
    batch.append(event)
  }
}

// MARK: - The course of one rollout

extension EverydayRollouts {
  private mutating func step(_ live: RolloutState) {
    let position = live.position
    switch live.program[position] {
    case .approve:
      guard let root = live.evidenceRoot, let plan = live.plan else { preconditionFailure("staging was measured") }
      write(.gateOpened(position, evidenceRoot: root, expires: now + .hours(72)))
      write(
        .approvalGranted(
          Approval(
            rollout: live.id, gate: position, plan: plan, evidenceRoot: root, by: "release", comment: "looks good")))
      write(.stepSucceeded(position, observed: "approved by release"))
    case .promote:
      write(.stepStarted(position, attempt: 1, direction: .forward))
      write(.stepSucceeded(position, observed: "stable is version \(live.stage.revision.content.model.version)"))
      let environment = live.stage.environment
      let record = (draft.environments[environment] ?? EnvironmentState()).record(for: live.stage.revision)
      write(.revisionPromoted(environment: environment, record: record))
      if live.machine.course.position(after: position) == nil { write(.rolloutCompleted(.promoted)) }
    case let step:
      write(.stepStarted(position, attempt: 1, direction: .forward))
      if let kind = live.machine.course[position].evidenceKind { prove(kind, live) }
      write(.stepSucceeded(position, observed: "\(step.name): 2 of 2 instances ready, 480 requests, 2 errors in 10m"))
    }
  }

  private mutating func prove(_ kind: Evidence.Kind, _ live: RolloutState) {
    let seed = "\(live.id) \(live.stage.environment) \(kind.rawValue)"
    write(
      .evidenceRecorded(
        Evidence(
          environment: live.stage.environment, kind: kind, passed: true,
          summary: "2 of 2 smoke cases passed, slowest answer 58 ms", digest: Digest(of: seed),
          root: Digest(of: "root of \(seed)"))))
  }

  private mutating func takeBack(_ live: RolloutState) {
    let position = live.position
    let reason = "InvocationModelErrors Sum over 5m was 14 (> 5)"
    write(.stepStarted(position, attempt: 1, direction: .forward))
    write(.guardTripped(position, GuardTrip(alarm: "model-errors", reason: reason, at: now)))
    write(.stepStarted(position, attempt: 1, direction: .undo))
    write(.stepSucceeded(position, observed: "stable is the version before"))
    write(.rolloutCompleted(.rolledBack(.guardTripped(alarm: "model-errors", reason: reason))))
  }

  private func stages(_ number: Int) -> [Program.Stage] {
    ["staging", "production"].map { environment in
      let endpoint = "eye-catcher-\(environment)"
      let proof: [Program.Step] = [.prepare(within: .minutes(5)), .smoke(suites: [Digest(of: "suite")])]
      let isProduction = environment == "production"
      let ladder: [Program.Step] =
        isProduction
        ? [10.0, 50].compactMap(Percent.init).flatMap { [.shift($0), .bake(.minutes(10))] } : []
      return Program.Stage(
        environment: environment, endpoint: endpoint, revision: Self.revision(number, at: endpoint),
        base: draft.environments[environment]?.live?.revision,
        approval: isProduction ? ApprovalPolicy(approvers: ["release"]) : nil,
        steps: [.verify] + (isProduction ? [.approve] : []) + proof + ladder
          + [.shift(.all), .bake(.minutes(10)), .promote(keepWarm: .hours(1))])
    }
  }

  private static func revision(_ number: Int, at endpoint: String) -> Revision {
    let model = DeployedModel(
      group: "eye-catcher", version: number, digest: Digest(of: "model \(number)"), variant: "full",
      metrics: ["accuracy": 0.62, "recall": 0.71], sizeBytes: 24_000_000, registryPath: "/srv/rollout/registry")
    let content = Revision.Content(
      model: model,
      serve: ServeSpec(command: ["python3", "server.py", "--threads", "1"], environment: ["OMP_NUM_THREADS": "1"]),
      endpoint: EndpointSpec(name: endpoint, instances: 2), template: EndpointTemplate(),
      alarms: [
        AlarmRule(
          name: "model-errors", metric: .modelErrors, statistic: .sum, period: .minutes(5),
          threshold: Comparison(.greater, 5)),
        AlarmRule(
          name: "cpu", metric: .cpu, statistic: .average, period: .minutes(1), threshold: Comparison(.greater, 70)),
      ], autoscaling: nil)
    return Revision(digest: Digest(of: "revision \(number) \(endpoint)"), content: content)
  }
}

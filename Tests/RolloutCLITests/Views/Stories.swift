import RolloutCLI
import RolloutCore

extension EyeCatcher {
  static let upgrade = plan(inputs(packages: [seven, eight], lane: live(seven)))

  static func evidence(
    _ environment: String, _ kind: Evidence.Kind, passed: Bool = true, _ summary: String, digest seed: String
  ) -> Evidence {
    Evidence(
      environment: environment, kind: kind, passed: passed, summary: summary, digest: digest(seed),
      root: digest("f" + seed))
  }

  static func approval(_ story: Story, by name: String, comment: String? = nil) -> Approval {
    guard let rollout = story.state.liveRollout, let gate = rollout.gate, let plan = rollout.plan else {
      fatalError("no gate is open")
    }
    return Approval(
      rollout: rollout.id, gate: gate.position, plan: plan, evidenceRoot: gate.evidenceRoot, by: name,
      comment: comment)
  }
}

extension EyeCatcher.Story {
  private static let verify = "digest ab8000000000 verified, approved by ben"

  mutating func prove(
    _ stage: Int, _ step: Int, at seconds: Int64, took: Int64, _ evidence: Evidence
  ) {
    let position = Position(stage: stage, step: step)
    write(.stepStarted(position, attempt: 1, direction: .forward), at: seconds)
    write(.evidenceRecorded(evidence), at: seconds + took)
    write(.stepSucceeded(position, observed: evidence.summary), at: seconds + took)
  }

  mutating func promote(_ stage: Int, _ step: Int, at seconds: Int64) {
    let position = Position(stage: stage, step: step)
    write(.stepStarted(position, attempt: 1, direction: .forward), at: seconds)
    write(.stepSucceeded(position, observed: "stable is version 8"), at: seconds)
    guard let stage = state.liveRollout?.stage else { fatalError("nothing is under way") }
    let record = (state.environments[stage.environment] ?? EnvironmentState()).record(for: stage.revision)
    write(.revisionPromoted(environment: stage.environment, record: record), at: seconds)
  }

  /// Version 7 is live; rollout r2 brings version 8 as far as the gate of production, 70 s after its start.
  static func atGate() -> EyeCatcher.Story {
    var story = EyeCatcher.Story()
    story.deploy(EyeCatcher.seven)
    story.walkToGate("r2", at: 0)
    return story
  }

  mutating func walkToGate(_ id: String, at start: Int64) {
    if state.lease != nil { write(.leaseReleased, at: start) }
    write(.rolloutStarted(id: id, plan: EyeCatcher.planDigest, program: EyeCatcher.upgrade.program), at: start)
    write(.leaseAcquired(ttl: .seconds(30), why: .free), at: start)
    prove(0, 0, at: start + 1, took: 1, EyeCatcher.evidence("staging", .verification, Self.verify, digest: "e1"))
    step(0, 1, at: start + 2, took: 12, "version 8 has 1 instance ready and 0% of traffic; stable is version 7")
    prove(
      0, 2, at: start + 14, took: 2,
      EyeCatcher.evidence("staging", .smoke, "2 of 2 smoke cases passed, slowest answer 58 ms", digest: "e2"))
    step(0, 3, at: start + 16, took: 1, "version 8 has 1 instance ready and 100% of traffic; stable is version 7")
    promote(0, 4, at: start + 18)
    prove(
      1, 0, at: start + 20, took: 1, EyeCatcher.evidence("production", .verification, Self.verify, digest: "e3"))
    write(
      .gateOpened(
        Position(stage: 1, step: 1), evidenceRoot: EyeCatcher.digest("fe3"),
        expires: EyeCatcher.time(start + 70 + 72 * 3_600)),
      at: start + 70)
  }

  /// … and, approved, into the bake at 10 %, which starts after 8 minutes.
  static func baking() -> EyeCatcher.Story {
    var story = atGate()
    story.write(
      .approvalGranted(EyeCatcher.approval(story, by: "release", comment: "looks good")), at: 400, by: "release")
    story.write(.stepSucceeded(Position(stage: 1, step: 1), observed: "approved by release"), at: 401)
    story.step(1, 2, at: 402, took: 14, "version 8 has 1 instance ready and 0% of traffic; stable is version 7")
    story.prove(
      1, 3, at: 470, took: 2,
      EyeCatcher.evidence("production", .smoke, "2 of 2 smoke cases passed, slowest answer 61 ms", digest: "e4"))
    story.step(1, 4, at: 479, took: 1, "version 8 has 1 instance ready and 10% of traffic; stable is version 7")
    story.write(.stepStarted(Position(stage: 1, step: 5), attempt: 1, direction: .forward), at: 480)
    return story
  }

  /// … until its error alarm trips and it is taken back.
  static func takenBack() -> EyeCatcher.Story {
    var story = baking()
    let reason = "InvocationModelErrors Sum over 5m was 14 (> 5)"
    let bake = Position(stage: 1, step: 5)
    story.write(
      .guardTripped(bake, GuardTrip(alarm: "model-errors", reason: reason, at: EyeCatcher.time(523))), at: 524)
    story.write(.stepStarted(bake, attempt: 1, direction: .undo), at: 524)
    story.write(.stepSucceeded(bake, observed: "stable is version 7"), at: 526)
    story.write(.rolloutCompleted(.rolledBack(.guardTripped(alarm: "model-errors", reason: reason))), at: 526)
    story.write(.leaseReleased, at: 526)
    return story
  }

  /// … or until it is live everywhere.
  static func promoted() -> EyeCatcher.Story {
    var story = baking()
    story.write(.stepSucceeded(Position(stage: 1, step: 5), observed: "480 requests, 2 errors in 10m"), at: 1_080)
    story.step(1, 6, at: 1_080, "version 8 has 2 instances ready and 50% of traffic")
    story.step(1, 7, at: 1_082, took: 600, "2400 requests, 3 errors in 10m")
    story.step(1, 8, at: 1_683, "version 8 has 2 instances ready and 100% of traffic")
    story.step(1, 9, at: 1_685, took: 600, "4800 requests, 4 errors in 10m")
    story.promote(1, 10, at: 2_286)
    story.write(.rolloutCompleted(.promoted), at: 2_286)
    story.write(.leaseReleased, at: 2_286)
    return story
  }

  /// A journal with every kind of event in it.
  static var everything: EyeCatcher.Story {
    var story = baking()
    let bake = Position(stage: 1, step: 5)
    story.write(.holdSet(rollout: "r2", reason: "wait for Omar"), at: 490, by: "maria")
    story.write(.holdCleared(rollout: "r2"), at: 495, by: "maria")
    story.write(.canaryLapsed(bake), at: 500)
    let shift = Position(stage: 1, step: 4)
    story.write(.stepStarted(shift, attempt: 1, direction: .forward), at: 501)
    story.write(.leaseAcquired(ttl: .seconds(30), why: .expired), at: 540, by: "runtime")
    story.write(.stepSuperseded(shift, observed: "found undone after a change of driver"), at: 541)
    story.write(.stepStarted(shift, attempt: 1, direction: .forward), at: 542)
    story.write(.stepFailed(shift, isFinal: false, error: "no ready\ncanary"), at: 543)
    story.write(.stepStarted(shift, attempt: 2, direction: .forward), at: 544)
    story.write(.stepSucceeded(shift, observed: "version 8 has 1 instance ready and 10% of traffic"), at: 545)
    story.write(.stepStarted(bake, attempt: 1, direction: .forward), at: 545)
    story.write(.bakeSkipped(rollout: "r2", at: bake), at: 550, by: "maria")
    story.write(.abortRequested(rollout: "r2", reason: "users complain", isRollback: true), at: 560, by: "omar")
    story.write(.leaseAcquired(ttl: .seconds(30), why: .preempt), at: 560, by: "omar")
    story.failToUndo(at: bake)
    story.write(.operatorResolved(rollout: "r2", comment: "runtime is up again"), at: 600, by: "omar")
    story.write(.stepStarted(bake, attempt: 1, direction: .undo), at: 601)
    story.write(.stepSucceeded(bake, observed: "stable is version 7"), at: 602)
    story.write(
      .rolloutCompleted(.rolledBack(.requested(by: "omar", reason: "users complain", isRollback: true))), at: 602)
    story.walkToGate("r3", at: 700)
    story.write(.gateExpired(Position(stage: 1, step: 1)), at: 800)
    story.write(.rolloutCompleted(.rejected(.gateExpired)), at: 800)
    story.walkToGate("r4", at: 900)
    story.write(
      .approvalDenied(EyeCatcher.approval(story, by: "release", comment: "too slow")), at: 1_000, by: "release")
    story.write(.rolloutCompleted(.rejected(.denied(by: "release", comment: "too slow"))), at: 1_001)
    story.failSmoke("r5", at: 1_100)
    story.rollBack("r6", at: 1_200)
    story.write(.leaseReleased, at: 1_205)
    return story
  }

  /// The target cannot be told to take the canary back.
  mutating func failToUndo(at position: Position) {
    for attempt in 1...5 {
      write(.stepStarted(position, attempt: attempt, direction: .undo), at: 561)
      write(.stepFailed(position, isFinal: false, error: "no connection"), at: 562)
    }
    write(.quarantined(reason: "taking production back failed 5 times; last: no connection"), at: 563)
  }

  /// From the bake at 10 %: somebody wants it back, and that fails.
  mutating func getStuck() {
    write(.abortRequested(rollout: "r2", reason: "users complain", isRollback: true), at: 560, by: "omar")
    failToUndo(at: Position(stage: 1, step: 5))
  }

  /// A rollout whose smoke test on staging fails.
  mutating func failSmoke(_ id: String, at start: Int64) {
    if state.lease != nil { write(.leaseReleased, at: start) }
    write(.rolloutStarted(id: id, plan: EyeCatcher.planDigest, program: EyeCatcher.upgrade.program), at: start)
    write(.leaseAcquired(ttl: .seconds(30), why: .free), at: start)
    prove(0, 0, at: start + 1, took: 1, EyeCatcher.evidence("staging", .verification, Self.verify, digest: "e1"))
    step(0, 1, at: start + 2, took: 12, "version 8 has 1 instance ready and 0% of traffic; stable is version 7")
    let summary = "1 of 2 smoke cases failed, first 'picture 2': expected status 200, got 500"
    let smoke = Position(stage: 0, step: 2)
    write(.stepStarted(smoke, attempt: 1, direction: .forward), at: start + 14)
    write(
      .evidenceRecorded(EyeCatcher.evidence("staging", .smoke, passed: false, summary, digest: "e5")), at: start + 16)
    write(.stepFailed(smoke, isFinal: true, error: summary), at: start + 16)
    write(.unwindStarted(.proofFailed(summary: summary)), at: start + 16)
    write(.stepStarted(smoke, attempt: 1, direction: .undo), at: start + 16)
    write(.stepSucceeded(smoke, observed: "stable is version 7"), at: start + 18)
    write(.rolloutCompleted(.failed(.proofFailed(summary: summary))), at: start + 18)
  }

  /// On-call takes staging back to its first revision.
  mutating func rollBack(_ id: String, at start: Int64) {
    guard let record = state.environments["staging"]?.revisions.first else { fatalError("never deployed") }
    if state.lease != nil { write(.leaseReleased, at: start) }
    write(
      .rollbackStarted(
        id: id, environment: "staging", endpoint: "eye-catcher-staging", to: record, reason: "wrong labels"),
      at: start, by: "omar")
    write(.leaseAcquired(ttl: .seconds(30), why: .free), at: start, by: "omar")
    let place = Position(stage: 0, step: 0)
    write(.stepStarted(place, attempt: 1, direction: .undo), at: start, by: "omar")
    write(.stepSucceeded(place, observed: "stable is version 7"), at: start + 1, by: "omar")
    write(
      .rolloutCompleted(.rolledBack(.requested(by: "omar", reason: "wrong labels", isRollback: true))),
      at: start + 1, by: "omar")
  }
}

/// Tells a story entry by entry, each with the lane right after it.
struct Narrator {
  private var state = LaneState()

  mutating func line(_ entry: Entry) throws -> String {
    try state.apply(entry)
    return EntryText.line(entry, state)
  }

  mutating func json(_ entry: Entry) throws -> String {
    try state.apply(entry)
    return try EntryJSON.line(entry, state)
  }
}

import Testing

@testable import RolloutCore

/// What is refused before anything is sent to AWS, and what counts as success.
struct GuardedDecisionTests {
  private let good = Revision.sample(1)
  private let next = Revision.sample(2)
  /// These revisions name no stack.
  private let stackName = ""

  /// Version 1 is proven and serves; an order to deploy version 2 was accepted.
  private func record() throws -> GuardedEndpoint {
    var record = GuardedEndpoint(name: "eye")
    try record.accept(.prepare(good), fence: 10, lineage: "lane")
    record.creating(try #require(record.underWay), GuardedFacts())
    record.ordered()
    record.finished(.promote(good.digest, keepWarm: .zero), at: Timestamp(milliseconds: 0))
    try record.accept(.prepare(next), fence: 20, lineage: "lane")
    return record
  }

  private func facts(
    status: String = "InService", configuration: String = "eye-lane-10", isPending: Bool = false,
    stack: String = "UPDATE_COMPLETE", changeSet: String? = "rollout-lane-10",
    sets: [String: GuardedFacts.ChangeSet] = [:], alarms: [GuardedFacts.Alarm] = [], reason: String? = nil
  ) -> GuardedFacts {
    GuardedFacts(
      endpoint: GuardedFacts.Endpoint(
        status: status, configuration: configuration, isPending: isPending, reason: reason),
      stack: GuardedFacts.Stack(
        name: stackName, id: "stack-1", status: stack, changeSet: changeSet, configuration: configuration),
      changeSets: sets,
      alarms: alarms)
  }

  private func refusal(_ facts: GuardedFacts) throws -> String? {
    if case .refuse(let why) = try record().next(for: .prepare(next), facts) { why } else { nil }
  }

  @Test func `a quiet endpoint gets a change set, which is executed once it is ready`() throws {
    var record = try record()
    let deployment = try #require(record.underWay)
    #expect(deployment.configuration == "eye-lane-20")
    #expect(record.next(for: .prepare(next), facts()) == .create(deployment))
    let set = deployment.changeSet
    #expect(
      record.next(for: .prepare(next), facts(sets: [set: .ready(replacesEndpoint: false)])) == .execute(deployment))
    record.ordered()
    #expect(record.next(for: .prepare(next), facts(sets: [set: .started])) == .done)
    #expect(record.next(for: .prepare(next), facts()) == .done, "one that was executed is not kept for ever")
  }

  @Test(arguments: [
    ("Creating", "UPDATE_COMPLETE", "another deployment is under way"),
    ("UpdateRollbackFailed", "UPDATE_COMPLETE", "what it was given last failed"),
    ("Failed", "UPDATE_COMPLETE", "only deleting it helps"),
    ("InService", "UPDATE_IN_PROGRESS", "somebody else is changing it"),
    ("InService", "ROLLBACK_COMPLETE", "delete-stack"),
    ("InService", "UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
  ])
  func `nothing begins on what is not at rest`(status: String, stack: String, words: String) throws {
    let why = try #require(try refusal(facts(status: status, stack: stack)))
    #expect(why.contains(words))
  }

  @Test func `an alarm that is in ALARM already keeps a deployment from beginning`() throws {
    let alarm = GuardedFacts.Alarm(name: "eye-model-errors", state: .alarm, reason: "14 > 5")
    let why = try #require(try refusal(facts(alarms: [alarm])))
    #expect(why.contains("eye-model-errors (14 > 5)"))
    #expect(try refusal(facts(alarms: [GuardedFacts.Alarm(name: "eye-cpu", state: .insufficientData)])) == nil)
  }

  @Test func `what somebody put there by hand is not overwritten`() throws {
    let why = try #require(try refusal(facts(configuration: "theirs")))
    #expect(why.contains("theirs, which was put there by hand"))
  }

  @Test func `a change set that would make the live endpoint anew is not executed`() throws {
    let set = try #require(try record().underWay).changeSet
    let why = try #require(try refusal(facts(sets: [set: .ready(replacesEndpoint: true)])))
    #expect(why.contains("delete the live endpoint"))
  }

  @Test func `a stack that was made for something else is left alone`() throws {
    var record = GuardedEndpoint(name: "eye")
    try record.accept(.prepare(good), fence: 10, lineage: "lane")
    let strange = GuardedFacts(stack: GuardedFacts.Stack(name: "shop", id: "stack-1", status: "CREATE_COMPLETE"))
    guard case .refuse(let why) = record.next(for: .prepare(good), strange) else {
      Issue.record("it would change a stack that is not its own")
      return
    }
    #expect(why.contains("which was not made for eye"))
    try record.accept(.restore(nil), fence: 11, lineage: "lane")
    guard case .bury = record.next(for: .restore(nil), strange) else {
      Issue.record("it would delete a stack that is not its own")
      return
    }
  }

  // MARK: - What became of it

  private func observed(_ facts: GuardedFacts) throws -> CanaryObservation {
    var record = try record()
    record.ordered()
    let observation = record.observation(
      facts, unknown: { _ in Digest(words: (0, 0, 0, 9)) }, at: Timestamp(milliseconds: 5))
    return try #require(observation.canary)
  }

  @Test func `in service on the new configuration with nothing pending is success, and nothing else is`() throws {
    let new = "eye-lane-20"
    let done = try observed(facts(configuration: new, changeSet: "rollout-lane-20"))
    #expect(done.fleet.ready == done.fleet.desired && done.trip == nil)
    let unfinished = [
      facts(configuration: new, isPending: true, changeSet: "rollout-lane-20"),
      facts(status: "Updating", configuration: new, stack: "UPDATE_IN_PROGRESS", changeSet: "rollout-lane-20"),
      facts(configuration: "eye-lane-10", stack: "UPDATE_IN_PROGRESS", changeSet: "rollout-lane-20"),
    ]
    for facts in unfinished {
      let canary = try observed(facts)
      #expect(canary.fleet.ready == 0 && canary.trip == nil, "\(facts)")
    }
  }

  @Test(arguments: ["UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_COMPLETE"])
  func `in service on the old configuration is a rollback, whatever CloudFormation calls it`(status: String) throws {
    let canary = try observed(facts(stack: status, changeSet: "rollout-lane-20"))
    #expect(canary.trip?.alarm == "guardrail" && canary.fleet.ready == 0)
    let alarm = GuardedFacts.Alarm(name: "eye-model-errors", state: .alarm, reason: "14 > 5")
    let told = try observed(facts(stack: status, changeSet: "rollout-lane-20", alarms: [alarm]))
    #expect(told.trip == GuardTrip(alarm: "eye-model-errors", reason: "14 > 5", at: Timestamp(milliseconds: 5)))
  }

  @Test func `a stack that does not know of the change yet says nothing about it`() throws {
    let canary = try observed(facts(changeSet: "rollout-lane-10"))
    #expect(canary.trip == nil && canary.fleet.ready == 0)
  }

  @Test func `a change that is being carried out is not over while the stack still shows what was before`() throws {
    let set = "rollout-lane-20"
    for status in ["UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"] {
      #expect(try observed(facts(stack: status, changeSet: set, sets: [set: .started])).trip == nil)
      #expect(try observed(facts(stack: status, changeSet: set, sets: [set: .finished])).trip != nil)
    }
  }

  // MARK: - Ways back

  @Test func `while SageMaker bakes, its own alarm takes the traffic back`() throws {
    var record = try record()
    record.ordered()
    try record.accept(.restore(good), fence: 30, lineage: "lane")
    let baking = facts(status: "Updating", isPending: true, stack: "UPDATE_IN_PROGRESS", changeSet: "rollout-lane-20")
    #expect(record.next(for: .restore(good), baking) == .abort)
    record.aborting(true)
    let back = facts(stack: "UPDATE_ROLLBACK_COMPLETE", changeSet: "rollout-lane-20")
    let revoked = try #require(record.revoked.first)
    #expect(record.next(for: .restore(good), back) == .bury(revoked, like: "eye-lane-10"))
    record.buried(revoked, like: "eye-lane-10", models: [], at: Timestamp(milliseconds: 0))
    #expect(record.next(for: .restore(good), back) == .calm(isInTheWay: false))
    record.aborting(false)
    #expect(record.next(for: .restore(good), back) == .done)
  }

  @Test func `after all users had it, the version before is deployed again without guards`() throws {
    var record = try record()
    record.ordered()
    record.finished(.promote(next.digest, keepWarm: .zero), at: Timestamp(milliseconds: 0))
    try record.accept(.restore(good), fence: 30, lineage: "lane")
    let bad = facts(configuration: "eye-lane-20", changeSet: "rollout-lane-20")
    #expect(record.next(for: .restore(good), bad) == .begin(good))
    record.begin(good, at: Timestamp(milliseconds: 0))
    let back = try #require(record.underWay)
    #expect(!back.isGuarded)
    let alarm = GuardedFacts.Alarm(name: "eye-model-errors", state: .alarm, reason: "14 > 5")
    let burning = facts(
      configuration: "eye-lane-20", changeSet: "rollout-lane-20",
      sets: [back.changeSet: .ready(replacesEndpoint: false)],
      alarms: [alarm])
    #expect(record.next(for: .restore(good), burning) == .execute(back), "the bad version's alarm does not hold it up")
  }

  @Test func `a preflight that was refused does not end in a deployment over what somebody put there`() throws {
    var record = try record()
    try record.accept(.restore(good), fence: 30, lineage: "lane")
    guard case .refuse(let why) = record.next(for: .restore(good), facts(configuration: "theirs")) else {
      Issue.record("it would deploy over what is not its own")
      return
    }
    #expect(why.contains("left as it is"))
    // A person who asks for it after a promotion gets it.
    var later = try self.record()
    later.ordered()
    later.finished(.promote(next.digest, keepWarm: .zero), at: Timestamp(milliseconds: 0))
    try later.accept(.restore(good), fence: 30, lineage: "lane")
    #expect(later.next(for: .restore(good), facts(configuration: "theirs")) == .begin(good))
  }

  @Test func `scaling in between is waited for, and not taken for somebody's deployment`() throws {
    var record = try record()
    let scaling = facts(status: "Updating")
    guard case .wait = record.next(for: .prepare(next), scaling) else {
      Issue.record("a deployment fails because the endpoint scales")
      return
    }
    record.ordered()
    let scaled = facts(status: "Updating", configuration: "eye-lane-20", changeSet: "rollout-lane-20")
    guard case .wait = record.next(for: .promote(next.digest, keepWarm: .zero), scaled) else {
      Issue.record("a good deployment is taken back because the endpoint scales")
      return
    }
  }

  @Test func `an endpoint that is stuck is not waited for`() throws {
    var record = try record()
    record.ordered()
    record.finished(.promote(next.digest, keepWarm: .zero), at: Timestamp(milliseconds: 0))
    try record.accept(.restore(good), fence: 30, lineage: "lane")
    let mixed = facts(status: "UpdateRollbackFailed", configuration: "eye-lane-20", changeSet: "rollout-lane-20")
    #expect(record.next(for: .restore(good), mixed) == .begin(good))
    guard case .refuse = record.next(for: .restore(good), facts(status: "Failed", configuration: "eye-lane-20")) else {
      Issue.record("nothing but deleting it helps")
      return
    }
  }

  @Test func `an abort alarm that somebody left in ALARM is calmed before the next deployment`() throws {
    let alarm = GuardedFacts.Alarm(name: "eye-abort", state: .alarm, isAbort: true)
    #expect(try record().next(for: .prepare(next), facts(alarms: [alarm])) == .calm(isInTheWay: true))
  }

  @Test func `a way back whose change set failed is begun anew by the next order, and not before`() throws {
    var record = try record()
    record.ordered()
    record.finished(.promote(next.digest, keepWarm: .zero), at: Timestamp(milliseconds: 0))
    try record.accept(.restore(good), fence: 30, lineage: "lane")
    record.begin(good, at: Timestamp(milliseconds: 0))
    let set = try #require(record.underWay).changeSet
    let failed = facts(
      configuration: "eye-lane-20", changeSet: "rollout-lane-20", sets: [set: .failed("Rate exceeded")])
    guard case .refuse(let why) = record.next(for: .restore(good), failed) else {
      Issue.record("the driver does not hear of it")
      return
    }
    #expect(why.contains("Rate exceeded"))
    try record.accept(.restore(good), fence: 31, lineage: "lane")
    #expect(record.next(for: .restore(good), failed) == .begin(good))
  }

  @Test func `nothing before means that the stack goes, and by its identifier`() throws {
    var record = GuardedEndpoint(name: "eye")
    try record.accept(.prepare(good), fence: 10, lineage: "lane")
    record.creating(try #require(record.underWay), GuardedFacts())
    record.ordered()
    try record.accept(.restore(nil), fence: 11, lineage: "lane")
    let creating = facts(status: "Creating", stack: "CREATE_IN_PROGRESS", changeSet: "rollout-lane-10")
    #expect(record.next(for: .restore(nil), creating) == .deleteStack(id: "stack-1"))
    guard case .refuse = record.next(for: .restore(nil), facts(stack: "DELETE_FAILED")) else {
      Issue.record("a stack that will not go is taken for one that goes")
      return
    }
  }

  @Test func `what failed before the endpoint was touched is a failure, and no alarm`() throws {
    var facts = facts(stack: "UPDATE_ROLLBACK_COMPLETE", changeSet: "rollout-lane-20")
    facts.failure = GuardedFacts.Failure(logicalID: "Model", type: "AWS::SageMaker::Model", reason: "no PassRole")
    let canary = try observed(facts)
    #expect(canary.trip == nil)
    #expect(canary.fleet.failure == "Model (AWS::SageMaker::Model): no PassRole")
  }

  @Test func `an endpoint that does not serve is not shown as serving`() throws {
    let record = try record()
    let observation = record.observation(
      facts(status: "Failed", reason: "out of capacity"), unknown: { _ in Digest(words: (0, 0, 0, 9)) },
      at: Timestamp(milliseconds: 5))
    #expect(observation.stable?.ready == 0)
    #expect(observation.stable?.failure == "eye is Failed: out of capacity")
  }

  @Test func `nobody goes back to what users never had, and older orders are refused`() throws {
    var record = try record()
    #expect(throws: OrderRefusal.self) { try record.accept(.restore(.sample(7)), fence: 30, lineage: "lane") }
    #expect(throws: OrderRefusal.fenced(seen: 30)) { try record.accept(.prepare(next), fence: 29, lineage: "lane") }
    #expect(throws: OrderRefusal.foreign) { try record.accept(.prepare(next), fence: 40, lineage: "other") }
  }
}

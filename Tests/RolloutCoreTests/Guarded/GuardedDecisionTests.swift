import Testing

@testable import RolloutCore

/// What is refused before anything is sent to AWS, and what counts as success.
struct GuardedDecisionTests {
  private let good = Revision.sample(1)
  private let next = Revision.sample(2)

  /// Version 1 is proven and serves; an order to deploy version 2 was accepted.
  private func record() throws -> GuardedEndpoint {
    var record = GuardedEndpoint(name: "eye")
    try record.accept(.prepare(good), fence: 10, lineage: "lane")
    record.creating(GuardedFacts())
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
      stack: GuardedFacts.Stack(status: stack, changeSet: changeSet, configuration: configuration), changeSets: sets,
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
    ("Updating", "UPDATE_COMPLETE", "another deployment is under way"),
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
    let strange = GuardedFacts(stack: GuardedFacts.Stack(status: "CREATE_COMPLETE"))
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
    record.buried(revoked, isTombstone: true, at: Timestamp(milliseconds: 0))
    #expect(record.next(for: .restore(good), back) == .calm)
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
    record.begin(good)
    let back = try #require(record.underWay)
    #expect(!back.isGuarded)
    let alarm = GuardedFacts.Alarm(name: "eye-model-errors", state: .alarm, reason: "14 > 5")
    let burning = facts(
      configuration: "eye-lane-20", changeSet: "rollout-lane-20",
      sets: [back.changeSet: .ready(replacesEndpoint: false)],
      alarms: [alarm])
    #expect(record.next(for: .restore(good), burning) == .execute(back), "the bad version's alarm does not hold it up")
  }

  @Test func `nobody goes back to what users never had, and older orders are refused`() throws {
    var record = try record()
    #expect(throws: OrderRefusal.self) { try record.accept(.restore(.sample(7)), fence: 30, lineage: "lane") }
    #expect(throws: OrderRefusal.fenced(seen: 30)) { try record.accept(.prepare(next), fence: 29, lineage: "lane") }
    #expect(throws: OrderRefusal.foreign) { try record.accept(.prepare(next), fence: 40, lineage: "other") }
  }
}

import RolloutCore
import Testing

struct PlannerTests {
  private func steps(_ environment: String, _ plan: Plan) throws -> [String] {
    try #require(plan.program.stages.first { $0.environment == environment }).steps.map(\.name)
  }

  @Test func `a first deployment has no part of the traffic to move`() throws {
    let plan = try PlanFixture().plan()
    #expect(plan.stages.map(\.change) == [.firstDeployment, .firstDeployment])
    #expect(
      try steps("staging", plan) == [
        "verify the model", "start the new version", "smoke tests", "shift to 100%", "promote",
      ])
    #expect(
      try steps("production", plan) == [
        "verify the model", "approval", "start the new version", "smoke tests", "shift to 100%", "bake for 5m",
        "promote",
      ])
    #expect(plan.program.stages.allSatisfy { $0.base == nil })
    #expect(plan.suites == [PlanFixture.suite])
  }

  @Test func `a new version goes through both environments and climbs the ladder`() throws {
    var fixture = try PlanFixture().deployed()
    fixture.packages.append(PlanFixture.package(2, accuracy: 0.7))
    let plan = try fixture.plan()
    #expect(plan.stages.map(\.change) == [.model, .model])
    #expect(plan.stages.map { $0.from?.version } == [1, 1])
    #expect(
      try steps("production", plan) == [
        "verify the model", "approval", "start the new version", "smoke tests", "shift to 10%", "bake for 10m",
        "shift to 100%", "bake for 5m", "promote",
      ])
    #expect(plan.bakes == .minutes(15))
    #expect(plan.program.stages.map { $0.base?.content.model.version } == [1, 1])
    #expect(
      plan.stages.last?.schedule.map(\.after.description) == ["0s", "0s", "0s", "0s", "0s", "0s", "10m", "10m", "15m"])
  }

  @Test func `when the files say what is there nothing is planned`() throws {
    let plan = try PlanFixture().deployed().plan()
    #expect(!plan.hasChanges)
    #expect(plan.stages.map(\.change) == [.none, .none])
    #expect(plan.suites.isEmpty)
  }

  @Test func `what was rejected after it went live is said where it serves`() throws {
    var fixture = try PlanFixture().deployed()
    fixture.packages.append(PlanFixture.package(2))
    fixture = try fixture.deployed()
    #expect(try fixture.plan().stages.map(\.rejection) == [nil, nil])
    fixture.packages[1] = PlanFixture.package(2, status: .rejected)
    let plan = try fixture.plan()
    #expect(plan.stages.map(\.to.version) == [1, 1])
    #expect(plan.stages.map(\.rejection) == ["version 2 was rejected by ben", "version 2 was rejected by ben"])
  }

  @Test func `a change behind an unchanged stage proves that stage again and touches it no further`() throws {
    var fixture = try PlanFixture().deployed()
    fixture.production.endpoint.instances = 3
    let plan = try fixture.plan()
    #expect(plan.stages.map(\.change) == [.none, .configuration])
    let change = try #require(plan.stages.last?.configuration.first)
    #expect((change.name, change.from, change.to) == ("endpoint.instances", "1", "3"))
    #expect(plan.stages.last?.configuration.count == 1)
    #expect(try steps("staging", plan) == ["verify the model", "smoke tests"])
    #expect(plan.program.stages.first?.approval == nil)
  }

  @Test func `stages behind the last change are left out`() throws {
    var fixture = try PlanFixture().deployed()
    fixture.staging.endpoint.instances = 3
    let plan = try fixture.plan()
    #expect(plan.program.stages.map(\.environment) == ["staging"])
    #expect(plan.stages.map(\.environment) == ["staging", "production"])
  }

  @Test func `a change of the model's files on this machine alone is no change`() throws {
    let fixture = try PlanFixture().deployed()
    var inputs = fixture.inputs
    inputs.registryPath = "/elsewhere"
    guard case .plan(let plan) = inputs.plan() else { return #expect(Bool(false), "there is a plan") }
    #expect(!plan.hasChanges)
  }

  @Test func `what the target lost is deployed again`() throws {
    var fixture = try PlanFixture().deployed()
    fixture.world["eye-production"] = EndpointObservation(fence: 4)
    let plan = try fixture.plan()
    #expect(plan.stages.map(\.change) == [.none, .redeployment])
    #expect(try steps("production", plan).contains("shift to 10%") == false)
  }

  @Test func `a target that does not answer is taken at the journal's word`() throws {
    var fixture = try PlanFixture().deployed()
    fixture.world = [:]
    #expect(try !fixture.plan().hasChanges)
    #expect(try fixture.plan().base.stages.map(\.targetAnswered) == [false, false])
  }

  @Test func `the same files over the same world give the same plan`() throws {
    #expect(try PlanFixture().plan() == PlanFixture().plan())
  }
}

struct PlanProblemTests {
  @Test func `a later stage gets nothing that the stage before does not prove`() throws {
    var fixture = PlanFixture()
    fixture.packages.append(PlanFixture.package(2))
    fixture.staging.model.selection = .version(1)
    #expect(
      fixture.problems() == [
        PlanProblem(
          environment: "production", message: "production wants eye version 2, but staging proves eye version 1",
          help: "select the same version and build in both, so that nothing unproven reaches users")
      ])
  }

  @Test func `a live later stage may stay behind the one before`() throws {
    var fixture = try PlanFixture().deployed()
    fixture.packages.append(PlanFixture.package(2))
    fixture.production.model.selection = .version(1)
    #expect(try fixture.plan().stages.map(\.change) == [.model, .none])
  }

  @Test func `every requirement that is not met is reported for every environment`() {
    var fixture = PlanFixture()
    fixture.packages = [PlanFixture.package(1, accuracy: 0.5)]
    fixture.production.model.requirements.append(
      Requirement(metric: "recall", comparison: Comparison(.greaterOrEqual, 0.9)))
    #expect(
      fixture.problems().map(\.message) == [
        "eye version 1 is not good enough: accuracy is 0.5, required >= 0.6",
        "eye version 1 is not good enough: accuracy is 0.5, required >= 0.6",
        "eye version 1 is not good enough: recall was not registered, required >= 0.9",
      ])
    #expect(fixture.problems().map(\.environment) == ["staging", "production", "production"])
  }

  @Test func `without an approved model each environment says so`() {
    var fixture = PlanFixture()
    fixture.packages = [PlanFixture.package(1, status: .pending)]
    #expect(fixture.problems().map(\.message) == ["no version of eye is approved", "no version of eye is approved"])
  }

  @Test func `an endpoint that somebody else deployed to is left alone`() throws {
    var fixture = try PlanFixture().deployed()
    let foreign = Fixture.revision(9)
    fixture.world["eye-production"] = fixture.serving(foreign)
    #expect(
      fixture.problems().map(\.message) == [
        "eye-production serves eye-catcher version 9, but the journal says eye version 1 is live"
      ])
    fixture.lane = LaneState()
    #expect(
      fixture.problems().last?.message
        == "eye-production serves eye-catcher version 9, but the journal never deployed anything there")
  }

  @Test func `what was taken back is not planned again without --retry`() throws {
    var fixture = try PlanFixture().deployed()
    fixture.packages.append(PlanFixture.package(2))
    try fixture.apply(
      try fixture.plan(), until: GuardTrip(alarm: "cpu", reason: "98 (> 70)", at: Timestamp(milliseconds: 0)))
    #expect(
      fixture.problems() == [
        PlanProblem(
          environment: "production",
          message: "eye version 2 was taken back from production by rollout r2: alarm cpu tripped: 98 (> 70)",
          help: "reject it (rollout models reject 2) or approve a better one; to try the same again, add --retry")
      ])
    fixture.retry = true
    #expect(try fixture.plan().stages.map(\.change) == [.none, .model])
  }

  @Test func `a better version is planned after a bad one was taken back`() throws {
    var fixture = try PlanFixture().deployed()
    fixture.packages.append(PlanFixture.package(2))
    try fixture.apply(
      try fixture.plan(), until: GuardTrip(alarm: "cpu", reason: "98 (> 70)", at: Timestamp(milliseconds: 0)))
    fixture.packages.append(PlanFixture.package(3))
    #expect(try fixture.plan().stages.map { $0.from?.version } == [2, 1])
  }
}

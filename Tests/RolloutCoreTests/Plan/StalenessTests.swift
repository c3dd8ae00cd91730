import RolloutCore
import Testing

struct StalenessTests {
  private let fixture: PlanFixture
  private let plan: Plan

  init() throws {
    var fixture = try PlanFixture().deployed()
    fixture.packages.append(PlanFixture.package(2))
    self.fixture = fixture
    plan = try fixture.plan()
  }

  private func reasons(_ change: (inout PlanFixture) -> Void = { _ in }) -> [String] {
    var now = fixture
    change(&now)
    return plan.staleness(lane: now.lane, world: now.world, packages: now.packages)
  }

  @Test func `a plan is fresh while nothing has moved`() {
    #expect(reasons() == [])
  }

  @Test func `a plan that was never asked of a journal fits the first one`() throws {
    let first = try PlanFixture().plan()
    var lane = LaneState()
    lane.lineage = "new"
    #expect(first.staleness(lane: lane, world: [:], packages: [PlanFixture.package(1)]) == [])
  }

  @Test func `another journal makes a plan stale`() {
    #expect(reasons { $0.lane.lineage = "other" } == ["it was made against another journal"])
  }

  @Test func `a rollout in between makes a plan stale`() throws {
    var now = fixture
    try now.apply(try now.plan(), until: GuardTrip(alarm: "cpu", reason: "", at: Timestamp(milliseconds: 0)))
    #expect(
      plan.staleness(lane: now.lane, world: now.world, packages: now.packages) == [
        "1 other rollout ran since it was made", "eye-staging serves something else now",
        "another revision is live in staging now",
      ])
  }

  @Test func `a target that serves something else makes a plan stale`() {
    #expect(
      reasons { $0.world["eye-staging"] = EndpointObservation(fence: 7) } == ["eye-staging serves something else now"])
  }

  @Test func `a target that stopped answering does not`() {
    #expect(reasons { $0.world = [:] } == [])
  }

  @Test func `another live revision makes a plan stale`() {
    #expect(
      reasons { $0.lane.environments["production"]?.path = [] }
        == ["another revision is live in production now"])
  }

  @Test func `a model that is gone, or altered, makes a plan stale, and it is said once`() {
    let gone = "version 2 is not in the registry any more as it was"
    #expect(reasons { $0.packages.removeLast() } == [gone])
    #expect(reasons { $0.packages[1].digest = Fixture.digest("altered") } == [gone])
  }

  @Test func `a model that was rejected meanwhile makes a plan stale`() {
    #expect(reasons { $0.packages[1].approval.status = .rejected } == ["version 2 is Rejected now"])
  }

  @Test func `everything that moved is reported`() {
    let all = reasons {
      $0.lane.lineage = "other"
      $0.world["eye-staging"] = EndpointObservation(fence: 7)
      $0.packages[1].approval.status = .rejected
    }
    #expect(all.count == 3)
  }
}

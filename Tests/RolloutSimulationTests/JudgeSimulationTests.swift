import RolloutCore
import RolloutSimulation
import Testing

@Suite struct JudgeSimulationTests {
  private let policy = JudgePolicy(plannedSeconds: 3_600)

  private func summary(_ cell: JudgeCell, runs: UInt64) -> JudgeSummary {
    var summary = JudgeSummary(cell)
    summary.run(seeds: 0..<runs, policy: policy)
    return summary
  }

  @Test func `the same seeds are the same rollouts`() {
    let cell = JudgeCell(requestsPerMinute: 300, stableRate: 0.001, canaryRate: 0.05)
    for seed in UInt64(0)..<20 {
      #expect(cell.run(seed: seed, policy: policy) == cell.run(seed: seed, policy: policy))
    }
    #expect(cell.run(seed: 1, policy: policy) != cell.run(seed: 2, policy: policy))
  }

  @Test(arguments: JudgeCell.traffics) func `a broken canary costs three errors at any traffic`(traffic: Double) {
    let found = summary(JudgeCell(requestsPerMinute: traffic, stableRate: 0.001, canaryRate: 1), runs: 300)
    #expect(found.rollbacks == 300)
    #expect((3...3.1).contains(found.meanCanaryErrors))
    #expect(found.meanCanaryRequests == found.meanCanaryErrors)
  }

  /// The reference's simulation found 4.7, 3.8 and 3.2 errors.
  @Test(arguments: [(0.02, 4.66), (0.05, 3.62), (0.2, 3.15)])
  func `what a regression costs is what was measured elsewhere`(canary: Double, errors: Double) {
    let found = summary(JudgeCell(requestsPerMinute: 3_000, stableRate: 0.001, canaryRate: canary), runs: 400)
    #expect(abs(found.meanCanaryErrors / errors - 1) < 0.1)
    #expect(found.overBound(falseRollback: 0.01) < 1.7)
    #expect(abs(found.meanCanaryRequests * canary / found.meanCanaryErrors - 1) < 0.1)
  }

  @Test func `a good canary, or an incident of both versions, is left alone`() {
    let good = summary(JudgeCell(requestsPerMinute: 300, stableRate: 0.001, canaryRate: 0.001), runs: 200)
    #expect(good.rollbacks <= 3 && good.holds == 0)
    var cell = JudgeCell(requestsPerMinute: 300, stableRate: 0.001, canaryRate: 0.001)
    cell.incident = JudgeCell.Incident(minutes: 5..<10, rate: 0.05)
    let incident = summary(cell, runs: 100)
    #expect(incident.rollbacks <= 3)
    #expect(incident.holdRate > 0.95)
    #expect(incident.medianMinutesToHold.map { (0...2).contains($0) } == true)
  }

  @Test func `the grid is that of the reference`() {
    #expect(JudgeCell.regressions.count == 56 && JudgeCell.nulls.count == 12)
  }
}

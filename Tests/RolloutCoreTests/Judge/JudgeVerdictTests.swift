import RolloutCore
import Testing

@Suite struct JudgeVerdictTests {
  private var judge: Judge { Judge(JudgePolicy(baseline: StableBaseline(bad: 10, requests: 30_000))) }

  /// Good requests of the canary, and of stable in proportion.
  private func observeGood(_ canary: Int, weight: Double = 0.1, _ judge: inout Judge) {
    let stable = Int((Double(canary) * (1 - weight) / weight).rounded())
    judge.observeGood(canary: canary, stable: stable, canaryProbability: weight)
  }

  @Test func `a stage passes after as many good requests as were said to be missing`() throws {
    var judge = judge
    judge.beginStage(margin: 0.01)
    judge.observe(JudgedRequest(.canary, canaryProbability: 0.1))
    guard case .inconclusive(.requests(let missing?)) = judge.verdict else {
      Issue.record("\(judge.verdict)")
      return
    }
    // 290 to 350 by the reference's simulation.
    #expect((250..<400).contains(missing))
    observeGood(missing - 1, &judge)
    #expect(judge.verdict == .inconclusive(.requests(1)))
    judge.observe(JudgedRequest(.canary, canaryProbability: 0.1))
    #expect(judge.verdict == .pass)
  }

  @Test func `an error moves the end of a stage away`() {
    var judge = judge
    judge.beginStage(margin: 0.01)
    observeGood(100, &judge)
    let before = judge.verdict
    judge.observe(JudgedRequest(.canary, canaryProbability: 0.1, isBad: true))
    guard case .inconclusive(.requests(let less?)) = before, case .inconclusive(.requests(let more?)) = judge.verdict
    else {
      Issue.record("\(before), \(judge.verdict)")
      return
    }
    #expect(more > less + 100)
  }

  @Test func `a canary that errs as much as a stage allows rarely passes`() {
    var random = SplitMix(seed: 5)
    var passed = 0
    for _ in 0..<100 {
      var judge = Judge(JudgePolicy(tolerance: 0.5, baseline: StableBaseline(bad: 10, requests: 30_000)))
      judge.beginStage(margin: 0.05)
      let rate = judge.stage?.safety?.ceiling ?? 0
      for _ in 0..<600 {
        judge.observe(
          JudgedRequest(
            .canary, canaryProbability: 0.1, isBad: Double.random(in: 0..<1, using: &random) < rate))
        if judge.verdict == .pass {
          passed += 1
          break
        }
      }
    }
    // At most 5 % by the guarantee, 5 of 100; three standard deviations more are 11.
    #expect(passed <= 11)
  }

  @Test func `what was seen in one stage does not help in the next`() {
    var judge = judge
    judge.beginStage(margin: 0.1)
    observeGood(500, weight: 0.05, &judge)
    #expect(judge.verdict == .pass)
    judge.beginStage(margin: 0.02)
    #expect(judge.verdict == .inconclusive(.noRequests))
  }

  @Test func `a held weight lets nobody pass`() {
    var judge = judge
    judge.beginStage(margin: 0.1)
    observeGood(500, &judge)
    for _ in 0..<200 { judge.observe(JudgedRequest(.stable, canaryProbability: 0.1, isBad: true)) }
    #expect(judge.verdict == .inconclusive(.held(.sharedIncident)))
  }
}

@Suite struct HoldTests {
  /// The coin says 10 %; the router does something else.
  private func cause(canaryShare: Double, seed: UInt64, requests: Int = 5_000) -> HoldCause? {
    var random = SplitMix(seed: seed)
    var judge = Judge(JudgePolicy())
    for _ in 0..<requests where judge.hold.cause == nil {
      let arm: Arm = Double.random(in: 0..<1, using: &random) < canaryShare ? .canary : .stable
      judge.observe(JudgedRequest(arm, canaryProbability: 0.1))
    }
    return judge.hold.cause
  }

  @Test(arguments: [0, 0.05, 0.2, 0.5, 1])
  func `a router that does not keep to its coin holds the weight`(canaryShare: Double) {
    #expect((0..<20).allSatisfy { cause(canaryShare: canaryShare, seed: $0) == .sampleRatio })
  }

  @Test func `a router that keeps to its coin holds nothing`() {
    #expect((0..<100).allSatisfy { cause(canaryShare: 0.1, seed: $0) == nil })
  }

  /// Five labels, of which the canary gives one only.
  private func observeCollapse(_ judge: inout Judge, canaryLabel: Int?) {
    var random = SplitMix(seed: 9)
    for _ in 0..<5_000 {
      let arm: Arm = Double.random(in: 0..<1, using: &random) < 0.1 ? .canary : .stable
      let label = Int.random(in: 0..<5, using: &random)
      judge.observe(
        JudgedRequest(arm, canaryProbability: 0.1, label: arm == .canary ? canaryLabel ?? label : label))
    }
  }

  @Test func `labels that only the canary gives hold the weight, or take it back where that is wanted`() {
    var judge = Judge(JudgePolicy(labelClasses: 5))
    observeCollapse(&judge, canaryLabel: nil)
    #expect(judge.hold.cause == nil)
    judge = Judge(JudgePolicy(labelClasses: 5))
    observeCollapse(&judge, canaryLabel: 3)
    #expect(judge.hold.cause == .labels && judge.rollback.cause == nil)
    judge = Judge(JudgePolicy(labelClasses: 5, labelsRollBack: true))
    observeCollapse(&judge, canaryLabel: 3)
    #expect(judge.verdict == .fail(.labels))
  }

  @Test func `somebody who has looked may end a hold`() {
    var judge = Judge(JudgePolicy(baseline: StableBaseline(bad: 0, requests: 10_000)))
    for _ in 0..<50 { judge.observe(JudgedRequest(.stable, canaryProbability: 0.1, isBad: true)) }
    #expect(judge.hold.cause == .sharedIncident)
    judge.endHold()
    #expect(judge.hold.cause == nil)
    for _ in 0..<50 { judge.observe(JudgedRequest(.stable, canaryProbability: 0.1, isBad: true)) }
    #expect(judge.hold.cause == .sharedIncident)
  }
}

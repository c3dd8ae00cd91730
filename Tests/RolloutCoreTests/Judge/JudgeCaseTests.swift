import RolloutCore
import Testing

/// A few lines of each reference file, for where the files are not.
@Suite struct JudgeCaseTests {
  @Test(arguments: [
    (0.1, [1.2533077223798088015, 3.1100074185994358444, 5.2021067417925938557, 7.3725738101357987114]),
    (0.01, [2.6579568724854788873, 6.7574798443564167352, 1.1112930053501537376e+1]),
  ])
  func `errors of the canary alone are evidence`(weight: Double, references: [Double]) {
    var evidence = RelativeEvidence(schedule: .restarting(plannedEpochs: 20))
    for reference in references {
      evidence.observe(errorOf: .canary, canaryProbability: weight)
      #expect(isClose(evidence.logarithm, reference))
    }
  }

  @Test func `good requests and epochs take their part of the evidence for more than is tolerated`() {
    var evidence = RateEvidence(ceiling: 0.001, grid: .tolerance, schedule: .restarting(plannedEpochs: 20))
    let steps: [(good: Int, bad: Int, Double)] = [
      (97, 1, 0.31774300947829317659), (203, 1, 0.74536908766806310593), (55, 2, 4.0461577004420040752),
      (1000, 0, 0.065314960117884588664), (40, 3, 4.414922761458952601),
    ]
    let epochsAfter = [1, 0, 1, 1, 0]
    var epoch = 0
    for (step, epochs) in zip(steps, epochsAfter) {
      evidence.observeMisses(step.good)
      for _ in 0..<step.bad { evidence.observeHit() }
      #expect(isClose(evidence.logarithm, step.2))
      epoch += epochs
      evidence.advance(to: epoch)
    }
  }

  @Test func `stable's past speaks against a canary without a control`() {
    var evidence = RateEvidence(ceiling: 0.0021, grid: .baseline, schedule: .once)
    for (good, bad, reference) in [
      (0, 2, 10.241727240002144845), (100, 1, 3.5496088893316128015), (1000, 3, 0.83070785404444078367),
    ] {
      evidence.observeMisses(good)
      for _ in 0..<bad { evidence.observeHit() }
      #expect(isClose(evidence.logarithm, reference))
    }
  }

  @Test func `few errors are evidence that a stage is safe`() {
    var evidence = SafetyEvidence(ceiling: 0.01)
    for (good, bad, reference) in [
      (200, 1, -0.2279398627619260305), (300, 0, 1.9375959828353389747), (300, 1, 2.6115179845944172319),
    ] {
      evidence.observe(bad: bad, good: good)
      #expect(isClose(evidence.logarithm, reference))
    }
  }

  @Test func `requests above a threshold and below it both count`() {
    var evidence = ExcessEvidence(share: 0.01, schedule: .restarting(plannedEpochs: 20))
    for (counts, reference) in [
      ([1, 49, 4, 446], -0.15262203612222280408), ([3, 47, 5, 445], 0.91565738080812181093),
      ([4, 46, 3, 447], 4.4045929206830897642),
    ] {
      evidence.observe(.canary, above: counts[0], below: counts[1], canaryProbability: 0.1)
      evidence.observe(.stable, above: counts[2], below: counts[3], canaryProbability: 0.1)
      #expect(isClose(evidence.logarithm, reference))
      if counts[0] == 3 { evidence.advance(to: 1) }
    }
  }

  @Test(arguments: [
    (0, 300, 3.0234640891750701322e-2), (3, 3000, 5.819697911911918178e-3), (0, 100_000, 9.2099162331489876191e-5),
  ])
  func `what is known of stable bounds its rate`(bad: Int, requests: Int, reference: Double) {
    #expect(abs(StableBaseline(bad: bad, requests: requests).upperRate() / reference - 1) < 1e-9)
  }

  @Test(arguments: [
    (3, 3, 2.9455577298675336614, Double.infinity), (3, 30, 7.1719207709622620427e-2, 4.816552017823238651),
    (0, 40, 0, 1.0931705532175730509),
  ])
  func `the interval of the ratio is open where nothing bounds it`(
    canary: Int, errors: Int, lower: Double, upper: Double
  ) {
    var ratio = RatioConfidence()
    ratio.observe(errorsOf: .canary, count: canary, canaryProbability: 0.1)
    ratio.observe(errorsOf: .stable, count: errors - canary, canaryProbability: 0.1)
    let interval = ratio.interval(risk: 0.05)
    #expect(isClose(interval.lowerBound, lower))
    #expect(interval.upperBound == upper || isClose(interval.upperBound, upper))
  }

  @Test func `what is possible has a price in canary requests`() {
    let bound = InformationBound(stableRate: 0.0001, canaryRate: 0.01, canaryProbability: 0.1)
    #expect(isClose(bound.oracle, 3.6200874315244511661e-2))
    #expect(isClose(bound.concurrent, 2.0058457304193238988e-2))
    #expect(isClose(bound.errorsOnly, 2.0014187457218345302e-2))
    #expect(isClose(bound.canaryRequests(falseRollback: 0.01), 2.2958745611136187905e2))
  }

  @Test func `what a regression costs can be worked out`() {
    let regression = InformationBound(stableRate: 0.001, canaryRate: 1, canaryProbability: 0.1)
    let forecast = DetectionForecast(regression, risk: 0.0036, errorsMax: 20)
    #expect(isClose(forecast.probability, 1))
    #expect(isClose(forecast.canaryErrors, 3.0530638332266482974))
    #expect(isClose(forecast.errors, 3.0805414077256881318))
    #expect(isClose(forecast.canaryRequests, 3.0530638332266482974))
  }

  @Test func `labels that differ by version are evidence`() {
    var evidence = LabelEvidence(classes: 2)
    let requests: [(Arm, Int)] = [(.canary, 0), (.stable, 0), (.stable, 1), (.canary, 1), (.canary, 1)]
    for (arm, label) in requests { evidence.observe(arm, label: label, canaryProbability: 0.5) }
    #expect(isClose(evidence.logarithm, -9.8282669347743599755e-3))
  }

  @Test func `a decision opens the gate first`() {
    var judge = Judge(JudgePolicy())
    for reference in [2.5011442948085485385, 13.852726440466399732, 109.39272294484917755] {
      judge.observe(JudgedRequest(.canary, canaryProbability: 0.1, isBad: true))
      #expect(isClose(judge.rollback.total, reference))
    }
    #expect(judge.rollback.cause == .errors)
  }
}

import RolloutCore
import Testing

/// What the guarantee rests on: the unit that is counted, errors that come alone, and the age at which requests are
/// judged. Each is broken here with a healthy canary, and put right.
@Suite struct JudgeAssumptionTests {
  private let runs = 50

  /// In how many of the runs the judge takes a healthy canary back.
  private func falseRollbacks(_ policy: JudgePolicy, _ run: (inout Judge, inout SplitMix) -> Void) -> Double {
    var rolledBack = 0
    for seed in 0..<runs {
      var judge = Judge(policy)
      var random = SplitMix(seed: UInt64(seed))
      run(&judge, &random)
      if judge.rollback.cause != nil { rolledBack += 1 }
    }
    return Double(rolledBack) / Double(runs)
  }

  /// Three standard deviations above the guarantee of 1 % in 50 runs.
  private let most = 0.06

  @Test(arguments: [false, true]) func `a sticky user's errors count once`(once: Bool) {
    let rate = falseRollbacks(JudgePolicy()) { judge, random in
      for _ in 0..<600 {
        // A user keeps to one version, and 10 % of them have all of their ten requests fail on either.
        let arm: Arm = Double.random(in: 0..<1, using: &random) < 0.1 ? .canary : .stable
        let fails = Double.random(in: 0..<1, using: &random) < 0.1
        for request in 0..<10 where request == 0 || !fails || !once {
          judge.observe(JudgedRequest(arm, canaryProbability: 0.1, isBad: fails))
        }
      }
    }
    if once { #expect(rate <= most) } else { #expect(rate > 0.2) }
  }

  @Test(arguments: [1.0, 5]) func `errors that come in bursts are tempered`(dispersion: Double) {
    let rate = falseRollbacks(JudgePolicy(dispersion: dispersion)) { judge, random in
      for _ in 0..<100 {
        // One of ten instances hiccups; one of them is the canary's. It loses the five requests that it has.
        judge.observeGood(canary: 95, stable: 855, canaryProbability: 0.1)
        let arm: Arm = Int.random(in: 0..<10, using: &random) == 0 ? .canary : .stable
        for _ in 0..<5 { judge.observe(JudgedRequest(arm, canaryProbability: 0.1, isBad: true)) }
      }
    }
    if dispersion > 1 { #expect(rate <= most) } else { #expect(rate > 0.2) }
  }

  @Test(arguments: [false, true]) func `every request is judged at the same age`(sameAge: Bool) {
    // What both versions need fails for half of the requests. The canary says so at once, stable after 30 s; when all
    // are judged at 30 s, both are counted in the order in which they came.
    let rate = falseRollbacks(JudgePolicy()) { judge, random in
      var late: [JudgedRequest] = []
      for request in 0..<1_200 {
        let arm: Arm = Double.random(in: 0..<1, using: &random) < 0.1 ? .canary : .stable
        let isBad = Double.random(in: 0..<1, using: &random) < 0.5
        let judged = JudgedRequest(arm, canaryProbability: 0.1, isBad: isBad)
        if sameAge || arm == .canary || !isBad { judge.observe(judged) } else { late.append(judged) }
        // Ten requests a second.
        if request >= 300, !late.isEmpty { judge.observe(late.removeFirst()) }
      }
    }
    if sameAge { #expect(rate <= most) } else { #expect(rate > 0.9) }
  }
}

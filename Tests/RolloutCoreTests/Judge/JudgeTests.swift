import RolloutCore
import Testing

@Suite struct JudgeTests {
  private func bad(_ arm: Arm, _ weight: Double = 0.1) -> JudgedRequest {
    JudgedRequest(arm, canaryProbability: weight, isBad: true)
  }

  /// Requests per minute from one an hour to 30,000: what lies between two of the canary's does not matter.
  @Test(arguments: [1.0 / 60, 30, 300, 3_000, 30_000])
  func `a canary that fails every request costs three errors at any traffic`(requestsPerMinute: Double) {
    var judge = Judge(JudgePolicy())
    var errors = 0
    var request = 0.0
    while judge.rollback.cause == nil, errors < 10 {
      for _ in 0..<9 {
        request += 1
        judge.advance(toSecond: 60 * request / requestsPerMinute)
        judge.observe(JudgedRequest(.stable, canaryProbability: 0.1))
      }
      request += 1
      judge.advance(toSecond: 60 * request / requestsPerMinute)
      judge.observe(bad(.canary))
      errors += 1
    }
    #expect(judge.rollback.cause == .errors)
    #expect(errors == 3)
  }

  @Test func `a canary that fails by chance as stable does is left alone`() {
    var random = SplitMix(seed: 11)
    var rolledBack = 0
    for _ in 0..<60 {
      var judge = Judge(JudgePolicy(tolerance: 0.0001))
      for request in 0..<5_000 {
        // 250 requests a minute, 2 % of them bad whoever answers.
        if request % 250 == 0 { judge.advance(toSecond: Double(request) * 0.24) }
        let arm: Arm = Double.random(in: 0..<1, using: &random) < 0.1 ? .canary : .stable
        judge.observe(
          JudgedRequest(arm, canaryProbability: 0.1, isBad: Double.random(in: 0..<1, using: &random) < 0.02))
      }
      if judge.rollback.cause != nil { rolledBack += 1 }
    }
    // The guarantee is 1 %; 3 of 60 are three standard deviations more.
    #expect(rolledBack <= 3)
  }

  @Test func `an incident that hits both versions is held, not blamed on the canary`() {
    var random = SplitMix(seed: 12)
    for _ in 0..<20 {
      var judge = Judge(JudgePolicy(baseline: StableBaseline(bad: 10, requests: 10_000)))
      for request in 0..<12_000 {
        if request % 600 == 0 { judge.advance(toSecond: Double(request) / 10) }
        let arm: Arm = Double.random(in: 0..<1, using: &random) < 0.1 ? .canary : .stable
        let rate = (3_000..<6_000).contains(request) ? 0.2 : 0.001
        judge.observe(
          JudgedRequest(arm, canaryProbability: 0.1, isBad: Double.random(in: 0..<1, using: &random) < rate))
      }
      #expect(judge.rollback.cause == nil)
      #expect(judge.hold.cause == .sharedIncident)
    }
  }

  @Test func `a regression that begins late is found as soon as an early one, nearly`() {
    var judge = Judge(JudgePolicy(plannedSeconds: 3_600))
    for minute in 0..<45 {
      judge.advance(toSecond: Double(minute) * 60)
      judge.observe(bad(.stable))
      judge.observeGood(canary: 300, stable: 2_700, canaryProbability: 0.1)
      if minute % 9 == 0 { judge.observe(bad(.canary)) }
    }
    #expect(judge.rollback.cause == nil)
    judge.advance(toSecond: 46 * 60)
    var errors = 0
    while judge.rollback.cause == nil, errors < 20 {
      judge.observe(bad(.canary))
      errors += 1
    }
    #expect(errors <= 6)
  }

  @Test func `one bad request alone never rolls back`() {
    var judge = Judge(JudgePolicy(falseRollback: 0.5))
    judge.observe(bad(.canary, 0.001))
    #expect(judge.rollback.total > 2)
    #expect(judge.rollback.cause == nil)
    judge.observe(bad(.canary, 0.001))
    #expect(judge.rollback.cause == .errors)
  }

  @Test func `worse than stable is not enough while it is tolerable`() {
    var judge = Judge(JudgePolicy(tolerance: 0.05))
    for _ in 0..<40 {
      judge.observeGood(canary: 80, stable: 720, canaryProbability: 0.1)
      judge.observe(bad(.canary))
    }
    #expect(judge.rollback.relative.logarithm > 50)
    #expect(!judge.rollback.isGateOpen && judge.rollback.cause == nil)
  }

  @Test func `a rollback stays one whatever comes after it`() {
    var judge = Judge(JudgePolicy())
    for _ in 0..<3 { judge.observe(bad(.canary)) }
    for _ in 0..<1_000 { judge.observe(bad(.stable)) }
    judge.observeGood(canary: 100_000, stable: 900_000, canaryProbability: 0.1)
    #expect(judge.rollback.total < 100)
    #expect(judge.verdict == .fail(.errors))
  }

  @Test func `with all requests the canary is compared with stable's past`() {
    var judge = Judge(JudgePolicy(tolerance: 0.01, baseline: StableBaseline(bad: 3, requests: 30_000)))
    for _ in 0..<1_000 { judge.observe(JudgedRequest(.canary, canaryProbability: 1)) }
    #expect(judge.rollback.cause == nil)
    var errors = 0
    while judge.rollback.cause == nil, errors < 50 {
      for _ in 0..<4 { judge.observe(JudgedRequest(.canary, canaryProbability: 1)) }
      judge.observe(bad(.canary, 1))
      errors += 1
    }
    #expect(judge.rollback.cause == .aboveBaseline)
    #expect(errors < 15)
    #expect(judge.rollback.relative.value == 1)
  }

  @Test func `an alarm of the user's rolls back whatever the evidence says`() {
    var judge = Judge(JudgePolicy())
    judge.alarm("p99 above 500 ms")
    #expect(judge.verdict == .fail(.alarm("p99 above 500 ms")))
  }

  @Test func `evidence that no number could hold stays a number`() {
    var judge = Judge(JudgePolicy(tolerance: 1e-6))
    for _ in 0..<10_000 { judge.observe(bad(.canary, 0.0001)) }
    #expect(judge.rollback.total.isFinite && judge.rollback.total > 1e49)
    for _ in 0..<30_000 { judge.observe(bad(.stable, 0.9)) }
    #expect(judge.rollback.total >= 0 && judge.rollback.relative.value > 0)
    #expect(!judge.hold.total.isNaN)
  }
}

@Suite struct LatencyTests {
  private let baseline = LatencyBaseline(p50: 0.04, p90: 0.0759, p99: 0.128)

  /// Log-normal, median 40 ms, σ 0.5, by twelve uniform numbers; how many canary requests it took, if it was enough.
  private func canaryRequests(slowerBy factor: Double, seed: UInt64) -> Int? {
    var random = SplitMix(seed: seed)
    var judge = Judge(JudgePolicy(plannedSeconds: 1_800, latency: baseline))
    for request in 0..<9_000 {
      if request % 3_000 == 0 { judge.advance(toSecond: Double(request) / 50) }
      let arm: Arm = Double.random(in: 0..<1, using: &random) < 0.1 ? .canary : .stable
      let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
      let seconds = 0.04 * Natural.exp(0.5 * normal) * (arm == .canary ? factor : 1)
      judge.observe(JudgedRequest(arm, canaryProbability: 0.1, seconds: seconds))
      if let cause = judge.rollback.cause {
        #expect(cause == .latency)
        return judge.requests.canary
      }
    }
    return nil
  }

  @Test(arguments: [(1.5, 120), (2, 50)]) func `a slow canary is found within some requests`(factor: Double, most: Int)
  {
    let found = (0..<11).map { canaryRequests(slowerBy: factor, seed: $0) ?? .max }.sorted()
    #expect(found[5] <= most)
  }

  @Test(arguments: [1, 0.8]) func `a canary that is as fast as stable, or faster, is left alone`(factor: Double) {
    #expect((0..<5).allSatisfy { canaryRequests(slowerBy: factor, seed: $0) == nil })
  }

  @Test func `a baseline of few requests is none`() {
    var latencies = Distribution()
    for index in 1...1_999 { latencies.record(Double(index)) }
    #expect(LatencyBaseline(latencies) == nil)
    latencies.record(2_000)
    #expect(LatencyBaseline(latencies).map { abs($0.p50 - 1_000) < 10 } == true)
  }
}

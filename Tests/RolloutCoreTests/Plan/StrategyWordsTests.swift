import Testing

@testable import RolloutCore

@Suite struct `A strategy's words` {
  private func share(_ value: Double) -> Percent { Percent(value) ?? .none }

  private func steps(_ shares: [Double], bake: TimeSpan = .minutes(5)) -> [Strategy.Step] {
    shares.map { Strategy.Step(weight: share($0), bake: bake) }
  }

  @Test func `of equal steps are the steps they mean`() {
    let words = StrategyWords.linear(step: share(30), bake: .minutes(5), bakeAfter: .minutes(1), keepWarm: nil)
    #expect(words.strategy == Strategy(steps: steps([30, 60, 90]), bakeAfter: .minutes(1), keepWarm: .hours(1)))
    let tenths = StrategyWords.linear(step: share(10), bake: .minutes(5), bakeAfter: .zero, keepWarm: .zero)
    #expect(tenths.strategy == Strategy(steps: steps([10, 20, 30, 40, 50, 60, 70, 80, 90]), keepWarm: .zero))
  }

  @Test func `of batches watch the last one too, and keep nothing`() {
    let words = StrategyWords.rolling(batch: share(50), bake: .minutes(5))
    #expect(words.strategy == Strategy(steps: steps([50]), bakeAfter: .minutes(5), keepWarm: .zero))
    #expect(words.routing == .rolling(share(50), wait: .minutes(5)))
    #expect(words.bakeAfter == .zero)
  }

  @Test func `with one step are SageMaker's canary`() {
    let words = StrategyWords.canary(steps([10]), bakeAfter: .minutes(5), keepWarm: nil)
    #expect(words.routing == .canary(share(10), wait: .minutes(5)))
  }

  @Test(arguments: [[10.0, 20, 30, 40, 50, 60, 70, 80, 90], [25, 50, 75], [30, 60, 90], [50, 100]])
  func `with equal steps to the end are SageMaker's linear steps`(shares: [Double]) {
    let words = StrategyWords.canary(steps(shares), bakeAfter: .zero, keepWarm: nil)
    #expect(words.routing == .linear(share(shares[0]), wait: .minutes(5)))
  }

  @Test(arguments: [[10.0, 50], [10, 20], [10, 20, 30], [25, 50, 90]])
  func `with other steps are nothing that SageMaker can do`(shares: [Double]) {
    let words = StrategyWords.canary(steps(shares), bakeAfter: .zero, keepWarm: nil)
    #expect(words.routing == nil)
    #expect(words.guardrails(timeout: nil) == nil)
  }

  @Test func `with equal steps that are watched unequally are nothing that SageMaker can do`() {
    let unequal = steps([25, 50]) + steps([75], bake: .minutes(6))
    #expect(StrategyWords.canary(unequal, bakeAfter: .zero, keepWarm: nil).routing == nil)
  }

  @Test func `leave a deployment the waits and half an hour, within what SageMaker allows`() {
    func timeout(_ words: StrategyWords) -> TimeSpan? { words.guardrails(timeout: nil)?.timeout }
    #expect(timeout(.canary(steps([10]), bakeAfter: .minutes(10), keepWarm: nil)) == .minutes(45))
    #expect(
      timeout(.linear(step: share(10), bake: .minutes(5), bakeAfter: .minutes(10), keepWarm: nil)) == .minutes(90))
    #expect(timeout(.rolling(batch: share(30), bake: .minutes(5))) == .minutes(50), "four batches")
    #expect(timeout(.linear(step: share(10), bake: .hours(1), bakeAfter: .zero, keepWarm: nil)) == .hours(8))
    #expect(
      StrategyWords.allAtOnce(bakeAfter: .zero, keepWarm: nil).guardrails(timeout: .hours(2))?.timeout == .hours(2))
  }
}

@Test func `an alarm's parameters carry its name in capitals`() {
  #expect(
    StackParameters.Alarm("model-errors").all == [
      "ModelErrorsThreshold", "ModelErrorsPeriod", "ModelErrorsDatapoints", "ModelErrorsPeriods",
    ])
  #expect(StackParameters.Alarm("cpu").threshold == "CpuThreshold")
}

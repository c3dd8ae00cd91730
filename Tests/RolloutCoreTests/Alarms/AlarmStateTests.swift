import RolloutCore
import Testing

@Suite struct AlarmStateTests {
  private let modelErrors = AlarmRule(
    name: "model-errors", metric: .modelErrors, statistic: .sum, period: .minutes(5),
    threshold: Comparison(.greater, 5), missingData: .notBreaching)
  private let cpu = AlarmRule(
    name: "cpu", metric: .cpu, statistic: .average, period: .minutes(5), threshold: Comparison(.greater, 70))

  @Test func `an alarm starts without enough data`() {
    #expect(AlarmState(cpu).state == .insufficientData)
  }

  @Test func `the sixth error trips more than five in five minutes, however young the fleet`() {
    var metrics = FleetMetrics()
    var alarm = AlarmState(modelErrors)
    for second in Int64(100)..<105 { metrics.record(request(.serverError, status: 500), at: second) }
    #expect(alarm.evaluate(metrics, since: 100, at: 105).state == .ok)
    metrics.record(request(.timeout, status: nil), at: 106)
    let reading = alarm.evaluate(metrics, since: 100, at: 106)
    #expect(reading == AlarmReading(name: "model-errors", state: .alarm, value: 6))
    #expect(alarm.reason == "InvocationModelErrors Sum over 5m was 6 (> 5)")
  }

  @Test func `errors spread thinly over more than five minutes do not trip`() {
    var metrics = FleetMetrics()
    var alarm = AlarmState(modelErrors)
    for second in Int64(0)..<3_600 {
      metrics.record(request(second % 60 == 0 ? .serverError : .success, status: 500), at: second)
      #expect(alarm.evaluate(metrics, since: 0, at: second).state == .ok)
    }
    #expect(alarm.reading.value == 5)
    #expect(alarm.reason == "InvocationModelErrors Sum over 5m is 5 (alarm > 5)")
  }

  @Test func `an alarm is over when its window has passed`() {
    var metrics = FleetMetrics()
    var alarm = AlarmState(modelErrors)
    for _ in 0..<6 { metrics.record(request(.serverError, status: 500), at: 1_000) }
    for second in Int64(1_000)..<1_400 { metrics.record(request(), at: second) }
    #expect(alarm.evaluate(metrics, since: 0, at: 1_299).state == .alarm)
    #expect(alarm.evaluate(metrics, since: 0, at: 1_300).state == .ok)
  }

  @Test func `a peak at the start does not trip an average over five minutes`() {
    var metrics = FleetMetrics()
    var alarm = AlarmState(cpu)
    for second in Int64(0)..<20 { metrics.recordUsage(cpuPercent: 100, at: second) }
    for second in Int64(20)..<299 {
      metrics.recordUsage(cpuPercent: 30, at: second)
      #expect(alarm.evaluate(metrics, since: 0, at: second).state == .insufficientData)
    }
    metrics.recordUsage(cpuPercent: 30, at: 299)
    #expect(alarm.evaluate(metrics, since: 0, at: 299).state == .ok)
  }

  @Test func `a CPU that stays busy trips as soon as five minutes are known`() {
    var metrics = FleetMetrics()
    var alarm = AlarmState(cpu)
    for second in Int64(50)..<350 { metrics.recordUsage(cpuPercent: 95, at: second) }
    #expect(alarm.evaluate(metrics, since: 50, at: 348).state == .insufficientData)
    #expect(alarm.evaluate(metrics, since: 50, at: 349).state == .alarm)
    #expect(alarm.reason == "CPUUtilization Average over 5m was 95 % (> 70 %)")
  }

  @Test func `a young fleet with few errors has no datapoint yet`() {
    var metrics = FleetMetrics()
    var rule = modelErrors
    rule.missingData = .missing
    var alarm = AlarmState(rule)
    metrics.record(request(.serverError, status: 500), at: 10)
    #expect(alarm.evaluate(metrics, since: 10, at: 11).state == .insufficientData)
  }

  @Test func `a bound from below waits for the whole window`() {
    var metrics = FleetMetrics()
    let rule = AlarmRule(
      name: "quiet", metric: .invocations, statistic: .sum, period: .minutes(1), threshold: Comparison(.less, 10))
    var alarm = AlarmState(rule)
    metrics.record(request(), at: 0)
    #expect(alarm.evaluate(metrics, since: 0, at: 0).state == .insufficientData)
    #expect(alarm.evaluate(metrics, since: 0, at: 59).state == .alarm)
  }

  @Test func `ignore keeps the state while data is missing`() {
    var metrics = FleetMetrics()
    var rule = modelErrors
    rule.missingData = .ignore
    var alarm = AlarmState(rule)
    for _ in 0..<6 { metrics.record(request(.serverError, status: 500), at: 1_000) }
    #expect(alarm.evaluate(metrics, since: 0, at: 1_000).state == .alarm)
    #expect(alarm.evaluate(metrics, since: 0, at: 9_000).state == .alarm)
  }

  @Test func `two of three datapoints must breach`() {
    var metrics = FleetMetrics()
    let rule = AlarmRule(
      name: "slow", metric: .modelLatency, statistic: .percentile(99), period: .minutes(1), datapointsToAlarm: 2,
      evaluationPeriods: 3, threshold: Comparison(.greaterOrEqual, 200_000))
    var alarm = AlarmState(rule)
    for second in Int64(0)..<180 {
      metrics.record(request(micros: (60..<120).contains(second) ? 900_000 : 10_000), at: second)
    }
    #expect(alarm.evaluate(metrics, since: 0, at: 179).state == .ok)
    for second in Int64(180)..<240 { metrics.record(request(micros: 900_000), at: second) }
    #expect(alarm.evaluate(metrics, since: 0, at: 239).state == .alarm)
    #expect(alarm.reason.hasSuffix("(>= 200 ms, 2 of 3 datapoints)"))
  }

  @Test func `a period of seconds works as one of minutes`() {
    var metrics = FleetMetrics()
    var rule = modelErrors
    rule.period = .seconds(3)
    var alarm = AlarmState(rule)
    for _ in 0..<6 { metrics.record(request(.serverError, status: 500), at: 10) }
    #expect(alarm.evaluate(metrics, since: 0, at: 12).state == .alarm)
    metrics.record(request(), at: 13)
    #expect(alarm.evaluate(metrics, since: 0, at: 13).state == .ok)
  }
}

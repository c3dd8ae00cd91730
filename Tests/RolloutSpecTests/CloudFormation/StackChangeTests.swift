import RolloutCore
import Testing

/// Two readings, and what is different between them.
@Suite struct `Changes of a stack` {
  private func changes(_ parameters: [String: String]) throws -> [ConfigurationChange] {
    let template = try ProductTemplate("production")
    let before = try #require(template.reading(given: ProductTemplate.deployment))
    let given = ProductTemplate.deployment.merging(parameters) { $1 }
    return try #require(template.reading(given: given)).changes(from: before)
  }

  @Test func `are none for the same values`() throws {
    #expect(try changes([:]) == [])
  }

  @Test func `do not hold the name that every deployment changes`() throws {
    #expect(try changes(["EndpointConfigName": "eye-catcher-prod-13"]) == [])
  }

  @Test func `show what a parameter means`() throws {
    #expect(
      try changes(["TrafficPercent": "20", "ModelErrorsThreshold": "10"]) == [
        ConfigurationChange(name: "canary share", from: "10 %", to: "20 %"),
        ConfigurationChange(name: "alarm 'eye-catcher-prod-model-errors': threshold", from: "> 5", to: "> 10"),
        ConfigurationChange(name: "alarm 'eye-catcher-prod-model-errors-new': threshold", from: "> 5", to: "> 10"),
      ])
  }

  @Test func `show another way to move traffic`() throws {
    #expect(
      try changes(["Routing": "LINEAR", "TimeoutSeconds": "14400"]) == [
        ConfigurationChange(name: "traffic moves", from: "a canary, then the rest", to: "in equal steps"),
        ConfigurationChange(name: "linear step", from: nil, to: "10 %"),
        ConfigurationChange(name: "time for a deployment", from: "1h", to: "4h"),
        ConfigurationChange(name: "canary share", from: "10 %", to: nil),
      ])
  }

  @Test func `show the fleet, the scaling and the model`() throws {
    #expect(
      try changes([
        "InstanceType": "ml.c5.xlarge", "MaxCapacity": "9", "ScaleInCooldown": "900", "ModelPackageArn": "arn:new",
        "InferenceSpecificationName": "quantised",
      ]) == [
        ConfigurationChange(name: "model: package", from: ProductTemplate.deployment["ModelPackageArn"], to: "arn:new"),
        ConfigurationChange(name: "model: build", from: nil, to: "quantised"),
        ConfigurationChange(name: "variant 'AllTraffic': instance type", from: "ml.m5.xlarge", to: "ml.c5.xlarge"),
        ConfigurationChange(name: "scaling: most instances", from: "7", to: "9"),
        ConfigurationChange(name: "scaling: scale-in cooldown", from: "10m", to: "15m"),
      ])
  }

  @Test func `show an alarm that goes`() throws {
    let template = try ProductTemplate("production")
    let before = try #require(template.reading(given: ProductTemplate.deployment))
    let fewer = try template.with("              - AlarmName: !Ref LatencyAlarm\n", "").with(
      "  LatencyAlarm:\n    Type: AWS::CloudWatch::Alarm",
      "  LatencyAlarm:\n    Condition: IsRolling\n    Type: AWS::CloudWatch::Alarm")
    let changes = try #require(fewer.reading(given: ProductTemplate.deployment)).changes(from: before)
    #expect(changes.map(\.name) == ["rollback alarms", "alarm 'eye-catcher-prod-latency'"])
    #expect(
      changes.last?.from
        == "metric ModelLatency p99, threshold > 800000, datapoints 3 of 3 periods of 1m, missing data notBreaching, watches every fleet"
    )
    #expect(changes.last?.to == nil)
  }
}

import RolloutCore
import RolloutDiagnostics
import Testing

/// Whole messages about templates, as a person sees them.
@Suite struct `What is said about a template` {
  /// The first message, without the numbers of lines: the places' own text, what is said there, and the help.
  private func said(
    _ old: String, _ new: String, given parameters: [String: String] = [:]
  ) throws -> [String] {
    let given = ProductTemplate.deployment.merging(parameters) { $1 }
    let found = try ProductTemplate("production").with(old, new).diagnostics(given: given)
    let first = try #require(found.first)
    let labels = ([first.primary] + first.secondary).map { "\($0.range.text): \($0.text)" }
    return ["\(first.severity.rawValue)[\(first.code.rawValue)]: \(first.message)"] + labels + [first.help ?? ""]
  }

  @Test func `names the fault, the limit and the remedy`() throws {
    #expect(
      try said("Value: !Ref TrafficPercent", "Value: 90") == [
        "error[R0310]: a canary is 1 to 50 % of the instances", "90: this is 90 %",
        "write 50, or less; SageMaker refuses it when everything else is made",
      ])
  }

  @Test func `names the key that was meant`() throws {
    #expect(
      try said("TreatMissingData: notBreaching", "TreatMisingData: notBreaching") == [
        "error[R0301]: AWS::CloudWatch::Alarm has no key 'TreatMisingData'", "TreatMisingData: ",
        "did you mean 'TreatMissingData'?",
      ])
  }

  @Test func `shows where a parameter's value comes from`() throws {
    #expect(
      try said("Default: 2\n", "Default: 2\n", given: ["InitialInstanceCount": "1", "MinCapacity": "1"]) == [
        "error[R0312]: a canary on one instance is all of it", "!Ref InitialInstanceCount: 10 % of 1 is 1",
        "Type: traffic moves by whole instances", "InitialInstanceCount: its value comes from outside",
        "start with two instances or more, or move traffic ALL_AT_ONCE and watch it then",
      ])
    #expect(
      try said("Default: 800000", "Default: 800") == [
        "error[R0340]: a latency of 800 µs is 0.8 ms", "!Ref LatencyThreshold: ModelLatency is in microseconds",
        "800: its value comes from here", "write 800000 if 800 ms are meant",
      ])
  }

  @Test func `names the alarm and the type that were meant`() throws {
    #expect(
      try said("AlarmName: !Ref CpuAlarm", "AlarmName: CpuAlarmm") == [
        "error[R0318]: the template makes no alarm 'CpuAlarmm'", "CpuAlarmm: ", "did you mean 'CpuAlarm'?",
      ])
    #expect(
      try said("InstanceType: !Ref InstanceType", "InstanceType: ml.m5.xlarg") == [
        "error[R0326]: SageMaker has no instance type 'ml.m5.xlarg'", "ml.m5.xlarg: ", "did you mean 'ml.m5.xlarge'?",
      ])
  }

  @Test func `shows both ends of a wait that is too short`() throws {
    #expect(
      try said("WaitIntervalInSeconds: !Ref WaitSeconds", "WaitIntervalInSeconds: 240") == [
        "warning[R0339]: the alarm 'ModelErrorsAlarm' cannot trip while the new fleet has a part of the traffic",
        "!Ref ModelErrorsPeriod: it needs 300 s of data, which arrive 120 s late", "240: this is 240 s",
        "300: its value comes from here", "wait for 420 s at least, or shorten the alarm's period",
      ])
  }

  @Test func `shows a variant that was renamed against the live one`() throws {
    let template = try ProductTemplate("production")
    let live = template.reading(given: ProductTemplate.deployment)
    var renamed = template
    renamed.text.replace("AllTraffic", with: "AllTrafic")
    let found = renamed.diagnostics(given: ProductTemplate.deployment, live: live)
    #expect(found.map(\.code) == [.variantRenamed])
    #expect(found.first?.help == "did you mean 'AllTraffic'?")
    #expect(template.diagnostics(given: ProductTemplate.deployment, live: live) == [])
  }

  @Test func `says that a large template takes another way, and that a larger one takes none`() throws {
    var template = try ProductTemplate("production")
    template.text += String(repeating: "# \(String(repeating: "x", count: 77))\n", count: 600)
    let large = template.diagnostics(given: ProductTemplate.deployment)
    #expect(large.map(\.code) == [.templateTooLarge] && large.first?.severity == .warning)
    template.text += String(repeating: "# \(String(repeating: "x", count: 77))\n", count: 12_500)
    let refused = template.diagnostics(given: ProductTemplate.deployment)
    #expect(refused.map(\.code) == [.templateTooLarge] && refused.first?.severity == .error)
  }

  @Test(arguments: TemplateFinding.Kind.allCases) func `has a code of its own`(_ kind: TemplateFinding.Kind) {
    #expect(DiagnosticCode(rawValue: kind.rawValue) != nil)
  }
}

extension SourceRange {
  /// What stands there, on its first line.
  fileprivate var text: String {
    guard let span else { return "" }
    let line = Array(file.line(span.lowerBound.line).unicodeScalars)
    let end = span.upperBound.line == span.lowerBound.line ? span.upperBound.column - 1 : line.count
    var text = ""
    text.unicodeScalars.append(contentsOf: line[(span.lowerBound.column - 1)..<min(end, line.count)])
    return text
  }
}

extension StackReading {
  /// What is different from an earlier reading, whether the template's text or only a parameter changed. The name of
  /// the configuration is not among it: every deployment has a new one.
  package func changes(from earlier: StackReading) -> [ConfigurationChange] {
    let (before, after) = (earlier.subjects, subjects)
    let gone = before.filter { old in !after.contains { $0.title == old.title } }
    return after.flatMap { subject -> [ConfigurationChange] in
      guard let old = before.first(where: { $0.title == subject.title }) else {
        return [ConfigurationChange(name: subject.title, from: nil, to: subject.summary)]
      }
      return subject.changes(from: old)
    } + gone.map { ConfigurationChange(name: $0.title, from: $0.summary, to: nil) }
  }
}

/// A thing that a template describes, with what can be said about it.
private struct StackSubject {
  var title: String
  /// Between the title and a field's name; without it the field's name is enough.
  var prefix: String
  var fields: [(what: String, value: String)]

  init(_ title: String, prefix: String? = nil, _ fields: [(String, String?)]) {
    self.title = title
    self.prefix = prefix ?? title + ": "
    self.fields = fields.compactMap { field in field.1.map { (what: field.0, value: $0) } }
  }

  var summary: String { fields.map { "\($0.what) \($0.value)" }.joined(separator: ", ") }

  func changes(from old: StackSubject) -> [ConfigurationChange] {
    let gone = old.fields.filter { field in !fields.contains { $0.what == field.what } }
    return fields.compactMap { field -> ConfigurationChange? in
      let before = old.fields.first { $0.what == field.what }?.value
      return before == field.value ? nil : ConfigurationChange(name: prefix + field.what, from: before, to: field.value)
    } + gone.map { ConfigurationChange(name: prefix + $0.what, from: $0.value, to: nil) }
  }
}

extension StackReading {
  fileprivate var subjects: [StackSubject] {
    let endpoints = [endpointSubject, trafficSubject].compactMap(\.self)
    let scaling = scaling.map { target in
      StackSubject(
        "scaling", [("fewest instances", target.minimum?.text), ("most instances", target.maximum?.text)])
    }
    return endpoints + modelSubjects + variants.map(\.subject) + alarms.map(\.subject) + scaling.prefix(1)
      + policies.map(\.subject).prefix(1)
  }

  private var endpointSubject: StackSubject? {
    guard let endpoint else { return nil }
    let keeps = endpoint.retainsProperties?.value == true ? "kept" : "reset to the initial number"
    return StackSubject(
      "endpoint", prefix: "",
      [
        ("endpoint's name", endpoint.name.text),
        ("number of instances when updated", isFirstDeployment == true ? nil : keeps),
      ])
  }

  private var trafficSubject: StackSubject? {
    guard let deployment = endpoint?.deployment else { return nil }
    var fields: [(String, String?)] = []
    if let policy = deployment.blueGreen {
      fields = [
        ("traffic moves", policy.type.map { Self.words[$0.text] ?? $0.text }),
        ("canary share", policy.type?.value == "CANARY" ? policy.canary?.text : nil),
        ("linear step", policy.type?.value == "LINEAR" ? policy.step?.text : nil),
        ("wait after each step", policy.type?.value == "ALL_AT_ONCE" ? nil : policy.wait?.duration),
        ("wait before the old fleet ends", policy.terminationWait?.duration),
        ("time for a deployment", policy.timeout?.duration),
      ]
    }
    if let rolling = deployment.rolling {
      fields += [
        ("traffic moves", "batch by batch"), ("rolling batch", rolling.batch?.text),
        ("wait after each batch", rolling.wait?.duration), ("time for a deployment", rolling.timeout?.duration),
      ]
    }
    let names = deployment.rollbackAlarms.map { alarm(named: $0)?.title ?? $0.text }
    return StackSubject(
      "guardrails", prefix: "", fields + [("rollback alarms", names.isEmpty ? "none" : names.joined(separator: ", "))])
  }

  private static let words = [
    "ALL_AT_ONCE": "all at once", "CANARY": "a canary, then the rest", "LINEAR": "in equal steps",
  ]

  private var modelSubjects: [StackSubject] {
    let served = variants.compactMap { model(of: $0) }
    return (served.isEmpty ? models : served).enumerated().map { index, model in
      let containers = model.containers
      return StackSubject(
        index == 0 ? "model" : "model \(index + 1)",
        containers.flatMap { container -> [(String, String?)] in
          [
            ("package", container.package?.text), ("build", container.specification?.text),
            ("image", container.image?.text),
          ]
        })
    }
  }
}

extension Stated<Int> {
  /// `10m` for 600 seconds.
  fileprivate var duration: String {
    value.flatMap { Int64($0).magnitude < 1_000_000_000 ? "\(TimeSpan.seconds(Int64($0)))" : nil } ?? text
  }
}

extension StackReading.Variant {
  fileprivate var subject: StackSubject {
    StackSubject(
      "variant '\(name?.text ?? "?")'",
      [
        ("instance type", instanceType?.text), ("instances at first", initialCount?.text), ("weight", weight?.text),
      ])
  }
}

extension StackReading.ScalingPolicy {
  fileprivate var subject: StackSubject {
    StackSubject(
      "scaling policy", prefix: "scaling: ",
      [
        ("metric", metric?.text), ("target per instance and minute", targetValue?.text),
        ("scale-out cooldown", scaleOutCooldown?.duration), ("scale-in cooldown", scaleInCooldown?.duration),
      ])
  }
}

extension StackReading.Alarm {
  /// Its name; its logical id, where CloudFormation makes the name up.
  fileprivate var title: String { name.text }

  fileprivate var subject: StackSubject {
    let metric = metrics.first
    var measure = metric.map { "\($0.name?.text ?? "?") \($0.statistic?.text ?? "")" }
    if case .math(let queries) = self.measure {
      let result = queries.first { $0.returnsData }
      if let expression = result?.expression { measure = "\(expression.text) of \(measure ?? "?")" }
    }
    let bound = threshold.map { "\(relation) \($0.text)" }
    let window = periods.map { "\(datapoints?.text ?? $0.text) of \($0.text) periods of \(period?.duration ?? "?")" }
    return StackSubject(
      "alarm '\(title)'",
      [
        ("metric", measure), ("threshold", bound), ("datapoints", window), ("missing data", missingData?.text),
        (
          "watches",
          metric?.dimension("EndpointConfigName").map { _ in "the new fleet" } ?? "every fleet"
        ),
      ])
  }

  private var relation: String {
    switch comparison?.text {
    case "GreaterThanThreshold": ">"
    case "GreaterThanOrEqualToThreshold": ">="
    case "LessThanThreshold": "<"
    case "LessThanOrEqualToThreshold": "<="
    default: comparison?.text ?? "?"
    }
  }
}

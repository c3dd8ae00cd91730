/// Each deployment has an endpoint configuration of its own, `NAME-17`, and SageMaker's names end at 63 characters.
enum EndpointNamesLeaveRoom: LintRule {
  /// Room for the hyphen and the number of a journal's entry.
  static let longest = 63 - 1 - 9

  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard subject.sageMaker != nil, let name = subject.endpoint?.name, name.count > longest else { return [] }
    return [
      LintFinding(
        .endpointNameTooLong, "the name leaves no room for those of its configurations, '\(name)-17'",
        at: .init(LintPlace(.environment, "endpoint", "name"), "\(name.count) characters"),
        help: "SageMaker's names have 63 characters at most: write one of up to \(longest)")
    ]
  }
}

/// A template that does not take these is never deployed to where users are, or never anew.
enum TemplatesTakeTheDeployment: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let template = subject.sageMaker?.template else { return [] }
    let missing = StackParameters.needed.filter { !template.parameters.contains($0) }
    guard !missing.isEmpty else { return [] }
    let listed = missing.map { "'\($0)'" }.joined(separator: ", ")
    return [
      LintFinding(
        .templateLacksParameter, "\(template.name) does not take \(listed)",
        at: .init(LintPlace(.environment, "target", "template"), "its parameters are read from it"),
        help: "declare \(missing.count == 1 ? "it" : "them") under 'Parameters', and use "
          + "\(missing.count == 1 ? "it" : "them") in the model, the configuration and the endpoint")
    ]
  }
}

/// What a file says and no parameter takes has no effect: a canary that is all at once, a bound that is another one.
enum TemplatesTakeWhatIsSaid: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let template = subject.sageMaker?.template else { return [] }
    return subject.said.compactMap { word in
      let missing = word.parameters.filter { !template.parameters.contains($0) }
      guard !missing.isEmpty else { return nil }
      let listed = missing.map { "'\($0)'" }.joined(separator: ", ")
      return LintFinding(
        .wordWithoutEffect, "\(template.name) does not take what '\(word.name)' says",
        at: .init(word.place, "it lacks the parameter\(missing.count == 1 ? "" : "s") \(listed)"),
        help: "declare \(missing.count == 1 ? "it" : "them") in the template, or leave '\(word.name)' to the template",
        severity: word.isGuard ? .error : .warning)
    }
  }
}

/// Something that a file says, and the parameters that take it.
private struct Word {
  var name: String
  var place: LintPlace
  var parameters: [String]
  /// Users would be less protected than the file says.
  var isGuard = false
}

extension LintSubject {
  fileprivate var said: [Word] { strategyWords + placeWords + scalingWords + alarmWords }

  fileprivate var strategyWords: [Word] {
    guard let words else { return [] }
    var said: [Word] = []
    if !words.strategy.steps.isEmpty {
      let parameters = ["Routing", "TrafficPercent", "WaitSeconds"]
      said.append(Word(name: words.key, place: words.place, parameters: parameters, isGuard: true))
    }
    if words.bakeAfter > .zero {
      said.append(
        Word(
          name: "bakeAfter", place: words.bake(ofStep: nil), parameters: ["TerminationWaitSeconds"], isGuard: true))
    }
    return said
  }

  fileprivate var placeWords: [Word] {
    var said = [
      Word(name: "role", place: LintPlace(.environment, "target", "role"), parameters: ["ExecutionRoleArn"])
    ]
    if sageMaker?.timeout != nil {
      said.append(
        Word(name: "timeout", place: LintPlace(.environment, "target", "timeout"), parameters: ["TimeoutSeconds"]))
    }
    if endpoint != nil {
      let place = LintPlace(.environment, "endpoint", "instances")
      said.append(Word(name: "instances", place: place, parameters: ["InitialInstanceCount"]))
    }
    if sageMaker?.instanceType != nil {
      said.append(
        Word(name: "type", place: LintPlace(.environment, "endpoint", "type"), parameters: ["InstanceType"]))
    }
    if model?.variants != nil {
      said.append(
        Word(
          name: "variants", place: LintPlace(.environment, "model", "variants"),
          parameters: ["InferenceSpecificationName"]))
    }
    return said
  }

  fileprivate var scalingWords: [Word] {
    guard scaling != nil else { return [] }
    let parameters = ["MinCapacity", "MaxCapacity", "InvocationsPerInstance", "ScaleOutCooldown", "ScaleInCooldown"]
    return [Word(name: "autoscaling", place: LintPlace(.environment, "autoscaling"), parameters: parameters)]
  }

  /// Parts of alarms that the template has and does not take whole.
  fileprivate var alarmWords: [Word] {
    guard let template = sageMaker?.template else { return [] }
    return alarms.enumerated().flatMap { index, alarm -> [Word] in
      let names = StackParameters.Alarm(alarm.name)
      guard names.all.contains(where: template.parameters.contains) else { return [] }
      return [
        Word(name: "threshold", place: LintPlace(.alarm(index), "threshold"), parameters: [names.threshold]),
        Word(name: "period", place: LintPlace(.alarm(index), "period"), parameters: [names.period]),
        Word(
          name: "datapoints", place: LintPlace(.alarm(index), "datapoints"),
          parameters: [names.datapoints, names.periods]),
      ]
    }
  }
}

/// SageMaker watches only alarms that the stack has.
enum TemplatesHaveTheAlarms: LintRule {
  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard let template = subject.sageMaker?.template else { return [] }
    return subject.alarms.enumerated().compactMap { index, alarm in
      let names = StackParameters.Alarm(alarm.name)
      guard !names.all.contains(where: template.parameters.contains) else { return nil }
      return LintFinding(
        .alarmNotInTemplate, "\(template.name) has no alarm '\(alarm.name)'",
        at: .init(LintPlace(.alarmReference(index)), "nothing would create it or watch it"),
        and: [.init(LintPlace(.environment, "target", "template"), "it takes no '\(names.threshold)'")],
        help: "add the alarm to the template, with the parameters \(names.all.joined(separator: ", "))",
        severity: alarm.rollback ? .error : .warning)
    }
  }
}

/// SageMaker watches ten alarms at most.
enum RollbackAlarmsAreFew: LintRule {
  /// One of them is `rollout`'s own, by which a person's abort reaches SageMaker.
  static let most = 10 - 1

  static func findings(in subject: LintSubject) -> [LintFinding] {
    guard subject.sageMaker != nil else { return [] }
    let watched = subject.alarms.indices.filter { subject.alarms[$0].rollback }
    guard watched.count > most else { return [] }
    return [
      LintFinding(
        .watchedAlarmsTooMany, "SageMaker watches ten alarms, and one is the abort alarm",
        at: .init(LintPlace(.alarmReference(watched[most])), "this is rollback alarm \(most + 1) of \(watched.count)"),
        help: "give those that matter least 'rollback: false'")
    ]
  }
}

/// Whether a template does what its environment says. A parameter may be declared and not be used, or an alarm may
/// measure something else: then the files promise a guard that nobody keeps.
package enum TemplateAgreement {
  /// What stands otherwise in the template, at the words that it contradicts.
  package static func findings(in stack: StackReading, with spec: EnvironmentSpec, words: StrategyWords)
    -> [LintFinding]
  {
    guard let target = spec.target.sageMaker else { return [] }
    let alarms = spec.alarms.enumerated().flatMap { index, alarm in
      Agreement(stack: stack, template: target.template, index: index, alarm: alarm).findings
    }
    return alarms + traffic(stack, target, words)
  }

  private static func traffic(
    _ stack: StackReading, _ target: SageMakerSpec, _ words: StrategyWords
  ) -> [LintFinding] {
    let taken = ["Routing", "TrafficPercent", "WaitSeconds"]
    // Without them, the words are known to have no effect.
    guard taken.allSatisfy(target.template.parameters.contains), let endpoint = stack.endpoint else { return [] }
    let wanted = target.guardrails
    guard let deployed = stack.guardrails else {
      guard endpoint.deployment == nil else { return [] }
      return [otherwise("its endpoint has no 'DeploymentConfig'", target, words)]
    }
    guard deployed.routing != wanted.routing || deployed.bakeAfter != wanted.bakeAfter else { return [] }
    return [otherwise("it would do this: \(deployed)", target, words)]
  }

  private static func otherwise(_ text: String, _ target: SageMakerSpec, _ words: StrategyWords) -> LintFinding {
    LintFinding(
      .trafficMovesOtherwise, "\(target.template.name) would not move traffic as '\(words.key)' says",
      at: .init(words.place, text),
      help: "let the endpoint's 'DeploymentConfig' use the parameters Routing, TrafficPercent, WaitSeconds and "
        + "TerminationWaitSeconds")
  }
}

/// One alarm file, and the alarms of the template that take its threshold.
private struct Agreement {
  var stack: StackReading
  var template: StackTemplate
  var index: Int
  var alarm: AlarmRule
  var resources: [StackReading.Alarm]

  init(stack: StackReading, template: StackTemplate, index: Int, alarm: AlarmRule) {
    self.stack = stack
    self.template = template
    self.index = index
    self.alarm = alarm
    let threshold = StackParameters.Alarm(alarm.name).threshold
    resources = stack.alarms.filter { $0.threshold?.parameters.contains(threshold) == true }
  }

  var findings: [LintFinding] {
    guard !resources.isEmpty else { return unused }
    return resources.flatMap(contradictions).uniqued + watched
  }

  /// The parameter is there, and no alarm compares with it.
  private var unused: [LintFinding] {
    let threshold = StackParameters.Alarm(alarm.name).threshold
    guard template.parameters.contains(threshold) else { return [] }
    return [
      LintFinding(
        .alarmNotInTemplate, "\(template.name) has no alarm that compares with '\(threshold)'",
        at: .init(LintPlace(.alarmReference(index)), "nothing would watch it"),
        help: "let an alarm's 'Threshold' be '!Ref \(threshold)'", severity: alarm.rollback ? .error : .warning)
    ]
  }

  private func contradictions(_ resource: StackReading.Alarm) -> [LintFinding] {
    let metric = resource.metrics.first
    let parts: [(key: String, own: String?, theirs: String?)] = [
      ("metric", alarm.metric.rawValue, metric?.name?.value),
      ("statistic", "\(alarm.statistic)", metric?.statistic?.value),
      ("threshold", alarm.threshold.relation.cloudWatchName, resource.comparison?.value),
      ("missingData", alarm.missingData.rawValue, resource.missingData.map(\.value) ?? "missing"),
    ]
    return parts.compactMap { key, own, theirs in
      guard let theirs, own != theirs else { return nil }
      return LintFinding(
        .alarmSaysOtherwise, "the template's alarm '\(resource.resource.logicalID)' says otherwise",
        at: .init(LintPlace(.alarm(index), key), "there it is \(theirs)"),
        help: own.map { "change this, or write \($0) in \(template.name)" } ?? "CloudWatch has no such comparison")
    }
  }

  /// `rollback` is what the endpoint's list of alarms makes of it.
  private var watched: [LintFinding] {
    let watched = stack.rollbackAlarms.filter { resources.contains($0) }
    let place = LintPlace(.alarm(index), "rollback")
    if alarm.rollback, watched.isEmpty {
      return [
        LintFinding(
          .alarmSaysOtherwise, "SageMaker would not watch alarm '\(alarm.name)'",
          at: .init(place, "the endpoint's 'AutoRollbackConfiguration' does not name it"),
          help: "name \(resources[0].resource.logicalID) there, or give the alarm 'rollback: false'")
      ]
    }
    guard !alarm.rollback, let first = watched.first else { return [] }
    return [
      LintFinding(
        .alarmSaysOtherwise, "SageMaker would go back for alarm '\(alarm.name)'",
        at: .init(place, "the endpoint's 'AutoRollbackConfiguration' names it"),
        help: "take \(first.resource.logicalID) from it, or give the alarm 'rollback: true'", severity: .warning)
    ]
  }
}

extension Comparison.Relation {
  /// `nil`: CloudWatch compares no numbers for being the same.
  fileprivate var cloudWatchName: String? {
    switch self {
    case .greater: "GreaterThanThreshold"
    case .greaterOrEqual: "GreaterThanOrEqualToThreshold"
    case .less: "LessThanThreshold"
    case .lessOrEqual: "LessThanOrEqualToThreshold"
    case .equal: nil
    }
  }
}

extension [LintFinding] {
  /// The first about each place.
  fileprivate var uniqued: [LintFinding] {
    var seen: Set<LintPlace> = []
    return filter { seen.insert($0.primary.place).inserted }
  }
}

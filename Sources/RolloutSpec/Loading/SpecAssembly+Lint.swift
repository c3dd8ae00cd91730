import RolloutCore
import RolloutDiagnostics

extension SpecAssembly {
  /// Holds an environment against the rules, and shows where in its files each finding stands.
  mutating func lint(_ environment: Environment) {
    let subject = LintSubject(
      target: environment.lintTarget, endpoint: environment.draft.endpoint?.spec, model: environment.draft.model,
      approval: environment.draft.approval.flatMap(\.self), words: environment.draft.strategy,
      alarms: environment.alarms.map(\.file.value), scaling: environment.draft.autoscaling.flatMap(\.self))
    for finding in Lint.findings(in: subject) { report(finding, of: environment) }
  }

  mutating func report(_ finding: LintFinding, of environment: Environment) {
    files.diagnostics.report(
      Diagnostic(
        DiagnosticCode(finding.kind), finding.message, at: environment.label(finding.primary),
        and: finding.related.map { environment.label($0) }, help: finding.help,
        severity: finding.severity == .error ? .error : .warning))
  }
}

extension SpecAssembly.Environment {
  fileprivate var lintTarget: LintTarget? {
    switch target {
    case nil: nil
    case .local(let template): .local(template?.value)
    case .sageMaker(let draft, let template):
      .sageMaker(
        SageMakerWords(template: template, timeout: draft.timeout, instanceType: self.draft.endpoint?.type?.value))
    }
  }

  fileprivate func label(_ note: LintFinding.Note) -> Label { Label(range(of: note.place), note.text) }

  private func range(of place: LintPlace) -> SourceRange {
    let path: [YAMLNode.Step] = place.path.map { step in
      switch step {
      case .key(let key): .key(key)
      case .index(let index): .index(index)
      }
    }
    switch place.file {
    case .environment: return root.place(of: path)
    case .alarm(let index): return alarms[index].file.root.place(of: path)
    case .alarmReference(let index): return alarms[index].reference.range
    case .template:
      if case .local(let template?) = target { return template.root.place(of: path) }
      return root.place(of: path)
    }
  }
}

extension DiagnosticCode {
  init(_ kind: LintFinding.Kind) {
    self =
      switch kind {
      case .weightFalls: .weightFalls
      case .weightRepeated: .weightRepeated
      case .weightNotAShare: .weightNotAShare
      case .bakeNegative: .bakeNegative
      case .alarmRepeated: .alarmRepeated
      case .alarmCannotFire: .alarmCannotFire
      case .alarmCannotFireInBake: .alarmCannotFireInBake
      case .thresholdUnreachable: .thresholdUnreachable
      case .thresholdAlwaysMet: .thresholdAlwaysMet
      case .trafficTooSmall: .trafficTooSmall
      case .minimumAboveMaximum: .minimumAboveMaximum
      case .instancesOutsideScaling: .instancesOutsideScaling
      case .cooldownNegative: .cooldownNegative
      case .datapointsImpossible: .datapointsImpossible
      case .periodNotPositive: .periodNotPositive
      case .percentileOfCounts: .percentileOfCounts
      case .approversTooFew: .approversTooFew
      case .approverWithoutKey: .approverWithoutKey
      case .leaseOutOfRange: .leaseOutOfRange
      case .durationNotPositive: .durationNotPositive
      case .ladderImpossible: .ladderImpossible
      case .guardrailShareOutOfRange: .guardrailShareOutOfRange
      case .guardrailWaitTooLong: .guardrailWaitTooLong
      case .deploymentTimeoutOutOfRange: .deploymentTimeoutOutOfRange
      case .keepWarmNotKept: .keepWarmNotKept
      case .shareOfOneInstance: .shareOfOneInstance
      case .shareRounded: .shareRounded
      case .rollingOnLocal: .rollingOnLocal
      case .endpointNameTooLong: .endpointNameTooLong
      case .templateLacksParameter: .templateLacksParameter
      case .wordWithoutEffect: .wordWithoutEffect
      case .alarmNotInTemplate: .alarmNotInTemplate
      case .watchedAlarmsTooMany: .watchedAlarmsTooMany
      case .alarmPeriodImpossible: .alarmPeriodImpossible
      case .alarmWindowTooLong: .alarmWindowTooLong
      case .scalingPeriodFixed: .scalingPeriodFixed
      case .alarmSaysOtherwise: .alarmSaysOtherwise
      case .trafficMovesOtherwise: .trafficMovesOtherwise
      }
  }
}

import RolloutCore
import RolloutDiagnostics

extension SpecAssembly {
  /// Holds an environment's template against AWS's rules, with the values that the environment gives it.
  mutating func lintTemplate(of environment: Environment, as spec: EnvironmentSpec) {
    guard let target = spec.target.sageMaker, case .sageMaker(let draft, _) = environment.target,
      let reference = draft.template
    else { return }
    var values = target.parameterValues(endpoint: spec.endpoint, alarms: spec.alarms, scaling: spec.autoscaling)
    values["AWS::Region"] = target.region
    let path = shownPath(reference.value, from: files.workingDirectory)
    guard
      let reader = TemplateReader(target.template.text, path: path, parameters: values, into: &files.diagnostics)
    else { return }
    for finding in TemplateLint.findings(in: reader.reading) {
      // What the environment's own words say is shown there, and not where the template takes it.
      if let parameter = finding.parameter, values[parameter] != nil, finding.kind.isSaidOfWords { continue }
      files.diagnostics.report(Diagnostic(finding, in: reader))
    }
    guard let words = environment.draft.strategy else { return }
    for finding in TemplateAgreement.findings(in: reader.reading, with: spec, words: words) {
      report(finding, of: environment)
    }
  }
}

extension TemplateFinding.Kind {
  /// Whether a rule over the environment's words says the same.
  fileprivate var isSaidOfWords: Bool {
    switch self {
    case .shareOutOfRange, .shareTooCoarse, .instanceTypeUnknown, .waitOutOfRange, .timeoutOutOfRange,
      .timeoutShorterThanWaits,
      .endpointNameInvalid, .alarmPeriodInvalid, .alarmSlowerThanBake, .capacityBoundsCrossed,
      .initialCountOutsideBounds, .scalingCooldownNegative:
      true
    default: false
    }
  }
}

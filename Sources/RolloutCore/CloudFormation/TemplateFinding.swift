/// Something in a template that is well-formed and cannot be meant, or that AWS would refuse or silently ignore.
package struct TemplateFinding: Hashable, Sendable {
  /// What is wrong, by the code that people see.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case templateTooLarge = "R0309"
    case shareOutOfRange = "R0310"
    case shareMissing = "R0311"
    case shareTooCoarse = "R0312"
    case waitOutOfRange = "R0313"
    case timeoutOutOfRange = "R0314"
    case timeoutShorterThanWaits = "R0315"
    case policiesCombined = "R0316"
    case guardrailsIgnored = "R0317"
    case rollbackAlarmUndefined = "R0318"
    case rollbackAlarmsTooMany = "R0319"
    case rollbackAlarmsNone = "R0320"
    case scalingAlarmInRollback = "R0321"
    case abortAlarmMissing = "R0322"
    case abortAlarmUnsound = "R0323"
    case instanceCountsReset = "R0324"
    case retainedOnCreation = "R0325"
    case instanceTypeUnknown = "R0326"
    case shadowVariant = "R0327"
    case variantRenamed = "R0328"
    case modelSourceAmbiguous = "R0329"
    case nameCollides = "R0330"
    case oldVersionNotRetained = "R0331"
    case endpointNameInvalid = "R0332"
    case metricUnknown = "R0333"
    case metricNamespaceWrong = "R0334"
    case dimensionUnknown = "R0335"
    case dimensionOfAnother = "R0336"
    case cpuThresholdIgnoresCores = "R0337"
    case alarmPeriodInvalid = "R0338"
    case alarmSlowerThanBake = "R0339"
    case latencyThresholdTooSmall = "R0340"
    case alarmContradictory = "R0341"
    case capacityBoundsCrossed = "R0342"
    case initialCountOutsideBounds = "R0343"
    case scalingOfAnother = "R0344"
    case scalingTargetMalformed = "R0345"
    case scalingCooldownNegative = "R0346"
    case templateValueMalformed = "R0347"
    case wayBackWatched = "R0348"
  }

  package struct Meant: Hashable, Sendable {
    package var written: String
    package var candidates: [String]
  }

  package var kind: Kind
  package var severity: LintFinding.Severity
  package var message: String
  package var primary: LintFinding.Note
  /// The other places that the finding is about.
  package var related: [LintFinding.Note]
  /// The parameter that the value at the primary place was made from.
  package var parameter: String?
  /// What was written and what may be written there: the help line names the nearest.
  package var meant: Meant?
  package var help: String

  /// About a place.
  package init(
    _ kind: Kind, _ message: String, at path: [LintPlace.Step], _ text: String = "",
    and related: [LintFinding.Note] = [],
    help: String, severity: LintFinding.Severity = .error
  ) {
    self.kind = kind
    self.severity = severity
    self.message = message
    primary = LintFinding.Note(LintPlace(.template, path), text)
    self.related = related
    parameter = nil
    self.help = help
  }

  /// About a value.
  package init(
    _ kind: Kind, _ message: String, at stated: Stated<some Hashable & Sendable>, _ text: String,
    and related: [LintFinding.Note] = [], help: String, meant: [String] = [], severity: LintFinding.Severity = .error
  ) {
    self.init(kind, message, at: stated.path, text, and: related, help: help, severity: severity)
    self.meant = meant.isEmpty ? nil : Meant(written: stated.text, candidates: meant)
    parameter = stated.parameters.count == 1 ? stated.parameters[0] : nil
  }
}

extension LintFinding.Note {
  init(_ stated: Stated<some Hashable & Sendable>, _ text: String) { self.init(LintPlace(stated), text) }
}

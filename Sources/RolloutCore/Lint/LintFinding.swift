/// A value that is well-formed and cannot be meant, found by a rule. Whoever read the files knows where it stands.
package struct LintFinding: Hashable, Sendable {
  package enum Severity: Hashable, Sendable { case error, warning }

  /// What is wrong, one case for each code that people see.
  package enum Kind: Hashable, Sendable, CaseIterable {
    case weightFalls, weightRepeated, weightNotAShare, bakeNegative, alarmRepeated, alarmCannotFire,
      alarmCannotFireInBake, thresholdUnreachable, thresholdAlwaysMet, trafficTooSmall, minimumAboveMaximum,
      instancesOutsideScaling, cooldownNegative, datapointsImpossible, periodNotPositive, percentileOfCounts,
      approversTooFew, approverWithoutKey, leaseOutOfRange, durationNotPositive
    // Only on SageMaker, or only off it.
    case ladderImpossible, guardrailShareOutOfRange, guardrailWaitTooLong, deploymentTimeoutOutOfRange,
      keepWarmNotKept, shareOfOneInstance, shareRounded, rollingOnLocal, endpointNameTooLong, templateLacksParameter,
      wordWithoutEffect, alarmNotInTemplate, watchedAlarmsTooMany, alarmPeriodImpossible, alarmWindowTooLong,
      scalingPeriodFixed, alarmSaysOtherwise, trafficMovesOtherwise
  }

  package struct Note: Hashable, Sendable {
    package var place: LintPlace
    package var text: String

    package init(_ place: LintPlace, _ text: String) {
      self.place = place
      self.text = text
    }
  }

  package var kind: Kind
  package var severity: Severity
  package var message: String
  package var primary: Note
  /// The other places that the finding is about.
  package var related: [Note]
  package var help: String

  package init(
    _ kind: Kind, _ message: String, at primary: Note, and related: [Note] = [], help: String,
    severity: Severity = .error
  ) {
    self.kind = kind
    self.severity = severity
    self.message = message
    self.primary = primary
    self.related = related
    self.help = help
  }
}

/// Where a value stands: in which of an environment's files, and under which keys there.
package struct LintPlace: Hashable, Sendable {
  package enum File: Hashable, Sendable {
    case environment
    case template
    /// The file of the alarm with this index.
    case alarm(Int)
    /// Where the environment lists that file.
    case alarmReference(Int)
  }

  package enum Step: Hashable, Sendable {
    case key(String)
    case index(Int)
  }

  package var file: File
  package var path: [Step]

  package init(_ file: File, _ path: [Step]) {
    self.file = file
    self.path = path
  }

  package init(_ file: File, _ keys: String...) { self.init(file, keys.map { .key($0) }) }
}

extension StrategyWords {
  /// The strategy's own mapping.
  var place: LintPlace { LintPlace(.environment, "strategy", key) }

  /// Where a step's share is written; equal steps share one place.
  func share(ofStep index: Int) -> LintPlace {
    switch self {
    case .canary: step(index, "weight")
    case .linear, .allAtOnce: place("step")
    case .rolling: place("batch")
    }
  }

  /// Where it is written how long a step is watched; `nil` is the time at 100 %.
  func bake(ofStep index: Int?) -> LintPlace {
    switch (self, index) {
    case (.canary, let index?): step(index, "bake")
    case (.linear, .some), (.rolling, _): place("bake")
    case (_, _): place("bakeAfter")
    }
  }

  var keepWarmPlace: LintPlace { place("keepWarm") }

  var steps: LintPlace { place("steps") }

  private func place(_ key: String) -> LintPlace {
    LintPlace(.environment, "strategy", self.key, key)
  }

  private func step(_ index: Int, _ key: String) -> LintPlace {
    LintPlace(.environment, [.key("strategy"), .key(self.key), .key("steps"), .index(index), .key(key)])
  }
}

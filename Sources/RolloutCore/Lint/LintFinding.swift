/// A value that is well-formed and cannot be meant, found by a rule. Whoever read the files knows where it stands.
package struct LintFinding: Hashable, Sendable {
  package enum Severity: Hashable, Sendable { case error, warning }

  /// What is wrong, one case for each code that people see.
  package enum Kind: Hashable, Sendable, CaseIterable {
    case weightFalls, weightRepeated, weightNotAShare, bakeNegative, alarmRepeated, alarmCannotFire,
      alarmCannotFireInBake, thresholdUnreachable, thresholdAlwaysMet, trafficTooSmall, minimumAboveMaximum,
      instancesOutsideScaling, cooldownNegative, datapointsImpossible, periodNotPositive, percentileOfCounts,
      approversTooFew, approverWithoutKey, leaseOutOfRange, durationNotPositive
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

  static func step(_ index: Int, _ key: String) -> LintPlace {
    LintPlace(.environment, [.key("strategy"), .key("canary"), .key("steps"), .index(index), .key(key)])
  }

  /// A key beside the steps, which belongs to either kind of strategy.
  static func strategy(_ strategy: Strategy, _ key: String) -> LintPlace {
    LintPlace(.environment, "strategy", strategy.steps.isEmpty ? "allAtOnce" : "canary", key)
  }
}

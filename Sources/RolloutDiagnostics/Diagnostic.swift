/// One thing that is wrong in a user's files: what, where, why, and how to mend it.
package struct Diagnostic: Hashable, Sendable {
  package enum Severity: String, Hashable, Codable, Sendable { case error, warning }

  package var severity: Severity
  package var code: DiagnosticCode
  /// One sentence without a full stop.
  package var message: String
  package var primary: Label
  /// The other places that the problem is about.
  package var secondary: [Label]
  /// What to do, in one line.
  package var help: String?

  package init(
    _ code: DiagnosticCode, _ message: String, at primary: Label, and secondary: [Label] = [], help: String? = nil,
    severity: Severity = .error
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.primary = primary
    self.secondary = secondary
    self.help = help
  }
}

/// A place and what is to be seen there.
package struct Label: Hashable, Sendable {
  package var range: SourceRange
  package var text: String

  package init(_ range: SourceRange, _ text: String = "") {
    self.range = range
    self.text = text
  }
}

/// Collects diagnostics, so that a reader can go on after the first. Bounded: a file that is wrong throughout does not
/// fill memory or the terminal.
package struct Diagnostics: Sendable {
  package static let keptMax = 1_000

  private var kept: [Diagnostic] = []
  private var seen: Set<Diagnostic> = []
  /// How many more there were than are kept.
  package private(set) var droppedCount = 0

  package init() {}

  /// Keeps a diagnostic. The same one twice, as when an anchor's content is read again at an alias, is kept once.
  package mutating func report(_ diagnostic: Diagnostic) {
    if kept.count >= Self.keptMax {
      droppedCount += seen.contains(diagnostic) ? 0 : 1
    } else if seen.insert(diagnostic).inserted {
      kept.append(diagnostic)
    }
  }

  package mutating func report(contentsOf diagnostics: some Sequence<Diagnostic>) {
    for diagnostic in diagnostics { report(diagnostic) }
  }

  package var hasErrors: Bool { kept.contains { $0.severity == .error } || droppedCount > 0 }

  /// By file and position; at one place, in the order in which they were found.
  package var sorted: [Diagnostic] {
    var ordered = kept.enumerated().sorted { left, right in
      let (one, other) = (left.element.primary.range, right.element.primary.range)
      if one.file.path != other.file.path { return one.file.path < other.file.path }
      if one.span?.lowerBound != other.span?.lowerBound {
        guard let start = one.span?.lowerBound else { return true }
        guard let otherStart = other.span?.lowerBound else { return false }
        return start < otherStart
      }
      return left.offset < right.offset
    }.map(\.element)
    if let last = ordered.last, droppedCount > 0 {
      ordered.append(
        Diagnostic(
          .tooManyProblems, "there are \(droppedCount) more problems than the \(Self.keptMax) shown",
          at: Label(SourceRange(last.primary.range.file)), help: "mend the problems above and validate again"))
    }
    return ordered
  }
}

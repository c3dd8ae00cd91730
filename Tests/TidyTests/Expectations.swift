import Testing

/// Fails once, with every violation on a line of its own.
func expectNone(_ violations: [String], sourceLocation: SourceLocation = #_sourceLocation) {
  guard !violations.isEmpty else { return }
  Issue.record(Comment(rawValue: violations.joined(separator: "\n")), sourceLocation: sourceLocation)
}

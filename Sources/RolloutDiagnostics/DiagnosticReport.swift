/// Diagnostics for machines. The version changes when a reader of the old form would be wrong about the new one.
package struct DiagnosticReport: Hashable, Codable, Sendable {
  package static let currentVersion = 1

  package struct Position: Hashable, Codable, Sendable {
    /// One-based.
    package var line: Int
    /// One-based, in characters.
    package var column: Int
  }

  package struct Place: Hashable, Codable, Sendable {
    package var path: String
    /// Absent for a whole file.
    package var start: Position?
    /// Just past the last character.
    package var end: Position?
    package var label: String?

    init(_ label: Label) {
      path = label.range.file.path
      self.label = label.text.isEmpty ? nil : label.text
      start = label.range.span.map { Position(line: $0.lowerBound.line, column: label.range.column(of: $0.lowerBound)) }
      end = label.range.span.map { Position(line: $0.upperBound.line, column: label.range.column(of: $0.upperBound)) }
    }
  }

  package struct Entry: Hashable, Codable, Sendable {
    package var severity: Diagnostic.Severity
    package var code: String
    package var message: String
    package var place: Place
    package var related: [Place]
    package var help: String?
  }

  package var version: Int
  package var errors: Int
  package var warnings: Int
  package var diagnostics: [Entry]

  package init(_ diagnostics: [Diagnostic]) {
    version = Self.currentVersion
    errors = diagnostics.count { $0.severity == .error }
    warnings = diagnostics.count - errors
    self.diagnostics = diagnostics.map {
      Entry(
        severity: $0.severity, code: $0.code.rawValue, message: $0.message, place: Place($0.primary),
        related: $0.secondary.map { Place($0) }, help: $0.help)
    }
  }
}

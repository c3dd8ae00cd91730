import RolloutCore

/// What `rollout` notes about a decision in a package's metadata.
struct Decision: Hashable {
  var status: String
  var at: Timestamp
  var by: String
}

extension Decision {
  static let prefix = "rollout-decided-"

  init?(_ metadata: [String: String]) {
    guard let status = metadata[Self.prefix + "status"],
      let at = metadata[Self.prefix + "at"].flatMap({ Timestamp($0) }),
      let by = metadata[Self.prefix + "by"]
    else { return nil }
    self.init(status: status, at: at, by: by)
  }

  var metadata: [String: String] {
    [
      Self.prefix + "status": status, Self.prefix + "at": at.description, Self.prefix + "by": MetadataText.value(by),
    ]
  }
}

/// What SageMaker takes as metadata and as a comment (its API's patterns and lengths).
enum MetadataText {
  /// Letters, numbers, spaces and `_.:/=+-@`, 1 to 256 of them.
  static func value(_ text: String) -> String {
    let kept = text.unicodeScalars.map { isAllowed($0) ? Character($0) : "_" }
    return String(kept.prefix(256))
  }

  /// One line of at most 1,024 characters.
  static func line(_ text: String) -> String {
    String(text.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(1_024))
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .spaceSeparator, .lineSeparator, .paragraphSeparator:
      true
    default: "_.:/=+-@".unicodeScalars.contains(scalar)
    }
  }
}

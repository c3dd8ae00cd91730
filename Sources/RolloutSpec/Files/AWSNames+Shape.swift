import RolloutCore
import RolloutDiagnostics

// Names by AWS's own patterns.
extension Shape where Value == String {
  static var region: Shape {
    text("the name of an AWS region", example: "us-east-1", pattern: "^[a-z]{2}(-[a-z]+)+-[0-9]$") {
      isRegion($0)
    }
  }

  static func isRegion(_ text: String) -> Bool { text.wholeMatch(of: /[a-z]{2}(-[a-z]+)+-[0-9]/) != nil }

  static var roleARN: Shape {
    text(
      "the ARN of a role", example: "arn:aws:iam::123456789012:role/eye-catcher",
      pattern: "^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,576}$"
    ) { $0.wholeMatch(of: /arn:aws[a-z\-]*:iam::[0-9]{12}:role\/[A-Za-z0-9+=,.@_\/\-]{1,576}/) != nil }
  }

  static var stackName: Shape {
    text(
      "a stack's name: a letter, then up to 127 letters, digits and '-'", example: "eye-catcher-production",
      pattern: "^[A-Za-z][A-Za-z0-9-]{0,127}$"
    ) { isStackName($0) }
  }

  static func isStackName(_ text: String) -> Bool { text.wholeMatch(of: /[A-Za-z][A-Za-z0-9\-]{0,127}/) != nil }

  static var instanceType: Shape {
    text("a type of instance", example: "ml.m5.xlarge", pattern: "^ml\\.[a-z0-9-]+\\.[a-z0-9-]+$") {
      $0.wholeMatch(of: /ml\.[a-z0-9\-]+\.[a-z0-9\-]+/) != nil
    }
  }

  static var bucket: Shape {
    text(
      "a bucket's name: 3 to 63 lower-case letters, digits, '-' and '.'", example: "eye-catcher-rollout",
      pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"
    ) { isBucket($0) }
  }

  static func isBucket(_ text: String) -> Bool {
    text.wholeMatch(of: /[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]/) != nil && !text.contains("..")
  }

  /// What stands in front of the keys of objects, with `/` at its end.
  static var keyPrefix: Shape {
    text(
      "a prefix of letters, digits and '-_./'", example: "eye-catcher",
      pattern: "^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?$"
    ) { $0.count <= 512 && $0.wholeMatch(of: /[A-Za-z0-9_.\-]+(\/[A-Za-z0-9_.\-]+)*\/?/) != nil }
    .map { $0.hasSuffix("/") ? $0 : $0 + "/" }
  }

  /// The value of a template's parameter. Numbers and truth values are taken as their text; plans show it, so that it
  /// takes no variable.
  static var parameterValue: Shape {
    Shape(schema: ["type": ["string", "number", "boolean"]]) { node, reading in
      guard case .scalar(let scalar) = node.content else {
        reading.reportType(node, "text", help: "write it on one line; lists are written 'a,b'")
        return nil
      }
      return reading.filled(scalar, at: node)?.text
    }
  }
}

import FoundationEssentials
import RolloutCore

/// An IAM policy: who has it may do these things with these resources, and nothing else.
struct AccessPolicy: Sendable {
  struct Statement: Sendable {
    var id: String
    /// As IAM calls them, `cloudformation:CreateChangeSet`.
    var actions: [String]
    /// ARNs, with `*`.
    var resources: [String]
    /// Operator → key → values.
    var conditions: [String: [String: [String]]] = [:]
  }

  var statements: [Statement]

  var text: String { Self.text(of: statements.map(\.json)) }

  /// Statements as a JSON document, its keys sorted.
  fileprivate static func text(of statements: [JSONValue]) -> String {
    let document: JSONValue = ["Version": "2012-10-17", "Statement": .array(statements)]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    guard let data = try? encoder.encode(document) else { preconditionFailure("a policy can be written as JSON") }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

extension AccessPolicy.Statement {
  fileprivate var json: JSONValue {
    let statement: JSONValue = [
      "Sid": .string(id), "Effect": "Allow", "Action": .list(actions), "Resource": .list(resources),
    ]
    return conditions.isEmpty ? statement : statement.adding("Condition", .conditions(conditions))
  }
}

/// Who may take a role.
struct TrustPolicy: Sendable {
  /// `Service` or `Federated`.
  var kind: String
  var principal: String
  var action: String
  /// Operator → key → values.
  var conditions: [String: [String: [String]]]

  var text: String {
    let statement: JSONValue = [
      "Effect": "Allow", "Principal": .object([kind: .string(principal)]), "Action": .string(action),
    ]
    return AccessPolicy.text(of: [statement.adding("Condition", .conditions(conditions))])
  }
}

extension JSONValue {
  fileprivate static func list(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }

  fileprivate static func conditions(_ conditions: [String: [String: [String]]]) -> JSONValue {
    .object(conditions.mapValues { .object($0.mapValues(list)) })
  }
}

/// Where a service lives on AWS, as far as policies and files name it.
package struct AWSPlace: Hashable, Sendable {
  package var region: String
  /// Twelve digits.
  package var account: String
  package var bucket: String

  /// Values to be filled in: they are well-formed, and nobody's.
  package static let example = AWSPlace(region: "us-east-1", account: "123456789012", bucket: "my-rollout-bucket")

  package init(region: String, account: String, bucket: String) {
    self.region = region
    self.account = account
    self.bucket = bucket
  }

  /// `us-east-1`, not `Virginia`.
  package static func isRegion(_ text: String) -> Bool { Shape<String>.isRegion(text) }
  package static func isBucket(_ text: String) -> Bool { Shape<String>.isBucket(text) }
  package static func isAccount(_ text: String) -> Bool { text.wholeMatch(of: /[0-9]{12}/) != nil }

  /// `aws`, or that of China or GovCloud.
  var partition: String { region.hasPrefix("cn-") ? "aws-cn" : region.hasPrefix("us-gov-") ? "aws-us-gov" : "aws" }

  func arn(_ service: String, _ resource: String) -> String {
    "arn:\(partition):\(service):\(region):\(account):\(resource)"
  }

  /// IAM and S3 know no regions in their names.
  func globalARN(_ service: String, _ resource: String, account: String = "") -> String {
    "arn:\(partition):\(service)::\(account):\(resource)"
  }
}

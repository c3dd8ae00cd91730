package import RolloutCore

/// What an endpoint may serve: models, and the instances for them. Immutable in AWS.
package struct EndpointConfiguration: Hashable, Sendable {
  package var name: String
  package var arn: String
  package var createdAt: Timestamp?
  /// All that a new configuration needs to be the same one, as the API has it: variants, keys, data capture, and what
  /// AWS may add some day.
  package var content: [String: JSONValue]
  package var tags: [String: String] = [:]

  /// Names of the models that its variants run, in their order.
  package var models: [String] { variants.compactMap { $0["ModelName"]?.asText } }

  /// Its production variants as the API has them.
  package var variants: [[String: JSONValue]] {
    guard case .array(let items)? = content["ProductionVariants"] else { return [] }
    return items.compactMap { if case .object(let members) = $0 { members } else { nil } }
  }
}

extension EndpointConfiguration: Decodable {
  /// Told by AWS, and not to be told to it.
  private static let answersOnly = ["EndpointConfigName", "EndpointConfigArn", "CreationTime"]

  private enum Key: String, CodingKey { case EndpointConfigName, EndpointConfigArn, CreationTime }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let all = try decoder.singleValueContainer().decode([String: JSONValue].self)
    self.init(
      name: try container.decode(String.self, forKey: .EndpointConfigName),
      arn: try container.text(.EndpointConfigArn), createdAt: try container.moment(.CreationTime),
      content: all.filter { !Self.answersOnly.contains($0.key) && $0.value != .null })
  }
}

/// A model of SageMaker: which packages it runs, and as whom.
package struct SageMakerModel: Hashable, Sendable {
  package var name: String
  package var arn: String
  /// ARNs of the packages that its containers come from, in their order.
  package var packages: [String]
  /// Of the first container that names one.
  package var inferenceSpecification: String?
  package var role: String?
}

extension SageMakerModel: Decodable {
  private enum Key: String, CodingKey { case ModelName, ModelArn, PrimaryContainer, Containers, ExecutionRoleArn }

  private struct Container: Decodable {
    var ModelPackageName: String?
    var InferenceSpecificationName: String?
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let primary = try container.decodeIfPresent(Container.self, forKey: .PrimaryContainer)
    let containers: [Container] = [primary].compactMap { $0 } + (try container.list(.Containers))
    self.init(
      name: try container.decode(String.self, forKey: .ModelName), arn: try container.text(.ModelArn),
      packages: containers.compactMap(\.ModelPackageName),
      inferenceSpecification: containers.lazy.compactMap(\.InferenceSpecificationName).first,
      role: try container.decodeIfPresent(String.self, forKey: .ExecutionRoleArn))
  }
}

extension JSONValue {
  var asText: String? { if case .string(let text) = self { text } else { nil } }
}

package import RolloutCore

/// Endpoints of SageMaker, and the configurations and models behind them.
package struct SageMakerService: Sendable {
  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// `nil` when there is no such endpoint.
  package func endpoint(_ name: String) async throws(AWSError) -> EndpointDescription? {
    try await ifThere { () throws(AWSError) in
      try await ask("DescribeEndpoint", ["EndpointName": .string(name)])
    }
  }

  /// `nil` when there is no such configuration. Two requests: what it says, and its tags.
  package func configuration(_ name: String) async throws(AWSError) -> EndpointConfiguration? {
    let found: EndpointConfiguration? = try await ifThere { () throws(AWSError) in
      try await ask("DescribeEndpointConfig", ["EndpointConfigName": .string(name)])
    }
    guard var found else { return nil }
    found.tags = try await tags(of: found.arn)
    return found
  }

  /// The same configuration under another name, without the tags that only AWS may set. `false` when the name is taken,
  /// by this very request too if an answer was lost: look at what is there.
  package func create(
    _ configuration: EndpointConfiguration, named name: String, tags: [String: String]
  ) async throws(AWSError) -> Bool {
    var input = configuration.content
    input["EndpointConfigName"] = .string(name)
    let own = tags.filter { !$0.key.hasPrefix("aws:") }
    if !own.isEmpty {
      input["Tags"] = .array(
        own.sorted { $0.key < $1.key }.map { .object(["Key": .string($0.key), "Value": .string($0.value)]) })
    }
    do {
      let _: NoContent = try await ask("CreateEndpointConfig", input, isRepeatable: false)
      return true
    } catch {
      if error.failure.refusal?.message.contains("already existing endpoint configuration") == true { return false }
      throw error
    }
  }

  /// One that is not there is as good as deleted.
  package func deleteConfiguration(_ name: String) async throws(AWSError) {
    let _: NoContent? = try await ifThere { () throws(AWSError) in
      try await ask("DeleteEndpointConfig", ["EndpointConfigName": .string(name)])
    }
  }

  /// Never sent again by itself: after a lost answer, look at the endpoint first.
  ///
  /// `retainsVariants` keeps the live counts and weights. `deployment` is a `DeploymentConfig` as the API has it;
  /// `retainsDeployment` uses the last one again.
  package func updateEndpoint(
    _ name: String, to configuration: String, retainsVariants: Bool = true, deployment: JSONValue? = nil,
    retainsDeployment: Bool = false
  ) async throws(AWSError) {
    var input: [String: JSONValue] = [
      "EndpointName": .string(name), "EndpointConfigName": .string(configuration),
      "RetainAllVariantProperties": .bool(retainsVariants),
    ]
    if let deployment { input["DeploymentConfig"] = deployment }
    if retainsDeployment { input["RetainDeploymentConfig"] = .bool(true) }
    let _: NoContent = try await ask("UpdateEndpoint", input, isRepeatable: false)
  }

  /// `nil` when there is no such model.
  package func model(_ name: String) async throws(AWSError) -> SageMakerModel? {
    try await ifThere { () throws(AWSError) in try await ask("DescribeModel", ["ModelName": .string(name)]) }
  }

  /// One that is not there is as good as deleted.
  package func deleteModel(_ name: String) async throws(AWSError) {
    let _: NoContent? = try await ifThere { () throws(AWSError) in
      try await ask("DeleteModel", ["ModelName": .string(name)])
    }
  }

  private func tags(of arn: String) async throws(AWSError) -> [String: String] {
    let tags = try await client.pages(of: "sagemaker:ListTags") { token throws(AWSError) in
      var input: [String: JSONValue] = ["ResourceArn": .string(arn)]
      if let token { input["NextToken"] = .string(token) }
      let page: TagPage = try await ask("ListTags", input)
      return (page.Tags ?? [], page.NextToken)
    }
    return Dictionary(tags.map { ($0.Key, $0.Value ?? "") }) { first, _ in first }
  }

  private func ask<Output: Decodable>(
    _ operation: String, _ input: [String: JSONValue], isRepeatable: Bool = true
  ) async throws(AWSError) -> Output {
    try await client.json(.sageMaker, "SageMaker", operation, input, isRepeatable: isRepeatable)
  }

  private func ifThere<Output>(_ ask: () async throws(AWSError) -> Output) async throws(AWSError) -> Output? {
    do { return try await ask() } catch {
      if error.saysAbsent { return nil }
      throw error
    }
  }

  private struct TagPage: Decodable {
    struct Tag: Decodable {
      var Key: String
      var Value: String?
    }
    var Tags: [Tag]?
    var NextToken: String?
  }
}

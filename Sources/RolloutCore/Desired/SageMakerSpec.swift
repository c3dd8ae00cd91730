/// Where and how an endpoint is deployed on SageMaker: one CloudFormation stack for each environment.
package struct SageMakerSpec: Hashable, Codable, Sendable {
  /// `eu-central-1`.
  package var region: String
  /// ARN of the execution role that SageMaker assumes for the model.
  package var role: String
  /// The name of the CloudFormation stack.
  package var stack: String
  package var template: StackTemplate
  /// Values of the template's parameters, beside those that `rollout` fills in itself.
  package var parameters: [String: String]
  /// `ml.m5.xlarge`.
  package var instanceType: String
  package var guardrails: Guardrails

  package init(
    region: String, role: String, stack: String, template: StackTemplate, parameters: [String: String] = [:],
    instanceType: String, guardrails: Guardrails
  ) {
    self.region = region
    self.role = role
    self.stack = stack
    self.template = template
    self.parameters = parameters
    self.instanceType = instanceType
    self.guardrails = guardrails
  }
}

/// A CloudFormation template as it was read: what it says is part of a revision, where the file lies is not.
package struct StackTemplate: Hashable, Codable, Sendable {
  /// The file's own name, for people.
  package var name: String
  package var text: String
  /// Names of the parameters that it declares, in its order.
  package var parameters: [String]

  package init(name: String, text: String, parameters: [String]) {
    self.name = name
    self.text = text
    self.parameters = parameters
  }
}

/// SageMaker's deployment guardrails: how it shifts traffic by itself, and how long it waits before it ends the old
/// fleet. Source: SageMaker API, DeploymentConfig.
package struct Guardrails: Hashable, Codable, Sendable {
  package enum Routing: Hashable, Codable, Sendable {
    case allAtOnce
    /// One share, watched for `wait`, then everything. At most 50 % of the instances.
    case canary(Percent, wait: TimeSpan)
    /// Equal steps of 10 to 50 %, each watched for `wait`.
    case linear(Percent, wait: TimeSpan)
    /// Instances are replaced in batches of 5 to 50 %; no second fleet.
    case rolling(Percent, wait: TimeSpan)
  }

  package var routing: Routing
  /// With all traffic on the new fleet and the old one still there. Nothing, when rolling.
  package var bakeAfter: TimeSpan
  /// The whole deployment, after which SageMaker goes back. 10 min to 8 h.
  package var timeout: TimeSpan

  package init(routing: Routing, bakeAfter: TimeSpan = .zero, timeout: TimeSpan) {
    self.routing = routing
    self.bakeAfter = bakeAfter
    self.timeout = timeout
  }
}

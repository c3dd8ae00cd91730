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

extension SageMakerSpec {
  /// What a change of a stack takes beside the deployment itself: change set, models, alarms, the end of old resources.
  package static let overhead = TimeSpan.minutes(30)
}

/// A CloudFormation template as it was read: what it says is part of a revision, where the file lies is not.
package struct StackTemplate: Hashable, Codable, Sendable {
  /// The file's own name, for people.
  package var name: String
  package var text: String
  /// Names of the parameters that it declares, in its order.
  package var parameters: [String]

  /// Of a template that is sent with a request. Source: CloudFormation quotas.
  package static let requestBytesMax = 51_200

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

extension Guardrails {
  /// What SageMaker allows for a whole deployment.
  package static let timeouts = TimeSpan.minutes(10)...TimeSpan.hours(8)
  /// The longest that SageMaker watches one step, or the whole new fleet before it ends the old one.
  package static let waitMax = TimeSpan.hours(1)

  /// All that SageMaker waits by itself, together.
  package var waits: TimeSpan {
    let steps: TimeSpan
    switch routing {
    case .allAtOnce: steps = .zero
    case .canary(_, let wait): steps = wait
    case .linear(let size, let wait), .rolling(let size, let wait): steps = wait * Self.steps(of: size)
    }
    return steps + bakeAfter
  }

  /// How many steps of a size reach everything.
  private static func steps(of size: Percent) -> Int {
    precondition(size > .none, "a step of nothing never arrives")
    return (Percent.all.basisPoints + size.basisPoints - 1) / size.basisPoints
  }
}

extension Guardrails: CustomStringConvertible {
  /// `canary 10% for 10m, then 100% for 10m, at most 50m`.
  package var description: String {
    let way =
      switch routing {
      case .allAtOnce: "all at once"
      case .canary(let share, let wait): "canary \(share) for \(wait)"
      case .linear(let step, let wait): "linear steps of \(step), \(wait) each"
      case .rolling(let batch, let wait): "rolling batches of \(batch), \(wait) each"
      }
    let after = bakeAfter > .zero ? ", then 100% for \(bakeAfter)" : ""
    return "\(way)\(after), at most \(timeout)"
  }
}

extension TargetSpec {
  /// How long after the end of a period its datapoint can be judged: CloudWatch publishes endpoint metrics late, the
  /// local runtime counts for itself.
  package var publicationDelay: TimeSpan {
    switch self {
    case .local: .zero
    case .sageMaker: SageMakerSpec.publicationDelay
    }
  }
}

extension SageMakerSpec {
  package static let publicationDelay = TimeSpan.minutes(2)
}

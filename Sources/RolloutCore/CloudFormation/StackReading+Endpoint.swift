extension StackReading {
  /// `AWS::SageMaker::Endpoint`.
  package struct Endpoint: Hashable, Sendable {
    package var resource: Resource
    /// The logical ids that it explicitly waits for.
    package var dependencies: [String] = []
    /// Symbolic when CloudFormation makes the name up.
    package var name: Stated<String>
    package var configuration: Stated<String>?
    /// `nil`: none, and SageMaker moves all traffic at once without watching.
    package var deployment: Deployment?
    /// Not when only AWS knows whether there is a deployment configuration.
    package var isDeploymentKnown: Bool
    package var retainsProperties: Stated<Bool>?
    /// `DesiredInstanceCount`, `DesiredWeight`, `DataCaptureConfig`.
    package var excluded: [Stated<String>]
    package var retainsDeploymentConfig: Stated<Bool>?

    package init(
      resource: Resource, name: Stated<String>, configuration: Stated<String>?, deployment: Deployment?,
      isDeploymentKnown: Bool, retainsProperties: Stated<Bool>?, excluded: [Stated<String>],
      retainsDeploymentConfig: Stated<Bool>?
    ) {
      self.resource = resource
      self.name = name
      self.configuration = configuration
      self.deployment = deployment
      self.isDeploymentKnown = isDeploymentKnown
      self.retainsProperties = retainsProperties
      self.excluded = excluded
      self.retainsDeploymentConfig = retainsDeploymentConfig
    }
  }

  /// `DeploymentConfig`.
  package struct Deployment: Hashable, Sendable {
    package var path: [LintPlace.Step]
    package var blueGreen: BlueGreen?
    package var rolling: Rolling?
    /// The names in `AutoRollbackConfiguration`.
    package var rollbackAlarms: [Stated<String>]

    package init(
      path: [LintPlace.Step], blueGreen: BlueGreen?, rolling: Rolling?, rollbackAlarms: [Stated<String>]
    ) {
      self.path = path
      self.blueGreen = blueGreen
      self.rolling = rolling
      self.rollbackAlarms = rollbackAlarms
    }
  }

  /// A second fleet beside the old one. Times in seconds.
  package struct BlueGreen: Hashable, Sendable {
    package var path: [LintPlace.Step]
    /// Of `TrafficRoutingConfiguration`.
    package var routingPath: [LintPlace.Step]
    /// `ALL_AT_ONCE`, `CANARY`, `LINEAR`.
    package var type: Stated<String>?
    package var wait: Stated<Int>?
    package var canary: Capacity?
    package var step: Capacity?
    package var terminationWait: Stated<Int>?
    package var timeout: Stated<Int>?

    package init(
      path: [LintPlace.Step], routingPath: [LintPlace.Step], type: Stated<String>?, wait: Stated<Int>?,
      canary: Capacity?, step: Capacity?, terminationWait: Stated<Int>?, timeout: Stated<Int>?
    ) {
      self.path = path
      self.routingPath = routingPath
      self.type = type
      self.wait = wait
      self.canary = canary
      self.step = step
      self.terminationWait = terminationWait
      self.timeout = timeout
    }
  }

  /// Batches without a second fleet. Times in seconds.
  package struct Rolling: Hashable, Sendable {
    package var path: [LintPlace.Step]
    package var batch: Capacity?
    package var rollbackBatch: Capacity?
    package var wait: Stated<Int>?
    package var timeout: Stated<Int>?

    package init(
      path: [LintPlace.Step], batch: Capacity?, rollbackBatch: Capacity?, wait: Stated<Int>?, timeout: Stated<Int>?
    ) {
      self.path = path
      self.batch = batch
      self.rollbackBatch = rollbackBatch
      self.wait = wait
      self.timeout = timeout
    }
  }

  /// A number of instances, or a share of them in percent.
  package struct Capacity: Hashable, Sendable {
    package var path: [LintPlace.Step]
    /// `INSTANCE_COUNT`, `CAPACITY_PERCENT`.
    package var type: Stated<String>?
    package var value: Stated<Int>?

    package init(path: [LintPlace.Step], type: Stated<String>?, value: Stated<Int>?) {
      self.path = path
      self.type = type
      self.value = value
    }

    package var isPercent: Bool { type?.value == "CAPACITY_PERCENT" }

    /// `10 %`, `1 instance`.
    package var text: String {
      let amount = value?.text ?? "?"
      return isPercent ? "\(amount) %" : "\(amount) instance\(amount == "1" ? "" : "s")"
    }

    /// The share of a fleet of so many instances; `nil` when it is not known.
    package func share(of instances: Int?) -> Percent? {
      guard let amount = value?.value else { return nil }
      if isPercent { return Percent(Double(amount)) }
      guard let instances, instances > 0 else { return nil }
      return Percent(Double(amount) / Double(instances) * 100)
    }
  }
}

extension StackReading {
  /// How traffic moves, as far as the template says so in values that mean something.
  package var guardrails: Guardrails? {
    guard let deployment = endpoint?.deployment else { return nil }
    let instances = variants.first?.initialCount?.value
    if let rolling = deployment.rolling, deployment.blueGreen == nil {
      guard let batch = rolling.batch?.share(of: instances), let wait = rolling.wait?.value else { return nil }
      return Guardrails(routing: .rolling(batch, wait: span(wait)), timeout: span(rolling.timeout?.value ?? 0))
    }
    guard let policy = deployment.blueGreen, deployment.rolling == nil else { return nil }
    let wait = span(policy.wait?.value ?? 0)
    let routing: Guardrails.Routing
    switch policy.type?.value {
    case "ALL_AT_ONCE": routing = .allAtOnce
    case "CANARY":
      guard let share = policy.canary?.share(of: instances) else { return nil }
      routing = .canary(share, wait: wait)
    case "LINEAR":
      guard let share = policy.step?.share(of: instances) else { return nil }
      routing = .linear(share, wait: wait)
    default: return nil
    }
    return Guardrails(
      routing: routing, bakeAfter: span(policy.terminationWait?.value ?? 0), timeout: span(policy.timeout?.value ?? 0))
  }

  private func span(_ seconds: Int) -> TimeSpan { .seconds(Int64(clamping: min(max(seconds, -1_000_000), 1_000_000))) }
}

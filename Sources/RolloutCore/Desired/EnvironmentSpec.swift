/// What one file under `Environments/` says should be true in one environment.
package struct EnvironmentSpec: Hashable, Codable, Sendable {
  package var name: String
  package var target: TargetSpec
  package var endpoint: EndpointSpec
  package var model: ModelSpec
  package var smoke: [SmokeSuite]
  /// `nil`: no person is asked.
  package var approval: ApprovalPolicy?
  package var strategy: Strategy
  package var alarms: [AlarmRule]
  package var autoscaling: ScalingPolicy?

  package init(
    name: String, target: TargetSpec, endpoint: EndpointSpec, model: ModelSpec, smoke: [SmokeSuite] = [],
    approval: ApprovalPolicy? = nil, strategy: Strategy = Strategy(), alarms: [AlarmRule] = [],
    autoscaling: ScalingPolicy? = nil
  ) {
    self.name = name
    self.target = target
    self.endpoint = endpoint
    self.model = model
    self.smoke = smoke
    self.approval = approval
    self.strategy = strategy
    self.alarms = alarms
    self.autoscaling = autoscaling
  }
}

package enum TargetSpec: Hashable, Codable, Sendable {
  case local(EndpointTemplate)
  case sageMaker(SageMakerSpec)
}

/// `instances` is the number an endpoint starts with; autoscaling moves it afterwards.
package struct EndpointSpec: Hashable, Codable, Sendable {
  package var name: String
  package var instances: Int

  package init(name: String, instances: Int = 1) {
    self.name = name
    self.instances = instances
  }
}

/// How the local runtime runs an endpoint (`Templates/*.yaml`). The defaults are those of the SageMaker container
/// contract: 6 MiB bodies, 60 s to answer, `/ping` within 2 s, 4 min to become healthy, SIGKILL 30 s after SIGTERM.
package struct EndpointTemplate: Hashable, Codable, Sendable {
  package var bodyBytesMax: Int
  package var requestTimeout: TimeSpan
  package var healthInterval: TimeSpan
  package var healthTimeout: TimeSpan
  package var startupTimeout: TimeSpan
  /// How long a stopping instance may finish what it has accepted before it is killed.
  package var drain: TimeSpan
  /// A request that the canary failed is answered by stable.
  package var shield: Bool
  /// How long the canary keeps its share of traffic after the driver was last heard of.
  package var lease: TimeSpan

  package init(
    bodyBytesMax: Int = 6_291_456, requestTimeout: TimeSpan = .seconds(60), healthInterval: TimeSpan = .seconds(5),
    healthTimeout: TimeSpan = .seconds(2), startupTimeout: TimeSpan = .minutes(4), drain: TimeSpan = .seconds(30),
    shield: Bool = true, lease: TimeSpan = .seconds(30)
  ) {
    self.bodyBytesMax = bodyBytesMax
    self.requestTimeout = requestTimeout
    self.healthInterval = healthInterval
    self.healthTimeout = healthTimeout
    self.startupTimeout = startupTimeout
    self.drain = drain
    self.shield = shield
    self.lease = lease
  }
}

/// Which model package an environment wants and what it must have reached.
package struct ModelSpec: Hashable, Codable, Sendable {
  package enum Selection: Hashable, Codable, Sendable {
    case latestApproved
    case version(Int)
  }

  package var selection: Selection
  /// Metric name → bound, sorted by name. `sizeMB` is the size of the variant that would be deployed, in 10⁶ bytes.
  package var requirements: [Requirement]
  package var variants: VariantRule?

  package init(selection: Selection, requirements: [Requirement] = [], variants: VariantRule? = nil) {
    self.selection = selection
    self.requirements = requirements
    self.variants = variants
  }
}

package struct Requirement: Hashable, Codable, Sendable {
  package var metric: String
  package var comparison: Comparison

  package init(metric: String, comparison: Comparison) {
    self.metric = metric
    self.comparison = comparison
  }
}

/// The preferred build goes out only if its accuracy is close enough to the full model's.
package struct VariantRule: Hashable, Codable, Sendable {
  package var prefer: String
  /// Largest relative drop of `accuracy` against the full model: 5 % lets 0.57 stand in for 0.60.
  package var accuracyDropMax: Percent

  package init(prefer: String, accuracyDropMax: Percent) {
    self.prefer = prefer
    self.accuracyDropMax = accuracyDropMax
  }
}

package struct ApprovalPolicy: Hashable, Codable, Sendable {
  /// Who may approve; empty means anybody.
  package var approvers: [String]
  package var minimum: Int
  package var selfApproval: Bool
  package var expires: TimeSpan
  /// Whose keys must sign approvals; `nil`: a name is enough.
  package var signers: SignersFile?

  package init(
    approvers: [String] = [], minimum: Int = 1, selfApproval: Bool = false, expires: TimeSpan = .hours(72),
    signers: SignersFile? = nil
  ) {
    self.approvers = approvers
    self.minimum = minimum
    self.selfApproval = selfApproval
    self.expires = expires
    self.signers = signers
  }
}

/// An OpenSSH `allowed_signers` file: lines of principals, options and public keys.
package struct SignersFile: Hashable, Codable, Sendable {
  package var path: String
  package var text: String

  package init(path: String, text: String) {
    self.path = path
    self.text = text
  }

  /// Whether a line names this person, by name or by a pattern.
  package func hasKey(of name: String) -> Bool {
    text.split(whereSeparator: \.isNewline).contains { line in
      guard let principals = line.split(whereSeparator: \.isWhitespace).first, !principals.hasPrefix("#") else {
        return false
      }
      return principals.filter { $0 != "\"" }.split(separator: ",").contains { pattern in
        pattern == name || pattern.contains { "*?".contains($0) }
      }
    }
  }
}

/// How traffic moves to a new revision. No steps: all at once, after the smoke tests.
package struct Strategy: Hashable, Codable, Sendable {
  package struct Step: Hashable, Codable, Sendable {
    package var weight: Percent
    package var bake: TimeSpan

    package init(weight: Percent, bake: TimeSpan) {
      self.weight = weight
      self.bake = bake
    }
  }

  package var steps: [Step]
  /// At 100 %, with the old revision kept warm and the alarms watching.
  package var bakeAfter: TimeSpan
  /// How long the old revision stays warm after the rollout is done, so that a rollback needs no start-up.
  package var keepWarm: TimeSpan

  package init(steps: [Step] = [], bakeAfter: TimeSpan = .zero, keepWarm: TimeSpan = .hours(1)) {
    self.steps = steps
    self.bakeAfter = bakeAfter
    self.keepWarm = keepWarm
  }
}

extension TargetSpec {
  /// How the local runtime would run it; the defaults, where something else does.
  package var template: EndpointTemplate {
    switch self {
    case .local(let template): template
    case .sageMaker: EndpointTemplate()
    }
  }

  package var sageMaker: SageMakerSpec? {
    switch self {
    case .local: nil
    case .sageMaker(let spec): spec
    }
  }
}

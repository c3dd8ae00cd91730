/// What the rules look at: an environment as far as it could be read, so that one wrong value does not hide another.
package struct LintSubject: Sendable {
  package var endpoint: EndpointSpec?
  package var template: EndpointTemplate?
  package var approval: ApprovalPolicy?
  package var strategy: Strategy?
  package var alarms: [AlarmRule]
  package var scaling: ScalingPolicy?

  package init(
    endpoint: EndpointSpec?, template: EndpointTemplate?, approval: ApprovalPolicy?, strategy: Strategy?,
    alarms: [AlarmRule], scaling: ScalingPolicy?
  ) {
    self.endpoint = endpoint
    self.template = template
    self.approval = approval
    self.strategy = strategy
    self.alarms = alarms
    self.scaling = scaling
  }

  package init(_ environment: EnvironmentSpec) {
    let template: EndpointTemplate?
    switch environment.target {
    case .local(let local): template = local
    case .sageMaker: template = nil
    }
    self.init(
      endpoint: environment.endpoint, template: template, approval: environment.approval,
      strategy: environment.strategy, alarms: environment.alarms, scaling: environment.autoscaling)
  }
}

/// One rule over an environment, named for what must be true.
protocol LintRule: SendableMetatype {
  static func findings(in subject: LintSubject) -> [LintFinding]
}

/// All rules.
package enum Lint {
  private static let rules: [any LintRule.Type] = [
    WeightsRise.self, WeightsAreShares.self, BakesAreNotNegative.self, AlarmNamesAreUnique.self,
    DatapointsArePossible.self, PeriodsArePositive.self, StatisticsFitTheirMetrics.self, ThresholdsCanBeCrossed.self,
    AlarmsFitTheirBakes.self, CanaryTrafficCanTripAlarms.self, ScalingBoundsHold.self, CooldownsAreNotNegative.self,
    ApproversSuffice.self, ApproversHaveKeys.self, LeaseIsBounded.self, DurationsArePositive.self,
  ]

  package static func findings(in subject: LintSubject) -> [LintFinding] {
    rules.flatMap { $0.findings(in: subject) }
  }
}

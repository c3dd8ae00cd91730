/// What the rules look at: an environment as far as it could be read, so that one wrong value does not hide another.
package struct LintSubject: Sendable {
  package var target: LintTarget?
  package var endpoint: EndpointSpec?
  package var model: ModelSpec?
  package var approval: ApprovalPolicy?
  package var words: StrategyWords?
  package var alarms: [AlarmRule]
  package var scaling: ScalingPolicy?

  package init(
    target: LintTarget?, endpoint: EndpointSpec?, model: ModelSpec?, approval: ApprovalPolicy?, words: StrategyWords?,
    alarms: [AlarmRule], scaling: ScalingPolicy?
  ) {
    self.target = target
    self.endpoint = endpoint
    self.model = model
    self.approval = approval
    self.words = words
    self.alarms = alarms
    self.scaling = scaling
  }

  var strategy: Strategy? { words?.strategy }

  /// How the local runtime runs the endpoint.
  var template: EndpointTemplate? {
    if case .local(let template) = target { template } else { nil }
  }

  var sageMaker: SageMakerWords? {
    if case .sageMaker(let words) = target { words } else { nil }
  }
}

/// What carries the environment out.
package enum LintTarget: Hashable, Sendable {
  case local(EndpointTemplate?)
  case sageMaker(SageMakerWords)
}

/// What an environment's file says of SageMaker, as far as rules look at it.
package struct SageMakerWords: Hashable, Sendable {
  package var template: StackTemplate?
  /// `nil`: left out.
  package var timeout: TimeSpan?
  /// Whether what the endpoint runs on is named.
  package var instanceType: String?

  package init(template: StackTemplate?, timeout: TimeSpan?, instanceType: String?) {
    self.template = template
    self.timeout = timeout
    self.instanceType = instanceType
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
    StrategiesFitTheirTargets.self, SharesFitGuardrails.self, WaitsFitGuardrails.self, TimeoutsFitGuardrails.self,
    WarmthIsKept.self, SharesAreInstances.self, EndpointNamesLeaveRoom.self, TemplatesTakeTheDeployment.self,
    TemplatesTakeWhatIsSaid.self, TemplatesHaveTheAlarms.self, RollbackAlarmsAreFew.self, PeriodsFitCloudWatch.self,
    WindowsFitCloudWatch.self, ScalingPeriodsAreMinutes.self,
  ]

  package static func findings(in subject: LintSubject) -> [LintFinding] {
    rules.flatMap { $0.findings(in: subject) }
  }
}

/// One rule over what a template says, named for what must be true.
protocol TemplateRule: SendableMetatype {
  static func findings(in stack: StackReading) -> [TemplateFinding]
}

/// All rules about templates. What only AWS knows breaks none of them.
package enum TemplateLint {
  private static let rules: [any TemplateRule.Type] = [
    TemplateIsSmall.self, PolicyIsOne.self, SharesAreAllowed.self, FleetHasShares.self, CountsAreShares.self,
    WaitsAreAllowed.self,
    TimeSuffices.self, GuardrailsApply.self, SomethingRollsBack.self, RollbackAlarmsAreMade.self,
    DeploymentsCanBeAborted.self, WaysBackAreNotWatched.self, InstanceCountsAreKept.self, OldVersionsAreRetained.self,
    InstanceTypesExist.self,
    VariantsAnswer.self, ContainersHaveOneSource.self, NamesDoNotCollide.self, EndpointNameIsAllowed.self,
    MetricsArePublished.self, DimensionsArePublished.self, AlarmsWatchThisEndpoint.self, ThresholdsCountCores.self,
    LatencyIsInMicroseconds.self, PeriodsAreAllowed.self, AlarmsFitTheirWaits.self, AlarmsAreConsistent.self,
    CapacityIsBounded.self, ScalingIsOfThisEndpoint.self, ScalingNamesAVariant.self,
    StackCooldownsAreNotNegative.self, ValuesAreOfTheirKind.self,
  ]

  /// `live` is what the stack's template says now, for what may not change.
  package static func findings(in stack: StackReading, live: StackReading? = nil) -> [TemplateFinding] {
    rules.flatMap { $0.findings(in: stack) } + (live.map { renamed(in: stack, live: $0) } ?? [])
  }
}

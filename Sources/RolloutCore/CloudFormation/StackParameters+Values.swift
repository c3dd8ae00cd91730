extension SageMakerSpec {
  /// Values of the parameters that the template declares, as far as the files decide them. The model, the name of the
  /// configuration and whether the endpoint is new are up to each deployment.
  package func parameterValues(
    endpoint: EndpointSpec, alarms: [AlarmRule], scaling: ScalingPolicy?
  ) -> [String: String] {
    var values = parameters
    values["EndpointName"] = endpoint.name
    values["ExecutionRoleArn"] = role
    values["InstanceType"] = instanceType
    // Of a type that is not known, the template's own default stands.
    values["VCPUs"] = InstanceTypes.vCPUs(of: instanceType).map { "\($0)" }
    values["InitialInstanceCount"] = "\(endpoint.instances)"
    values.merge(guardrails.parameterValues) { $1 }
    // As many as at the start, and never another number: that is an endpoint without scaling.
    values["MinCapacity"] = "\(scaling?.minimum ?? endpoint.instances)"
    values["MaxCapacity"] = "\(scaling?.maximum ?? endpoint.instances)"
    if let scaling {
      values["InvocationsPerInstance"] = shortNumber(scaling.invocationsPerInstance)
      values["ScaleOutCooldown"] = scaling.scaleOutCooldown.wholeSeconds
      values["ScaleInCooldown"] = scaling.scaleInCooldown.wholeSeconds
    }
    for alarm in alarms { values.merge(alarm.parameterValues) { $1 } }
    let declared = Set(template.parameters)
    return values.filter { declared.contains($0.key) }
  }
}

extension Guardrails {
  fileprivate var parameterValues: [String: String] {
    let (word, share, wait): (String, Percent?, TimeSpan) =
      switch routing {
      case .allAtOnce: ("ALL_AT_ONCE", nil, .zero)
      case .canary(let share, let wait): ("CANARY", share, wait)
      case .linear(let step, let wait): ("LINEAR", step, wait)
      case .rolling(let batch, let wait): ("ROLLING", batch, wait)
      }
    return [
      "Routing": word,
      // A template may hold it against SageMaker's bounds, also where nothing uses it.
      "TrafficPercent": share.map { shortNumber($0.value) } ?? "10",
      "WaitSeconds": wait.wholeSeconds, "TerminationWaitSeconds": bakeAfter.wholeSeconds,
      "TimeoutSeconds": timeout.wholeSeconds,
    ]
  }
}

extension AlarmRule {
  fileprivate var parameterValues: [String: String] {
    let names = StackParameters.Alarm(name)
    return [
      names.threshold: shortNumber(threshold.bound), names.period: period.wholeSeconds,
      names.datapoints: "\(datapointsToAlarm)", names.periods: "\(evaluationPeriods)",
    ]
  }
}

extension TimeSpan {
  fileprivate var wholeSeconds: String { "\(milliseconds / 1_000)" }
}

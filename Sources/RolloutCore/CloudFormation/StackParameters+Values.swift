extension StackParameters {
  /// Values for a deployment's change set. What the files give goes before what is filled in; a declared parameter that
  /// neither names keeps its default.
  ///
  /// `endpointExists`: properties that keep the live endpoint's instance counts may stand only in updates.
  package static func values(for deployment: GuardedDeployment, endpointExists: Bool) -> [String: String] {
    guard let spec = deployment.revision.content.sageMaker else { return [:] }
    var values = filled(deployment.revision.content, spec)
    values["EndpointConfigName"] = deployment.configuration
    values["FirstDeployment"] = endpointExists ? "false" : "true"
    values["Guarded"] = deployment.isGuarded ? "true" : "false"
    if !deployment.isGuarded { values.merge(routing(.allAtOnce)) { $1 } }
    values.merge(spec.parameters) { _, given in given }
    return values.filter { spec.template.parameters.contains($0.key) }
  }

  private static func filled(_ content: Revision.Content, _ spec: SageMakerSpec) -> [String: String] {
    var values = [
      "EndpointName": content.endpoint.name, "ModelPackageArn": content.model.arn ?? "",
      "InferenceSpecificationName": content.model.variant == ModelPackage.fullVariant ? "" : content.model.variant,
      "ExecutionRoleArn": spec.role, "InstanceType": spec.instanceType,
      "InitialInstanceCount": "\(content.endpoint.instances)",
      "TerminationWaitSeconds": wholeSeconds(spec.guardrails.bakeAfter),
      "TimeoutSeconds": wholeSeconds(spec.guardrails.timeout),
    ]
    values.merge(routing(spec.guardrails.routing)) { $1 }
    if let scaling = content.autoscaling { values.merge(Self.scaling(scaling)) { $1 } }
    for alarm in content.alarms { values.merge(Self.alarm(alarm)) { $1 } }
    return values
  }

  private static func routing(_ routing: Guardrails.Routing) -> [String: String] {
    let (type, share, wait): (String, Percent?, TimeSpan) =
      switch routing {
      case .allAtOnce: ("ALL_AT_ONCE", nil, .zero)
      case .canary(let share, let wait): ("CANARY", share, wait)
      case .linear(let step, let wait): ("LINEAR", step, wait)
      case .rolling(let batch, let wait): ("ROLLING", batch, wait)
      }
    // A template's bounds hold for a share that is not used as well.
    return [
      "Routing": type, "TrafficPercent": share.map { shortNumber($0.value) } ?? "10", "WaitSeconds": wholeSeconds(wait),
    ]
  }

  private static func scaling(_ policy: ScalingPolicy) -> [String: String] {
    [
      "MinCapacity": "\(policy.minimum)", "MaxCapacity": "\(policy.maximum)",
      "InvocationsPerInstance": shortNumber(policy.invocationsPerInstance),
      "ScaleOutCooldown": wholeSeconds(policy.scaleOutCooldown),
      "ScaleInCooldown": wholeSeconds(policy.scaleInCooldown),
    ]
  }

  private static func alarm(_ rule: AlarmRule) -> [String: String] {
    let names = StackParameters.Alarm(rule.name)
    return [
      names.threshold: shortNumber(rule.threshold.bound), names.period: wholeSeconds(rule.period),
      names.datapoints: "\(rule.datapointsToAlarm)", names.periods: "\(rule.evaluationPeriods)",
    ]
  }

  private static func wholeSeconds(_ span: TimeSpan) -> String { "\(span.milliseconds / 1_000)" }
}

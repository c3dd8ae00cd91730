extension StackParameters {
  /// Values for a deployment's change set: what the files decide, and what this deployment does. A declared parameter that
  /// neither names keeps its default.
  ///
  /// `endpointExists`: properties that keep the live endpoint's instance counts may stand only in updates.
  package static func values(for deployment: GuardedDeployment, endpointExists: Bool) -> [String: String] {
    let content = deployment.revision.content
    guard let spec = content.sageMaker else { return [:] }
    var own = [
      "EndpointConfigName": deployment.configuration, "ModelPackageArn": content.model.arn ?? "",
      "InferenceSpecificationName": content.model.variant == ModelPackage.fullVariant ? "" : content.model.variant,
      "FirstDeployment": endpointExists ? "false" : "true", "Guarded": deployment.isGuarded ? "true" : "false",
    ]
    if !deployment.isGuarded { own.merge(wayBack(spec.guardrails.routing)) { $1 } }
    own = own.filter { spec.template.parameters.contains($0.key) }
    return spec.parameterValues(endpoint: content.endpoint, alarms: content.alarms, scaling: content.autoscaling)
      .merging(own) { $1 }
  }

  /// As fast as there is room for: whoever replaces instances in batches may have no room for a second fleet.
  private static func wayBack(_ routing: Guardrails.Routing) -> [String: String] {
    let at = ["WaitSeconds": "0", "TerminationWaitSeconds": "0"]
    if case .rolling = routing { return at.merging(["Routing": "ROLLING", "TrafficPercent": "50"]) { $1 } }
    return at.merging(["Routing": "ALL_AT_ONCE"]) { $1 }
  }
}

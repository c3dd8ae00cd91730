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
    if !deployment.isGuarded { own.merge(["Routing": "ALL_AT_ONCE", "TerminationWaitSeconds": "0"]) { $1 } }
    own = own.filter { spec.template.parameters.contains($0.key) }
    return spec.parameterValues(endpoint: content.endpoint, alarms: content.alarms, scaling: content.autoscaling)
      .merging(own) { $1 }
  }
}

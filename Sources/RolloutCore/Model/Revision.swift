/// Everything that is live in an environment at one time. Immutable; the unit of rollback. `digest` names it.
package struct Revision: Hashable, Codable, Sendable {
  /// SHA-256 of the canonical JSON of `content`.
  package var digest: Digest
  package var content: Content

  package init(digest: Digest, content: Content) {
    self.digest = digest
    self.content = content
  }

  package struct Content: Hashable, Codable, Sendable {
    package var model: DeployedModel
    package var serve: ServeSpec
    package var endpoint: EndpointSpec
    package var template: EndpointTemplate
    package var alarms: [AlarmRule]
    package var autoscaling: ScalingPolicy?
    /// Where SageMaker serves it; `nil`: the local runtime does.
    package var sageMaker: SageMakerSpec?

    package init(
      model: DeployedModel, serve: ServeSpec, endpoint: EndpointSpec, template: EndpointTemplate, alarms: [AlarmRule],
      autoscaling: ScalingPolicy?, sageMaker: SageMakerSpec? = nil
    ) {
      self.model = model
      self.serve = serve
      self.endpoint = endpoint
      self.template = template
      self.alarms = alarms
      self.autoscaling = autoscaling
      self.sageMaker = sageMaker
    }
  }
}

/// A model package as deployed: which build of it, and where its files are on this machine.
package struct DeployedModel: Hashable, Codable, Sendable {
  package var group: String
  package var version: Int
  package var digest: Digest
  /// `full`, or the name of a variant of the package.
  package var variant: String
  package var metrics: [String: Double]
  package var sizeBytes: Int64
  /// The registry that holds the package; a target asks it for a verified directory before it starts a server.
  package var registryPath: String
  /// What SageMaker's registry calls the package; `nil` for packages of a local registry.
  package var arn: String?

  package init(
    group: String, version: Int, digest: Digest, variant: String, metrics: [String: Double], sizeBytes: Int64,
    registryPath: String, arn: String? = nil
  ) {
    self.group = group
    self.version = version
    self.digest = digest
    self.variant = variant
    self.metrics = metrics
    self.sizeBytes = sizeBytes
    self.registryPath = registryPath
    self.arn = arn
  }

  /// `eye-catcher version 7 (quantised)`.
  package var title: String { "\(group) version \(version)" + (variant == "full" ? "" : " (\(variant))") }
}

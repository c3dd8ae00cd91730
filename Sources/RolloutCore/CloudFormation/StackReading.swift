/// What a CloudFormation template says about an endpoint, with its parameters filled in and its conditions decided.
/// Resources that a condition leaves out are not in it.
package struct StackReading: Hashable, Sendable {
  /// In the order of the template.
  package var parameters: [Parameter] = []
  /// `nil`: there is none, or there are several, and that was reported.
  package var endpoint: Endpoint?
  package var models: [Model] = []
  package var configurations: [Configuration] = []
  package var alarms: [Alarm] = []
  package var scalableTargets: [ScalableTarget] = []
  package var scalingPolicies: [ScalingPolicy] = []
  /// Whether the endpoint is created now; `nil` when the template does not ask.
  package var isFirstDeployment: Bool?
  /// Not on a way back to an earlier version, which alarms must not end.
  package var isGuarded = true
  /// Whether alarms would watch a way back all the same.
  package var isWayBackWatched = false
  /// Of the template's text.
  package var bytes: Int

  package init(bytes: Int) { self.bytes = bytes }

  package struct Parameter: Hashable, Sendable {
    package var name: String
    /// `String`, `Number`, `CommaDelimitedList`, `AWS::SSM::Parameter::Value<String>`, …
    package var type: String
    package var standard: String?
    package var allowed: [String]
    /// `NoEcho`: never shown.
    package var isSecret: Bool

    package init(name: String, type: String, standard: String?, allowed: [String], isSecret: Bool) {
      self.name = name
      self.type = type
      self.standard = standard
      self.allowed = allowed
      self.isSecret = isSecret
    }
  }

  /// The name of a resource in the template, and where it stands there.
  package struct Resource: Hashable, Sendable {
    package var logicalID: String
    package var path: [LintPlace.Step]
    /// `Delete` when the template says nothing.
    package var deletionPolicy: String
    package var updateReplacePolicy: String

    package init(
      logicalID: String, path: [LintPlace.Step], deletionPolicy: String = "Delete",
      updateReplacePolicy: String = "Delete"
    ) {
      self.logicalID = logicalID
      self.path = path
      self.deletionPolicy = deletionPolicy
      self.updateReplacePolicy = updateReplacePolicy
    }

    package func place(_ keys: String...) -> LintPlace {
      LintPlace(.template, path + keys.map { .key($0) })
    }
  }
}

extension StackReading {
  /// The configuration that the endpoint is to run, when the template holds it.
  package var configuration: Configuration? {
    guard let stated = endpoint?.configuration else { return nil }
    return configurations.first { $0.resource.logicalID == stated.resource }
      ?? configurations.first { $0.name.map { $0.isSame(as: stated) == true } ?? false }
  }

  /// The production variants that serve.
  package var variants: [Variant] { configuration?.variants ?? [] }

  /// The model that a variant runs, when the template holds it.
  package func model(of variant: Variant) -> Model? {
    guard let stated = variant.model else { return nil }
    return models.first { $0.resource.logicalID == stated.resource }
      ?? models.first { $0.name.map { $0.isSame(as: stated) == true } ?? false }
  }

  /// The alarm of the template that a rollback alarm names.
  package func alarm(named stated: Stated<String>) -> Alarm? {
    alarms.first { $0.resource.logicalID == stated.resource } ?? alarms.first { $0.name.isSame(as: stated) == true }
  }

  /// The alarms of the template that take a deployment back.
  package var rollbackAlarms: [Alarm] {
    (endpoint?.deployment?.rollbackAlarms ?? []).compactMap { alarm(named: $0) }
  }

  package func parameter(_ name: String) -> Parameter? { parameters.first { $0.name == name } }
}

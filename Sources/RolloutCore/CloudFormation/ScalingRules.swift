/// The fewest instances are not more than the most, and the fleet starts between them.
enum CapacityIsBounded: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    stack.scaling.flatMap { target -> [TemplateFinding] in
      guard let minimum = target.minimum, let least = minimum.value, let maximum = target.maximum,
        let most = maximum.value
      else { return [] }
      guard least <= most else {
        return [
          TemplateFinding(
            .capacityBoundsCrossed, "the fewest instances are more than the most", at: minimum,
            "\(least) is more than \(most)", and: [LintFinding.Note(maximum, "the most")], help: "exchange them")
        ]
      }
      guard let initial = stack.variants.first(where: { $0.scales(by: target) })?.initialCount,
        let count = initial.value, !(least...most).contains(count)
      else { return [] }
      return [
        TemplateFinding(
          .initialCountOutsideBounds, "the fleet starts with a number of instances that scaling does not allow",
          at: initial, "it starts with \(count)",
          and: [LintFinding.Note(count < least ? minimum : maximum, count < least ? "the fewest" : "the most")],
          help: "start with \(count < least ? least : most)")
      ]
    }
  }
}

/// What scales is this endpoint's fleet.
enum ScalingIsOfThisEndpoint: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let endpoint = stack.endpoint else { return [] }
    return stack.scaling.flatMap { target -> [TemplateFinding] in
      var findings: [TemplateFinding] = []
      if let named = target.endpoint, named.isSame(as: endpoint.name) == false {
        findings.append(
          TemplateFinding(
            .scalingOfAnother, "scaling is about the endpoint '\(named.text)'", at: named,
            "this one is '\(endpoint.name.text)'",
            help: "write '!Sub \"endpoint/${\(endpoint.resource.logicalID).EndpointName}/variant/…\"'"))
      }
      let variants = stack.variants.compactMap(\.name?.value)
      if let named = target.variant, let name = named.value, !variants.isEmpty, variants.count == stack.variants.count,
        !variants.contains(name)
      {
        findings.append(
          TemplateFinding(
            .scalingOfAnother, "scaling is about the variant '\(name)'", at: named,
            "the endpoint has \(variants.map { "'\($0)'" }.joined(separator: ", "))",
            help: "name a variant of the endpoint", meant: variants))
      }
      return findings
    }
  }
}

/// Scaling is written as Application Auto Scaling reads it.
enum ScalingNamesAVariant: TemplateRule {
  private static let dimension = "sagemaker:variant:DesiredInstanceCount"
  private static let metrics = [
    "SageMakerVariantInvocationsPerInstance", "SageMakerInferenceComponentInvocationsPerCopy",
    "SageMakerVariantProvisionedConcurrencyUtilization",
    "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
    "SageMakerVariantConcurrentRequestsPerModelHighResolution",
  ]

  static func findings(in stack: StackReading) -> [TemplateFinding] {
    stack.scaling.flatMap(target) + stack.policies.flatMap(policy)
  }

  private static func target(_ target: StackReading.ScalableTarget) -> [TemplateFinding] {
    var findings: [TemplateFinding] = []
    if let id = target.resourceID, target.endpoint == nil, id.value != nil || id.text.contains("/") {
      findings.append(
        TemplateFinding(
          .scalingTargetMalformed, "scaling names no variant of an endpoint", at: id, "this is '\(id.text)'",
          help: "write '!Sub \"endpoint/${Endpoint.EndpointName}/variant/AllTraffic\"'"))
    }
    if let stated = target.dimension, let written = stated.value, written != dimension {
      findings.append(unknown("SageMaker scales no '\(written)'", stated, [dimension]))
    }
    if let stated = target.namespace, let written = stated.value, written != "sagemaker" {
      findings.append(unknown("a SageMaker endpoint is not in the namespace '\(written)'", stated, ["sagemaker"]))
    }
    return findings
  }

  private static func policy(_ policy: StackReading.ScalingPolicy) -> [TemplateFinding] {
    var findings: [TemplateFinding] = []
    if let stated = policy.metric, let written = stated.value, !metrics.contains(written) {
      findings.append(unknown("there is no scaling metric '\(written)'", stated, metrics))
    }
    if let target = policy.targetValue, let value = target.value, value <= 0 {
      findings.append(
        TemplateFinding(
          .scalingTargetMalformed, "the target of scaling must be above 0", at: target, "this is \(target.text)",
          help: "write how many invocations a minute one instance shall see, such as 70"))
    }
    return findings
  }

  private static func unknown(_ message: String, _ stated: Stated<String>, _ known: [String]) -> TemplateFinding {
    TemplateFinding(.scalingTargetMalformed, message, at: stated, "", help: "write '\(known[0])'", meant: known)
  }
}

/// A cooldown is a pause.
enum StackCooldownsAreNotNegative: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    stack.policies.flatMap { [$0.scaleOutCooldown, $0.scaleInCooldown].compactMap(\.self) }.compactMap { cooldown in
      guard let seconds = cooldown.value, seconds < 0 else { return nil }
      return TemplateFinding(
        .scalingCooldownNegative, "a cooldown cannot last less than no time", at: cooldown,
        "\(seconds) is below zero", help: "remove the sign")
    }
  }
}

extension StackReading {
  /// What scales endpoints; a template may scale other things too.
  var scaling: [ScalableTarget] {
    scalableTargets.filter { target in
      target.namespace?.value == "sagemaker" || target.endpoint != nil
        || target.dimension?.value?.hasPrefix("sagemaker") == true
        || target.resourceID?.text.hasPrefix("endpoint") == true
    }
  }

  var policies: [ScalingPolicy] {
    let ids = scaling.map(\.resource.logicalID)
    return scalingPolicies.filter { policy in
      policy.target?.resource.map(ids.contains) ?? (policy.resourceID?.text.hasPrefix("endpoint") ?? false)
    }
  }
}

extension StackReading.Variant {
  /// Whether this is what a target scales, as far as is known.
  func scales(by target: StackReading.ScalableTarget) -> Bool {
    guard let variant = target.variant, let name else { return true }
    return variant.isSame(as: name) != false
  }
}

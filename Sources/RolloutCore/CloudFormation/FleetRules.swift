/// Instances are of a type that there is.
enum InstanceTypesExist: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    (stack.variants + (stack.configuration?.shadows ?? [])).compactMap { variant in
      guard let stated = variant.instanceType, let type = stated.value, !InstanceTypes.isKnown(type) else { return nil }
      let isNewFamily = type.hasPrefix("ml.") && !InstanceTypes.isKnownFamily(type)
      let hasPrefix = type.hasPrefix("ml.")
      return TemplateFinding(
        .instanceTypeUnknown, "SageMaker has no instance type '\(type)'", at: stated, "",
        help: hasPrefix ? "choose a type that SageMaker hosts on, such as ml.m5.xlarge" : "types begin with 'ml.'",
        meant: InstanceTypes.names, severity: isNewFamily ? .warning : .error)
    }
  }
}

/// Every variant answers.
enum VariantsAnswer: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let configuration = stack.configuration, let shadow = configuration.shadows.first else { return [] }
    let isRefused = configuration.shadows.count > 1 || configuration.variants.count > 1
    return [
      TemplateFinding(
        .shadowVariant, "a shadow variant answers nobody, and guardrails do not watch it", at: shadow.path,
        isRefused ? "SageMaker allows one, beside one production variant" : "it gets copies of requests",
        help: "remove it, or prove it in an environment of its own", severity: isRefused ? .error : .warning)
    ]
  }
}

/// A container runs one thing.
enum ContainersHaveOneSource: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    stack.models.flatMap { model -> [TemplateFinding] in
      if model.containers.isEmpty {
        return [
          TemplateFinding(
            .modelSourceAmbiguous, "the model '\(model.resource.logicalID)' runs nothing", at: model.resource.path,
            "it has no container", help: "add 'PrimaryContainer: {ModelPackageName: !Ref ModelPackageArn}'")
        ]
      }
      return model.containers.compactMap { container in
        switch (container.package, container.image) {
        case (let package?, let image?):
          TemplateFinding(
            .modelSourceAmbiguous, "a container takes a model package or an image", at: image, "this as well",
            and: [LintFinding.Note(package, "this brings its own image")], help: "remove 'Image'")
        case (nil, nil):
          TemplateFinding(
            .modelSourceAmbiguous, "a container has nothing to run", at: container.path, "",
            help: "add 'ModelPackageName: !Ref ModelPackageArn'")
        default: nil
        }
      }
    }
  }
}

/// What must be replaced has no name that is in the way.
enum NamesDoNotCollide: TemplateRule {
  private static let parameter = "EndpointConfigName"

  static func findings(in stack: StackReading) -> [TemplateFinding] {
    let models = stack.models.compactMap { model -> TemplateFinding? in
      guard let name = model.name, isFixed(name) else { return nil }
      return TemplateFinding(
        .nameCollides, "a model with a name of its own cannot be replaced", at: name,
        "the next version would have the same name", help: "remove 'ModelName': CloudFormation makes one up")
    }
    guard let configuration = stack.configuration else { return models }
    guard let name = configuration.name else {
      return models + [
        TemplateFinding(
          .nameCollides, "the configuration's name does not come from rollout", at: configuration.resource.path,
          "CloudFormation makes one up, so that deployments cannot be told apart", help: mend, severity: .warning)
      ]
    }
    guard isFixed(name) else { return models }
    return models + [
      TemplateFinding(
        .nameCollides, "a configuration with a fixed name cannot be replaced", at: name,
        "the next version would have the same name", help: mend)
    ]
  }

  /// Not by the parameter that is new for every deployment, nor by what only AWS knows.
  private static func isFixed(_ name: Stated<String>) -> Bool {
    !name.parameters.contains(parameter) && (name.value != nil || !name.parameters.isEmpty)
  }

  private static let mend =
    "declare the parameter EndpointConfigName, and write 'EndpointConfigName: !Ref EndpointConfigName'"
}

/// SageMaker takes the endpoint's name.
enum EndpointNameIsAllowed: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let stated = stack.endpoint?.name, let name = stated.value, !isAllowed(name) else { return [] }
    return [
      TemplateFinding(
        .endpointNameInvalid, "SageMaker does not allow an endpoint of this name", at: stated, "this is '\(name)'",
        help: "use up to 63 letters, digits and hyphens, the first and the last no hyphen")
    ]
  }

  /// SageMaker's pattern: `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`, and 63 characters.
  package static func isAllowed(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last) && bytes.allSatisfy { isAlphanumeric($0) || $0 == 45 }
  }
}

/// A template is small enough to be sent.
enum TemplateIsSmall: TemplateRule {
  /// By way of S3.
  package static let bytesMax = 1_000_000

  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard stack.bytes > StackTemplate.requestBytesMax else { return [] }
    let isRefused = stack.bytes > bytesMax
    return [
      TemplateFinding(
        .templateTooLarge,
        isRefused ? "CloudFormation takes templates of up to 1,000,000 bytes" : "the template goes by way of S3",
        at: [],
        "it has \(stack.bytes) bytes",
        help: isRefused ? "split it" : "more than 51,200 bytes do not fit into a request; the state's bucket is used",
        severity: isRefused ? .error : .warning)
    ]
  }
}

extension TemplateLint {
  /// Fleets keep their names, or traffic cannot be shifted between them.
  static func renamed(in stack: StackReading, live: StackReading) -> [TemplateFinding] {
    let old = live.variants.compactMap(\.name?.value)
    guard !old.isEmpty, old.count == live.variants.count else { return [] }
    return stack.variants.compactMap { variant in
      guard let name = variant.name, let written = name.value, !old.contains(written) else { return nil }
      return TemplateFinding(
        .variantRenamed, "the live endpoint has no variant '\(written)'", at: name,
        "it has \(old.map { "'\($0)'" }.joined(separator: ", "))",
        help: "keep the name: traffic is shifted between the fleets of one variant", meant: old)
    }
  }
}

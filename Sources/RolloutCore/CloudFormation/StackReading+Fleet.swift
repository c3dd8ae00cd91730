extension StackReading {
  /// `AWS::SageMaker::Model`.
  package struct Model: Hashable, Sendable {
    package var resource: Resource
    /// `nil`: CloudFormation makes one up.
    package var name: Stated<String>?
    package var containers: [Container]

    package init(resource: Resource, name: Stated<String>?, containers: [Container]) {
      self.resource = resource
      self.name = name
      self.containers = containers
    }
  }

  package struct Container: Hashable, Sendable {
    package var path: [LintPlace.Step]
    /// The ARN of a model package.
    package var package: Stated<String>?
    package var image: Stated<String>?
    package var specification: Stated<String>?

    package init(
      path: [LintPlace.Step], package: Stated<String>?, image: Stated<String>?, specification: Stated<String>?
    ) {
      self.path = path
      self.package = package
      self.image = image
      self.specification = specification
    }
  }

  /// `AWS::SageMaker::EndpointConfig`.
  package struct Configuration: Hashable, Sendable {
    package var resource: Resource
    /// `nil`: CloudFormation makes one up.
    package var name: Stated<String>?
    package var variants: [Variant]
    package var shadows: [Variant]

    package init(resource: Resource, name: Stated<String>?, variants: [Variant], shadows: [Variant]) {
      self.resource = resource
      self.name = name
      self.variants = variants
      self.shadows = shadows
    }
  }

  package struct Variant: Hashable, Sendable {
    package var path: [LintPlace.Step]
    package var name: Stated<String>?
    package var model: Stated<String>?
    package var instanceType: Stated<String>?
    package var initialCount: Stated<Int>?
    package var weight: Stated<Double>?
    package var isServerless: Bool

    package init(
      path: [LintPlace.Step], name: Stated<String>?, model: Stated<String>?, instanceType: Stated<String>?,
      initialCount: Stated<Int>?, weight: Stated<Double>?, isServerless: Bool
    ) {
      self.path = path
      self.name = name
      self.model = model
      self.instanceType = instanceType
      self.initialCount = initialCount
      self.weight = weight
      self.isServerless = isServerless
    }
  }

  /// `AWS::ApplicationAutoScaling::ScalableTarget`.
  package struct ScalableTarget: Hashable, Sendable {
    package var resource: Resource
    package var resourceID: Stated<String>?
    /// What the resource id names, when it is written as `endpoint/NAME/variant/NAME`.
    package var endpoint: Stated<String>?
    package var variant: Stated<String>?
    package var dimension: Stated<String>?
    package var namespace: Stated<String>?
    package var minimum: Stated<Int>?
    package var maximum: Stated<Int>?

    package init(
      resource: Resource, resourceID: Stated<String>?, endpoint: Stated<String>?, variant: Stated<String>?,
      dimension: Stated<String>?, namespace: Stated<String>?, minimum: Stated<Int>?, maximum: Stated<Int>?
    ) {
      self.resource = resource
      self.resourceID = resourceID
      self.endpoint = endpoint
      self.variant = variant
      self.dimension = dimension
      self.namespace = namespace
      self.minimum = minimum
      self.maximum = maximum
    }
  }

  /// `AWS::ApplicationAutoScaling::ScalingPolicy`. Cooldowns in seconds.
  package struct ScalingPolicy: Hashable, Sendable {
    package var resource: Resource
    package var name: Stated<String>?
    /// `TargetTrackingScaling` is the one that is understood.
    package var type: Stated<String>?
    /// The scalable target, by its logical id in `resource` where the template names it.
    package var target: Stated<String>?
    package var resourceID: Stated<String>?
    package var dimension: Stated<String>?
    /// `SageMakerVariantInvocationsPerInstance`.
    package var metric: Stated<String>?
    package var targetValue: Stated<Double>?
    package var scaleOutCooldown: Stated<Int>?
    package var scaleInCooldown: Stated<Int>?

    package init(
      resource: Resource, name: Stated<String>?, type: Stated<String>?, target: Stated<String>?,
      resourceID: Stated<String>?, dimension: Stated<String>?, metric: Stated<String>?,
      targetValue: Stated<Double>?, scaleOutCooldown: Stated<Int>?, scaleInCooldown: Stated<Int>?
    ) {
      self.resource = resource
      self.name = name
      self.type = type
      self.target = target
      self.resourceID = resourceID
      self.dimension = dimension
      self.metric = metric
      self.targetValue = targetValue
      self.scaleOutCooldown = scaleOutCooldown
      self.scaleInCooldown = scaleInCooldown
    }
  }
}

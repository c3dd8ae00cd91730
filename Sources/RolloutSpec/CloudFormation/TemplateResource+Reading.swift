import RolloutCore

// One resource of each kind, read from its properties.

extension StackReading.Endpoint {
  init(_ resource: TemplateResource) {
    let properties = resource.properties
    self.init(
      resource: resource.reading,
      name: properties.text("EndpointName") ?? resource.generatedName("EndpointName"),
      configuration: properties.text("EndpointConfigName"),
      deployment: properties["DeploymentConfig"].flatMap { StackReading.Deployment($0) },
      isDeploymentKnown: properties["DeploymentConfig"].map { !$0.isSymbolic } ?? true,
      retainsProperties: properties.bool("RetainAllVariantProperties"),
      excluded: (properties["ExcludeRetainedVariantProperties"]?.items ?? [])
        .compactMap { $0.text("VariantPropertyType") },
      retainsDeploymentConfig: properties.bool("RetainDeploymentConfig"))
    dependencies = resource.dependencies
  }
}

extension StackReading.Deployment {
  /// `nil` when only AWS knows what it is.
  init?(_ value: TemplateValue) {
    guard value.isMapping else { return nil }
    func policy(_ key: String) -> TemplateValue? { value[key].flatMap { $0.isMapping ? $0 : nil } }
    self.init(
      path: value.path, blueGreen: policy("BlueGreenUpdatePolicy").map { StackReading.BlueGreen($0) },
      rolling: policy("RollingUpdatePolicy").map { StackReading.Rolling($0) },
      rollbackAlarms: (value["AutoRollbackConfiguration"]?["Alarms"]?.items ?? []).compactMap { $0.text("AlarmName") })
  }
}

extension StackReading.BlueGreen {
  init(_ value: TemplateValue) {
    let routing = value["TrafficRoutingConfiguration"]
    self.init(
      path: value.path, routingPath: routing?.path ?? value.path, type: routing?.text("Type"),
      wait: routing?.integer("WaitIntervalInSeconds"),
      canary: routing?["CanarySize"].map { StackReading.Capacity($0) },
      step: routing?["LinearStepSize"].map { StackReading.Capacity($0) },
      terminationWait: value.integer("TerminationWaitInSeconds"),
      timeout: value.integer("MaximumExecutionTimeoutInSeconds"))
  }
}

extension StackReading.Rolling {
  init(_ value: TemplateValue) {
    self.init(
      path: value.path, batch: value["MaximumBatchSize"].map { StackReading.Capacity($0) },
      rollbackBatch: value["RollbackMaximumBatchSize"].map { StackReading.Capacity($0) },
      wait: value.integer("WaitIntervalInSeconds"), timeout: value.integer("MaximumExecutionTimeoutInSeconds"))
  }
}

extension StackReading.Capacity {
  init(_ value: TemplateValue) {
    self.init(path: value.path, type: value.text("Type"), value: value.integer("Value"))
  }
}

extension StackReading.Model {
  init(_ resource: TemplateResource) {
    let properties = resource.properties
    let containers = (properties["PrimaryContainer"].map { [$0] } ?? []) + (properties["Containers"]?.items ?? [])
    self.init(
      resource: resource.reading, name: properties.text("ModelName"),
      containers: containers.map { container in
        StackReading.Container(
          path: container.path, package: container.text("ModelPackageName"),
          image: container.isMapping ? container.text("Image") : nil,
          specification: container.text("InferenceSpecificationName"))
      })
  }
}

extension StackReading.Configuration {
  init(_ resource: TemplateResource) {
    let properties = resource.properties
    func variants(_ key: String) -> [StackReading.Variant] {
      (properties[key]?.items ?? []).map { StackReading.Variant($0) }
    }
    self.init(
      resource: resource.reading, name: properties.text("EndpointConfigName"),
      variants: variants("ProductionVariants"), shadows: variants("ShadowProductionVariants"))
  }
}

extension StackReading.Variant {
  init(_ value: TemplateValue) {
    self.init(
      path: value.path, name: value.text("VariantName"), model: value.text("ModelName"),
      instanceType: value.text("InstanceType"), initialCount: value.integer("InitialInstanceCount"),
      weight: value.number("InitialVariantWeight"), isServerless: value["ServerlessConfig"]?.isMapping == true)
  }
}

extension StackReading.Alarm {
  init(_ resource: TemplateResource) {
    let properties = resource.properties
    let measure: StackReading.Measure =
      if let queries = properties["Metrics"] {
        .math(queries.items.map { StackReading.Query($0) })
      } else {
        .metric(
          StackReading.Metric(
            properties, statistic: properties.text("ExtendedStatistic") ?? properties.text("Statistic"),
            period: properties.integer("Period")))
      }
    self.init(
      resource: resource.reading, name: properties.text("AlarmName") ?? resource.generatedName(nil), measure: measure,
      datapoints: properties.integer("DatapointsToAlarm") ?? properties.integer("EvaluationPeriods"),
      periods: properties.integer("EvaluationPeriods"), threshold: properties.number("Threshold"),
      comparison: properties.text("ComparisonOperator"), missingData: properties.text("TreatMissingData"))
  }
}

extension StackReading.Metric {
  init(_ value: TemplateValue, statistic: Stated<String>?, period: Stated<Int>?) {
    self.init(
      path: value.path, namespace: value.text("Namespace"), name: value.text("MetricName"),
      dimensions: (value["Dimensions"]?.items ?? []).map { dimension in
        StackReading.Dimension(name: dimension.text("Name"), value: dimension.text("Value"))
      }, statistic: statistic, period: period)
  }
}

extension StackReading.Query {
  init(_ value: TemplateValue) {
    let series = value["MetricStat"]
    let metric = series?["Metric"].map {
      StackReading.Metric($0, statistic: series?.text("Stat"), period: series?.integer("Period"))
    }
    self.init(
      path: value.path, id: value.text("Id"), expression: value.text("Expression"), metric: metric,
      returnsData: value.bool("ReturnData")?.value ?? true)
  }
}

extension StackReading.ScalableTarget {
  init(_ resource: TemplateResource) {
    let properties = resource.properties
    let parts = properties["ResourceId"].flatMap(ScaledVariant.init)
    self.init(
      resource: resource.reading, resourceID: properties.text("ResourceId"), endpoint: parts?.endpoint,
      variant: parts?.variant, dimension: properties.text("ScalableDimension"),
      namespace: properties.text("ServiceNamespace"), minimum: properties.integer("MinCapacity"),
      maximum: properties.integer("MaxCapacity"))
  }
}

extension StackReading.ScalingPolicy {
  init(_ resource: TemplateResource) {
    let properties = resource.properties
    let tracking = properties["TargetTrackingScalingPolicyConfiguration"]
    self.init(
      resource: resource.reading, name: properties.text("PolicyName"), type: properties.text("PolicyType"),
      target: properties.text("ScalingTargetId"), resourceID: properties.text("ResourceId"),
      dimension: properties.text("ScalableDimension"),
      metric: tracking?["PredefinedMetricSpecification"]?.text("PredefinedMetricType"),
      targetValue: tracking?.number("TargetValue"), scaleOutCooldown: tracking?.integer("ScaleOutCooldown"),
      scaleInCooldown: tracking?.integer("ScaleInCooldown"))
  }
}

/// What `endpoint/NAME/variant/NAME` names.
private struct ScaledVariant {
  var endpoint: Stated<String>
  var variant: Stated<String>

  init?(_ value: TemplateValue) {
    guard let segments = value.pieces?.segments, segments.count == 4, segments[0].knownText == "endpoint",
      segments[2].knownText == "variant"
    else { return nil }
    func stated(_ pieces: [TemplateValue.Piece]) -> Stated<String> {
      TemplateValue(.text(pieces), at: value.path).stated { $0 }
    }
    endpoint = stated(segments[1])
    variant = stated(segments[3])
  }
}

extension TemplateResource {
  /// The name that CloudFormation makes up; a reference to the resource means the same one.
  fileprivate func generatedName(_ attribute: String?) -> Stated<String> {
    let id = reading.logicalID
    return Stated(.symbolic(attribute.map { "\(id).\($0)" } ?? id), at: reading.path, resource: id)
  }
}

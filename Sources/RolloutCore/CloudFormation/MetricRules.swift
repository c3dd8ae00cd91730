/// What SageMaker publishes about endpoints. Source: SageMaker's guide, "Monitor with CloudWatch".
package enum EndpointMetrics {
  package static let invocationNamespace = "AWS/SageMaker"
  package static let instanceNamespace = "/aws/sagemaker/Endpoints"

  static let invocations = [
    "Invocations", "InvocationsPerInstance", "InvocationsPerCopy", "Invocation4XXErrors", "Invocation5XXErrors",
    "InvocationModelErrors", "ModelLatency", "OverheadLatency", "ModelSetupTime", "ConcurrentRequestsPerModel",
    "ConcurrentRequestsPerCopy", "FirstChunkLatency", "FirstChunkModelLatency", "FirstChunkOverheadLatency",
    "MidStreamErrors", "ModelLoadingWaitTime", "ModelUnloadingTime", "ModelDownloadingTime", "ModelLoadingTime",
    "ModelCacheHit", "ApproximateBacklogSize", "ApproximateBacklogSizePerInstance", "ApproximateAgeOfOldestRequest",
    "HasBacklogWithoutCapacity", "ExpiredRequests", "InvocationFailures", "InvocationsProcessed", "TimeInBacklog",
    "TimeToCompletion", "TotalProcessingTime", "RequestDownloadFailures", "RequestDownloadLatency",
    "ResponseUploadFailures", "ResponseUploadLatency", "NotificationFailures",
  ]
  static let instances = [
    "CPUUtilization", "GPUUtilization", "GPUMemoryUtilization", "MemoryUtilization", "DiskUtilization",
    "LoadedModelCount", "CPUReservation", "GPUReservation", "MemoryReservation",
  ]
  /// Published only for endpoints with inference components.
  static let normalized = [
    "CPUUtilizationNormalized", "GPUUtilizationNormalized", "GPUMemoryUtilizationNormalized",
    "MemoryUtilizationNormalized",
  ]
  static let dimensions = ["EndpointName", "VariantName", "EndpointConfigName", "ModelName", "InferenceComponentName"]
  static let perCore = ["CPUUtilization"]
  static let perAccelerator = ["GPUUtilization", "GPUMemoryUtilization"]
}

/// Alarms watch what is published, where it is published.
enum MetricsArePublished: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    stack.alarms.flatMap(\.metrics).compactMap { metric in
      guard let namespace = metric.namespace, let space = namespace.value, let stated = metric.name,
        let name = stated.value, metric.isAboutEndpoint
      else { return nil }
      let known = EndpointMetrics.invocations + EndpointMetrics.instances
      if EndpointMetrics.normalized.contains(name) {
        return TemplateFinding(
          .metricUnknown, "'\(name)' is published only for inference components", at: stated, "there is never data",
          help: "divide \(name.dropLast("Normalized".count)) by the number of cores, with metric math")
      }
      guard known.contains(name) else {
        return TemplateFinding(
          .metricUnknown, "SageMaker publishes no metric '\(name)'", at: stated, "there is never data",
          help: "see the metrics of endpoints in SageMaker's guide", meant: known)
      }
      let right =
        EndpointMetrics.instances.contains(name)
        ? EndpointMetrics.instanceNamespace : EndpointMetrics.invocationNamespace
      guard space != right else { return nil }
      return TemplateFinding(
        .metricNamespaceWrong, "'\(name)' is not published in '\(space)'", at: namespace, "there is never data",
        and: [LintFinding.Note(stated, "this is in '\(right)'")], help: "write '\(right)'")
    }
  }
}

/// Alarms name what is watched as SageMaker does.
enum DimensionsArePublished: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    stack.alarms.flatMap(\.metrics).filter(\.isAboutEndpoint).flatMap { metric -> [TemplateFinding] in
      let names = metric.dimensions.compactMap(\.name)
      let unknown = names.filter { $0.value.map { !EndpointMetrics.dimensions.contains($0) } ?? false }
      if !unknown.isEmpty {
        return unknown.map { name in
          TemplateFinding(
            .dimensionUnknown, "SageMaker publishes nothing by '\(name.text)'", at: name, "there is never data",
            help: "the dimensions are EndpointName, VariantName and EndpointConfigName",
            meant: EndpointMetrics.dimensions)
        }
      }
      let isComponent = names.contains { $0.value == "InferenceComponentName" }
      let missing = ["EndpointName", "VariantName"].filter { metric.dimension($0) == nil }
      // A name that only AWS knows may be the one that is missing.
      guard let first = missing.first, !isComponent, names.count == metric.dimensions.count,
        names.allSatisfy({ $0.value != nil })
      else { return configured(metric) }
      return [
        TemplateFinding(
          .dimensionUnknown, "SageMaker publishes '\(metric.name?.text ?? "")' by EndpointName and VariantName",
          at: metric.path, "'\(first)' is not there, so there is never data", help: "add the dimension \(first)")
      ]
    }
  }

  private static func configured(_ metric: StackReading.Metric) -> [TemplateFinding] {
    guard metric.namespace?.value == EndpointMetrics.instanceNamespace,
      let stated = metric.dimensions.first(where: { $0.name?.value == "EndpointConfigName" })?.name
    else { return [] }
    return [
      TemplateFinding(
        .dimensionUnknown, "'\(metric.name?.text ?? "")' is not known to be published by configuration", at: stated,
        "there may never be data", help: "remove it: the alarm then watches the instances of both fleets",
        severity: .warning)
    ]
  }
}

/// Alarms watch this endpoint.
enum AlarmsWatchThisEndpoint: TemplateRule {
  static func findings(in stack: StackReading) -> [TemplateFinding] {
    guard let endpoint = stack.endpoint else { return [] }
    let variants = stack.variants.compactMap(\.name)
    return stack.rollbackAlarms.flatMap { alarm in
      alarm.metrics.flatMap { metric -> [TemplateFinding] in
        var findings: [TemplateFinding] = []
        func other(_ noun: String, _ named: Stated<String>, _ own: String) {
          findings.append(
            TemplateFinding(
              .dimensionOfAnother, "the alarm watches the \(noun) '\(named.text)'", at: named,
              "this stack has '\(own)'",
              help: "write what the endpoint itself has, by the same parameter"))
        }
        if let named = metric.dimension("EndpointName"), named.isSame(as: endpoint.name) == false {
          other("endpoint", named, endpoint.name.text)
        }
        if let named = metric.dimension("VariantName"), !variants.isEmpty,
          variants.allSatisfy({ $0.isSame(as: named) == false })
        {
          other("variant", named, variants.map(\.text).joined(separator: "', '"))
        }
        if let named = metric.dimension("EndpointConfigName"), let own = endpoint.configuration,
          named.isSame(as: own) == false
        {
          other("configuration", named, own.text)
        }
        return findings
      }
    }
  }
}

extension StackReading.Metric {
  /// Whether it is one that SageMaker publishes about endpoints, or is meant to be.
  var isAboutEndpoint: Bool {
    guard
      namespace?.value == EndpointMetrics.invocationNamespace || namespace?.value == EndpointMetrics.instanceNamespace
    else { return false }
    // Labelling and pipelines publish in the same namespace, by other dimensions.
    let others = ["LabelingJobName", "PipelineName", "FeatureGroupName", "WorkerId", "Host", "Workteam"]
    return !dimensions.contains { others.contains($0.name?.value ?? "") }
  }
}

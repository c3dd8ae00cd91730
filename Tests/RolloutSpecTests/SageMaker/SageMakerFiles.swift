import Testing

/// A working set on SageMaker, in which a test spoils something. The template declares what a deployment brings and
/// creates nothing: its resources are another matter.
enum SageMakerFiles {
  static let pipeline = SpecFixture.pipeline
  static let production = SpecFixture.production
  static let alarm = SpecFixture.alarm
  static let template = "Templates/production.yaml"

  static let working: [String: String] = [
    pipeline: """
    service: fox
    registry: {provider: sagemaker, region: us-east-1, group: fox}
    state: {backend: s3, bucket: fox-rollout, prefix: fox, region: us-east-1}
    stages: [production]

    """,
    production: """
    environment: production
    target:
      provider: sagemaker
      region: us-east-1
      role: arn:aws:iam::123456789012:role/fox
      template: ../Templates/production.yaml
    endpoint: {name: fox-prod, instances: 4, type: ml.m5.xlarge}
    model: {select: latest-approved}
    strategy:
      canary:
        steps: [{weight: 25%, bake: 10m}]
        bakeAfter: 10m
    alarms: [../Alarms/errors.yaml]
    autoscaling: {instances: 2...7, invocationsPerInstance: 70}

    """,
    alarm: """
    alarm: errors
    metric: InvocationModelErrors
    statistic: Sum
    period: 5m
    threshold: "> 5"

    """,
    template: """
    Parameters:
      EndpointName: {Type: String}
      EndpointConfigName: {Type: String}
      ModelPackageArn: {Type: String}
      ExecutionRoleArn: {Type: String}
      InstanceType: {Type: String}
      InitialInstanceCount: {Type: Number}
      Routing: {Type: String}
      TrafficPercent: {Type: Number}
      WaitSeconds: {Type: Number}
      TerminationWaitSeconds: {Type: Number}
      MinCapacity: {Type: Number}
      MaxCapacity: {Type: Number}
      InvocationsPerInstance: {Type: Number}
      ScaleOutCooldown: {Type: Number}
      ScaleInCooldown: {Type: Number}
      ErrorsThreshold: {Type: Number}
      ErrorsPeriod: {Type: Number}
      ErrorsDatapoints: {Type: Number}
      ErrorsPeriods: {Type: Number}
      SubnetId: {Type: String, Default: ""}

    """,
  ]
}

extension SpecFixture {
  /// The set with texts replaced, one after another.
  static func onSageMaker(_ edits: [(path: String, old: String, new: String)]) throws -> SpecFixture {
    var files = SageMakerFiles.working
    for edit in edits {
      let text = try #require(files[edit.path])
      try #require(text.contains(edit.old), "there is something to replace")
      files[edit.path] = text.replacing(edit.old, with: edit.new)
    }
    return try SpecFixture(files.mapValues { Optional($0) })
  }
}

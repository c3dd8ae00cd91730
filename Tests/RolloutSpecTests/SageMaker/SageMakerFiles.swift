import FoundationEssentials
import RolloutDiagnostics
import RolloutSpec
import Testing

/// A working set on SageMaker, with the product's own template, in which a test spoils something.
enum SageMakerFiles {
  static let pipeline = SpecFixture.pipeline
  static let production = SpecFixture.production
  static let alarm = SpecFixture.alarm
  static let template = "Templates/production.yaml"

  static var productTemplate: String {
    get throws { try String(contentsOfFile: repositoryRoot + "/Templates/production.yaml", encoding: .utf8) }
  }

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
    alarm: model-errors
    metric: InvocationModelErrors
    statistic: Sum
    period: 5m
    threshold: "> 5"
    missingData: notBreaching

    """,
  ]
}

extension SpecFixture {
  /// The set with texts replaced, one after another.
  static func onSageMaker(_ edits: [(path: String, old: String, new: String)]) throws -> SpecFixture {
    var files = SageMakerFiles.working
    files[SageMakerFiles.template] = try SageMakerFiles.productTemplate
    for edit in edits {
      let text = try #require(files[edit.path])
      try #require(text.contains(edit.old), "there is something to replace")
      files[edit.path] = text.replacing(edit.old, with: edit.new)
    }
    return try SpecFixture(files.mapValues { Optional($0) })
  }

  /// What a person would see of the words, whatever else there is to say of the template.
  var textOfWords: String {
    let isOfWords = { (code: String) in !code.hasPrefix("R03") || code >= "R0350" || code == "R0326" }
    return DiagnosticText().render(load().diagnostics.filter { isOfWords($0.code.rawValue) })
  }
}

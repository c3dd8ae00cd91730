import FoundationEssentials
package import RolloutCore

/// The kinds of file that people write.
package enum SpecKind: String, Hashable, Sendable, CaseIterable {
  case pipeline, environment, alarm, template, smoke, model

  /// The JSON Schema of such a file, from the declarations that read it.
  package var schema: JSONValue {
    shape.adding("$schema", "https://json-schema.org/draft/2020-12/schema").adding("title", .string(title))
  }

  /// The schema as a file.
  package var schemaText: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    guard let data = try? encoder.encode(schema) else { preconditionFailure("a schema can be written as JSON") }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  private var shape: JSONValue {
    switch self {
    case .pipeline: Shape<PipelineDraft>.pipeline.schema
    case .environment: Shape<EnvironmentDraft>.environment.schema
    case .alarm: Shape<AlarmRule>.alarm.schema
    case .template: Shape<EndpointTemplate>.template.schema
    case .smoke: Shape<SmokeSuite>.smoke.schema
    case .model: Shape<ModelManifest>.modelManifest.schema
    }
  }

  private var title: String {
    switch self {
    case .pipeline: "rollout: Environments/pipeline.yaml"
    case .environment: "rollout: an environment, Environments/NAME.yaml"
    case .alarm: "rollout: an alarm, Alarms/NAME.yaml"
    case .template: "rollout: how endpoints are run, Templates/NAME.yaml"
    case .smoke: "rollout: smoke tests"
    case .model: "rollout: model.yaml in the directory of a model"
    }
  }
}

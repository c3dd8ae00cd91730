import RolloutCore

/// `pipeline.yaml` as far as it could be read. What is `nil` has been reported.
struct PipelineDraft: Sendable {
  var service: String?
  var registry: RegistrySpec?
  var state: StateSpec?
  var runtime: RuntimeSpec?
  var stages: [Located<String>]?
  var notify: [NotifySpec]?
}

extension Shape where Value == PipelineDraft {
  /// `Environments/pipeline.yaml`.
  static var pipeline: Shape {
    .object(
      "One service: its stages in order, and where its models and its state live.",
      Field.required("service", .name, "The service's name.").tolerant,
      Field.required("registry", .registry, "Where registered models come from.").tolerant,
      Field.required("state", .state, "Where the journal of rollouts is kept.").tolerant,
      Field.optional("runtime", .runtime, "The local runtime, which serves the models.").tolerant,
      Field.required(
        "stages", .list(Shape<String>.name.located, maximum: 50),
        "Names of environments, in the order in which a model passes through them."
      ).tolerant,
      Field.optional(
        "notify", .list(.notify, maximum: 20), default: [], written: [], "Who is told what."
      ).tolerant
    ) { service, registry, state, runtime, stages, notify in
      PipelineDraft(
        service: service, registry: registry, state: state, runtime: runtime.flatMap(\.self), stages: stages,
        notify: notify)
    }
    .refined { draft, node, reading in
      guard node["runtime"] == nil else { return draft }
      var draft = draft
      draft.runtime = RuntimeSpec(path: absolutePath(RuntimeSpec.writtenPath, from: reading.directory))
      return draft
    }
  }
}

extension RuntimeSpec {
  static let writtenPath = "../.rollout/runtime"
}

extension Shape where Value == RegistrySpec {
  static var registry: Shape {
    .provider(
      "provider",
      [
        "local": .object(
          "A folder holds the registered models.",
          Field.required("provider", .choice([("local", "local")]), "What kind of registry it is."),
          Field.required("path", .path, "The directory of the registry."),
          Field.required("group", .name, "The model group that the service serves.")
        ) { .local(path: $1, group: $2) },
        "sagemaker": .object(
          "SageMaker's Model Registry holds the registered models.",
          Field.required("provider", .choice([("sagemaker", "sagemaker")]), "What kind of registry it is."),
          Field.required("region", .region.withVariables, "AWS's name of the region, us-east-1."),
          Field.required("group", .name, "The model package group that the service serves.")
        ) { .sageMaker(region: $1, group: $2) },
      ])
  }
}

extension Shape where Value == StateSpec {
  static var state: Shape {
    .provider(
      "backend",
      [
        "sqlite": .object(
          "A database on this machine keeps the journal of rollouts.",
          Field.required("backend", .choice([("sqlite", "sqlite")]), "What kind of storage it is."),
          Field.required("path", .path, "The database file.")
        ) { .sqlite(path: $1) },
        "s3": .object(
          "A bucket keeps the journal of rollouts, so that any machine goes on with one.",
          Field.required("backend", .choice([("s3", "s3")]), "What kind of storage it is."),
          Field.required("bucket", .bucket.withVariables, "The bucket."),
          Field.optional(
            "prefix", .keyPrefix.withVariables, default: "", written: "",
            "What the keys of all objects begin with, as a folder."),
          Field.required("region", .region.withVariables, "AWS's name of the bucket's region, us-east-1.")
        ) { .s3(S3Place(region: $3, bucket: $1, prefix: $2)) },
      ])
  }
}

extension Shape where Value == RuntimeSpec {
  static var runtime: Shape {
    Shape<(String?, String, Int)>.object(
      "The local runtime.",
      Field.optional("path", .path, "The directory of its files; \(RuntimeSpec.writtenPath) unless given."),
      Field.optional(
        "host", .host.withVariables, default: "127.0.0.1", written: "127.0.0.1", "The address it listens on."),
      Field.optional(
        "port", .integer(1...65_535).withVariables, default: 8080, written: 8080, "The port it listens on.")
    ) { ($0, $1, $2) }
    .refined { parts, _, reading in
      let path = parts.0 ?? absolutePath(RuntimeSpec.writtenPath, from: reading.directory)
      return RuntimeSpec(path: path, host: parts.1, port: parts.2)
    }
  }
}

extension Shape where Value == String {
  static var host: Shape {
    text("a host name or address", example: "127.0.0.1", pattern: "^[A-Za-z0-9.:-]{1,253}$") {
      $0.wholeMatch(of: /[A-Za-z0-9.:\-]{1,253}/) != nil
    }
  }
}

extension Shape where Value == NotifySpec {
  static var notify: Shape {
    .object(
      "A message to people.",
      Field.required(
        "discord", .verbatim, "The webhook; write it as ${NAME}, which is filled in when a message is sent."),
      Field.required("on", .list(.choice, minimum: 1), "What to tell.")
    ) { NotifySpec(webhook: $0, occasions: $1) }
  }
}

package import RolloutCore

/// What `model.yaml` in a model's directory says: how to serve the model and what it measures.
package struct ModelManifest: Hashable, Sendable {
  package struct Variant: Hashable, Sendable {
    package var environment: [String: String]
    package var metrics: [String: Double]
    /// Absolute paths of the files and folders that belong to this build only; none when it is the full model's
    /// files served differently.
    package var files: [String]

    package init(environment: [String: String] = [:], metrics: [String: Double] = [:], files: [String] = []) {
      self.environment = environment
      self.metrics = metrics
      self.files = files
    }
  }

  package var serve: ServeSpec
  package var metrics: [String: Double]
  package var variants: [String: Variant]

  package init(serve: ServeSpec, metrics: [String: Double] = [:], variants: [String: Variant] = [:]) {
    self.serve = serve
    self.metrics = metrics
    self.variants = variants
  }
}

extension Shape where Value == ModelManifest {
  /// `model.yaml` in the directory of a model.
  static var modelManifest: Shape {
    .object(
      "How to serve a model, and what it measures.",
      Field.required("serve", .serve, "How one model server is run."),
      Field.optional("metrics", .metrics, default: [:], written: [:], "What the model measured, by name."),
      Field.optional(
        "variants", Shape<[Keyed<ModelManifest.Variant>]>.dictionary(.variant, keys: "names of builds"), default: [],
        written: [:], "Builds of the model beside the full one.")
    ) { serve, metrics, variants in
      ModelManifest(
        serve: serve, metrics: metrics,
        variants: Dictionary(uniqueKeysWithValues: variants.map { ($0.key, $0.value) }))
    }
  }
}

extension Shape where Value == ServeSpec {
  static var serve: Shape {
    .object(
      "How one model server is run: it answers GET /ping and POST /invocations.",
      Field.required(
        "command", .list(.verbatim, minimum: 1, maximum: 1_000),
        "Program and arguments, run in the model's directory."),
      Field.optional(
        "environment", .variables, default: [:], written: [:],
        "Variables of the server's environment. The server inherits only harmless ones of the runtime (PATH, HOME, "
          + "the locale, PYTHONPATH, CUDA_* and the like): write NAME: ${NAME} to hand it a secret or a proxy."),
      Field.optional(
        "portVariable", .variableName, default: "SAGEMAKER_BIND_TO_PORT", written: "SAGEMAKER_BIND_TO_PORT",
        "The variable that tells the server its port."),
      Field.optional("health", .urlPath, default: "/ping", written: "/ping", "The path that says whether it is well."),
      Field.optional(
        "cores", .number(0.01...1_024, "a number of cores above zero", example: "1"), default: 1, written: 1,
        "Cores one instance is meant to use; CPUUtilization is 100 when it uses them all."),
      Field.optional(
        "concurrency", .integer(1...10_000), default: 16, written: 16, "Requests one instance handles at a time.")
    ) {
      ServeSpec(
        command: $0, environment: $1, portVariable: $2, healthPath: $3, cores: $4, concurrencyMax: $5)
    }
  }
}

extension Shape where Value == ModelManifest.Variant {
  static var variant: Shape {
    .object(
      "A build of the model: what it changes in how the model is served.",
      Field.optional("environment", .variables, default: [:], written: [:], "Variables added to the server's."),
      Field.optional("metrics", .metrics, default: [:], written: [:], "What this build measured, by name."),
      Field.optional(
        "files", .list(.presentPath, maximum: 1_000), default: [], written: [],
        "The files and folders that belong to this build only; their size is its size.")
    ) { ModelManifest.Variant(environment: $0, metrics: $1, files: $2) }
  }
}

extension Shape where Value == String {
  /// The path of something that is there.
  static var presentPath: Shape {
    path.refined { path, node, reading in reading.isPresent(path, namedAt: node) ? path : nil }
  }
}

extension Shape where Value == [String: Double] {
  static var metrics: Shape {
    Shape<[Keyed<Double>]>.dictionary(.anyNumber, keys: "names of metrics").map { items in
      Dictionary(uniqueKeysWithValues: items.map { ($0.key, $0.value) })
    }
  }
}

extension Shape where Value == [String: String] {
  /// Environment variables. `${NAME}` stays as written until a server starts.
  static var variables: Shape {
    Shape<[Keyed<String>]>.dictionary(.verbatim, keys: "names of variables").map { items in
      Dictionary(uniqueKeysWithValues: items.map { ($0.key, $0.value) })
    }
  }
}

extension Shape where Value == String {
  static var variableName: Shape {
    text("the name of a variable", example: "PORT", pattern: "^[A-Za-z_][A-Za-z0-9_]*$") {
      $0.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil
    }
  }

  static var urlPath: Shape {
    text("a path that begins with '/'", example: "/ping", pattern: "^/[!-~]*$") {
      $0.wholeMatch(of: /\/[!-~]*/) != nil
    }
  }
}

/// One immutable registered version of a model.
package struct ModelPackage: Hashable, Codable, Sendable {
  package var group: String
  package var version: Int
  /// Digest of the contents and of how to serve them; what an approval, a plan and a revision mean by "this model".
  package var digest: Digest
  package var serve: ServeSpec
  /// Metric name → value, as given at registration (`accuracy`, `recall`, …).
  package var metrics: [String: Double]
  /// 0 where the registry does not know it.
  package var sizeBytes: Int64
  /// Builds of the model beside the full one, by name (`quantised`).
  package var variants: [String: ModelVariant]
  package var registeredAt: Timestamp
  package var registeredBy: String
  package var approval: ModelApproval
  /// What SageMaker's registry calls it; `nil` for packages of a local registry.
  package var arn: String?

  package init(
    group: String, version: Int, digest: Digest, serve: ServeSpec, metrics: [String: Double], sizeBytes: Int64,
    variants: [String: ModelVariant] = [:], registeredAt: Timestamp, registeredBy: String, approval: ModelApproval,
    arn: String? = nil
  ) {
    self.group = group
    self.version = version
    self.digest = digest
    self.serve = serve
    self.metrics = metrics
    self.sizeBytes = sizeBytes
    self.variants = variants
    self.registeredAt = registeredAt
    self.registeredBy = registeredBy
    self.approval = approval
    self.arn = arn
  }
}

/// The last word on a package, and whose it was.
package struct ModelApproval: Hashable, Codable, Sendable {
  package enum Status: String, Hashable, Codable, Sendable, CaseIterable {
    case pending = "PendingManualApproval"
    case approved = "Approved"
    case rejected = "Rejected"
  }

  package var status: Status
  package var at: Timestamp
  package var by: String
  package var comment: String?

  package init(status: Status, at: Timestamp, by: String, comment: String? = nil) {
    self.status = status
    self.at = at
    self.by = by
    self.comment = comment
  }

  /// `rejected by maria: biased`.
  package var rejection: String { "rejected by \(by)" + (comment.map { ": \($0)" } ?? "") }
}

/// How to run one model server; the SageMaker container contract (`GET /ping`, `POST /invocations`).
package struct ServeSpec: Hashable, Codable, Sendable {
  /// Program and arguments, run in the package's directory. A first word without `/` is looked up on `PATH`.
  package var command: [String]
  /// `${NAME}` in a value is filled in from the runtime's own environment when the server starts.
  package var environment: [String: String]
  /// The variable that tells the server its port.
  package var portVariable: String
  package var healthPath: String
  /// Cores one instance is meant to use; `CPUUtilization` is 100 when it uses them all.
  package var cores: Double
  /// Requests one instance handles at a time.
  package var concurrencyMax: Int
  /// The container image that SageMaker runs, with its digest where the registry knows it; `command` is empty then.
  package var image: String?

  package init(
    command: [String], environment: [String: String] = [:], portVariable: String = "SAGEMAKER_BIND_TO_PORT",
    healthPath: String = "/ping", cores: Double = 1, concurrencyMax: Int = 16, image: String? = nil
  ) {
    self.command = command
    self.environment = environment
    self.portVariable = portVariable
    self.healthPath = healthPath
    self.cores = cores
    self.concurrencyMax = concurrencyMax
    self.image = image
  }
}

/// A build of the same model: what it changes in how the package is served, and what it measures.
package struct ModelVariant: Hashable, Codable, Sendable {
  package var environment: [String: String]
  package var metrics: [String: Double]
  package var sizeBytes: Int64

  package init(environment: [String: String], metrics: [String: Double], sizeBytes: Int64) {
    self.environment = environment
    self.metrics = metrics
    self.sizeBytes = sizeBytes
  }
}

/// What `Environments/pipeline.yaml` says: one service, its stages in order, and where models and state live.
/// All paths are absolute: the reader resolves them against the file that names them.
package struct Pipeline: Hashable, Codable, Sendable {
  package var service: String
  package var registry: RegistrySpec
  package var state: StateSpec
  package var runtime: RuntimeSpec
  /// Names of environments, in the order in which a model passes through them.
  package var stages: [String]
  package var notify: [NotifySpec]

  package init(
    service: String, registry: RegistrySpec, state: StateSpec, runtime: RuntimeSpec, stages: [String],
    notify: [NotifySpec] = []
  ) {
    self.service = service
    self.registry = registry
    self.state = state
    self.runtime = runtime
    self.stages = stages
    self.notify = notify
  }
}

package enum RegistrySpec: Hashable, Codable, Sendable {
  case local(path: String, group: String)
  case sageMaker(region: String, group: String)

  /// The folder of a local registry; empty for one that is somewhere else.
  package var path: String {
    switch self {
    case .local(let path, _): path
    case .sageMaker: ""
    }
  }
  package var isLocal: Bool {
    switch self {
    case .local: true
    case .sageMaker: false
    }
  }
  package var group: String {
    switch self {
    case .local(_, let group), .sageMaker(_, let group): group
    }
  }
}

package enum StateSpec: Hashable, Codable, Sendable {
  case sqlite(path: String)
  case s3(S3Place)

  /// For people: `/srv/shop/.rollout/rollout.db`, `s3://bucket/prefix`.
  package var title: String {
    switch self {
    case .sqlite(let path): path
    case .s3(let place): place.title
    }
  }
}

/// A part of an S3 bucket.
package struct S3Place: Hashable, Codable, Sendable {
  package var region: String
  package var bucket: String
  /// In front of every key, with `/` at its end unless it is empty.
  package var prefix: String

  package init(region: String, bucket: String, prefix: String) {
    self.region = region
    self.bucket = bucket
    self.prefix = prefix
  }

  package var title: String { "s3://\(bucket)/\(prefix)" }
}

/// Where the local runtime keeps its files and which address users reach it at.
package struct RuntimeSpec: Hashable, Codable, Sendable {
  package var path: String
  package var host: String
  package var port: Int

  package init(path: String, host: String = "127.0.0.1", port: Int = 8080) {
    self.path = path
    self.host = host
    self.port = port
  }
}

/// A message to people. `webhook` is the text as written: `${NAME}` is filled in when a message is sent, so that a
/// secret never enters a plan or the journal.
package struct NotifySpec: Hashable, Codable, Sendable {
  package enum Occasion: String, Hashable, Codable, Sendable, CaseIterable {
    case started = "started"
    case approvalNeeded = "approval-needed"
    case rolledBack = "rolled-back"
    case succeeded = "succeeded"
    case failed = "failed"
  }

  package var webhook: String
  package var occasions: [Occasion]

  package init(webhook: String, occasions: [Occasion]) {
    self.webhook = webhook
    self.occasions = occasions
  }
}

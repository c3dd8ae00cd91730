import Dispatch
package import RolloutCore
import RolloutDigest
package import RolloutEngine

/// Model packages in a directory of this machine: immutable, addressed by their content, verified whenever they are
/// used. Several processes may use it at once, and any of them may be killed at any time.
package struct LocalRegistry: Registry {
  package let path: String

  private let layout: RegistryLayout
  private let files: DurableFiles
  private let blobs: BlobStore
  /// Hashing hundreds of megabytes must not hold up Swift's cooperative pool.
  private let queue = DispatchQueue(label: "rollout.registry", attributes: .concurrent)

  package init(path: String) { self.init(path: path, files: DurableFiles()) }

  init(path: String, files: DurableFiles) {
    self.path = path
    self.files = files
    layout = RegistryLayout(root: path)
    blobs = BlobStore(layout: layout, files: files)
  }

  package func packages(in group: String) async throws(RegistryError) -> [ModelPackage] {
    try await offload { () throws(RegistryError) in try readPackages(in: group) }
  }

  package func package(_ version: Int, in group: String) async throws(RegistryError) -> ModelPackage {
    try await offload { () throws(RegistryError) in try read(version, in: group).package }
  }

  package func verify(_ package: ModelPackage) async throws(RegistryError) {
    try await offload { () throws(RegistryError) in
      let record = try read(package.version, in: package.group, expecting: package.digest)
      for entry in record.files.entries {
        guard case .file(let digest, _, let isExecutable) = entry.content else { continue }
        try blobs.verify(
          digest, isExecutable: isExecutable, path: entry.path, title: "\(package.group) version \(package.version)")
      }
    }
  }

  /// The package's files, in a directory to run its server in. Every digest is verified before this returns.
  /// Servers must not write there: what does not belong to the package is removed when it is next used.
  package func directory(for model: DeployedModel) async throws(RegistryError) -> String {
    try await offload { () throws(RegistryError) in
      let record = try read(model.version, in: model.group, expecting: model.digest)
      let directory = PackageDirectory(path: layout.directory(of: model.digest), record: record, blobs: blobs)
      do {
        try files.makeDirectory(layout.directories)
        try files.locked(directory.path + ".lock") { try directory.restore() }
      } catch {
        throw RegistryError(storage: error)
      }
      return directory.path
    }
  }

  /// Registers a directory as the next version of its group. Contents that the group already has, with the same
  /// metrics, are refused, because a second number for the same model only confuses who approves; the same contents
  /// with other metrics are a new evaluation, and a new version.
  package func register(_ registration: Registration, at now: Timestamp) async throws(RegistryError) -> ModelPackage {
    try await offload { () throws(RegistryError) in
      try RegistrationRun(registration: registration, now: now, layout: layout, files: files, blobs: blobs).run {
        () throws(RegistryError) in try readPackages(in: registration.group)
      }
    }
  }

  /// Appends a decision; the last one counts. Approving an approved version again makes it the latest approved.
  @discardableResult
  package func decide(
    _ status: ModelApproval.Status, version: Int, in group: String, by: String, comment: String?, at: Timestamp
  ) async throws(RegistryError) -> ModelPackage {
    let approval = ModelApproval(status: status, at: at, by: by, comment: comment)
    return try await offload { () throws(RegistryError) in
      let record = try read(version, in: group)
      guard !by.isEmpty else { throw RegistryError(.invalidPackage, "it must be known who decides about a model") }
      do {
        try append(approval, version: version, in: group)
      } catch {
        throw RegistryError(storage: error)
      }
      var package = record.package
      package.approval = approval
      return package
    }
  }

  /// Groups that have a version, ascending.
  package func groups() async throws(RegistryError) -> [String] {
    try await offload { () throws(RegistryError) in
      var groups: [String] = []
      for name in try PackageRecord.names(in: layout.groups).sorted() where try !versions(in: name).isEmpty {
        groups.append(name)
      }
      return groups
    }
  }

  /// Every decision about a version, oldest first, with the one it was registered with.
  package func decisions(about version: Int, in group: String) async throws(RegistryError) -> [ModelApproval] {
    try await offload { () throws(RegistryError) in
      let record = try PackageRecord.read(version, in: group, layout)
      return [record.package.approval] + (try PackageRecord.decisions(about: version, in: group, layout))
    }
  }

  // MARK: - Reading

  private func versions(in group: String) throws(RegistryError) -> [Int] {
    if let problem = RegistryName.problem(with: group, as: "a group") { throw RegistryError(.notFound, problem) }
    return try PackageRecord.names(in: layout.group(group)).compactMap { RegistryLayout.number($0) }.sorted()
  }

  private func readPackages(in group: String) throws(RegistryError) -> [ModelPackage] {
    var packages: [ModelPackage] = []
    for version in try versions(in: group) { packages.append(try read(version, in: group).package) }
    return packages
  }

  private func read(
    _ version: Int, in group: String, expecting digest: Digest? = nil
  ) throws(RegistryError) -> PackageRecord {
    if let problem = RegistryName.problem(with: group, as: "a group") { throw RegistryError(.notFound, problem) }
    var record = try PackageRecord.read(version, in: group, layout)
    if let digest, digest != record.package.digest {
      throw RegistryError(
        .digestMismatch,
        "\(group) version \(version) is not the one that was meant: expected \(digest), found \(record.package.digest)",
        help: "the registry was replaced since; plan again, or name the registry that was used then")
    }
    if let last = try PackageRecord.decisions(about: version, in: group, layout).last { record.package.approval = last }
    return record
  }

  private func append(_ approval: ModelApproval, version: Int, in group: String) throws {
    let folder = layout.decisions(version, in: group)
    try files.locked(layout.lock(ofGroup: group)) {
      let last = try PackageRecord.names(in: folder).compactMap { RegistryLayout.number(String($0.prefix(6))) }.max()
      let bytes = Array((try CanonicalJSON.pretty(approval) + "\n").utf8)
      let place = folder + "/" + sixDigits((last ?? 0) + 1) + ".json"
      // Written beside its place and then moved there, so that nobody ever reads half a decision.
      let draft = folder + "/draft"
      try files.remove(draft)
      try files.create(draft, bytes)
      try files.move(draft, to: place)
    }
  }

  private func offload<Value: Sendable>(
    _ work: @escaping @Sendable () throws(RegistryError) -> Value
  ) async throws(RegistryError) -> Value {
    let result: Result<Value, RegistryError> = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: Result(catching: work)) }
    }
    return try result.get()
  }
}

import Glibc
import RolloutCore
import RolloutDigest
import RolloutEngine

/// One registration. Files become blobs one by one, which nobody can see; then a single rename makes the version
/// appear whole. Killed before it, nothing is registered and the next registration clears up.
struct RegistrationRun {
  let registration: Registration
  let now: Timestamp
  let layout: RegistryLayout
  let files: DurableFiles
  let blobs: BlobStore

  func run(
    existing: @Sendable () throws(RegistryError) -> [ModelPackage]
  ) throws(RegistryError) -> ModelPackage {
    try refuse(registration.problems)
    let walk: DirectoryWalk
    do {
      walk = try DirectoryWalk(registration.directory)
    } catch {
      throw RegistryError(source: error, directory: registration.directory)
    }
    do {
      for folder in [layout.blobs, layout.directories, layout.staging, layout.group(registration.group)] {
        try files.makeDirectory(folder)
      }
      return try inStaging { staging in
        let record = try makeRecord(walk, staging)
        return try files.locked(layout.lock(ofGroup: registration.group)) {
          try publish(record, among: try existing(), staging)
        }
      }
    } catch {
      throw RegistryError(storage: error)
    }
  }

  private func refuse(_ problems: [String]) throws(RegistryError) {
    guard problems.isEmpty else {
      throw RegistryError(
        .invalidPackage, problems.joined(separator: "\n"), help: "correct this and register again; nothing was changed")
    }
  }

  /// Works in a folder of its own. Its lock is held as long as this process lives, so whoever can take the lock of
  /// another folder knows that its owner is dead, and removes it.
  private func inStaging(_ work: (String) throws -> ModelPackage) throws -> ModelPackage {
    let name = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    let staging = layout.staging + "/" + name
    let descriptor = try files.locked(layout.staging + "/lock") {
      for other in try DirectoryWalk.names(in: layout.staging) where other != "lock" { removeIfAbandoned(other) }
      try files.makeDirectory(staging)
      let descriptor = open(staging + "/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
      guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw SystemError.last("lock", staging + "/lock")
      }
      return descriptor
    }
    defer {
      try? files.remove(staging)
      close(descriptor)
    }
    return try work(staging)
  }

  private func removeIfAbandoned(_ name: String) {
    let folder = layout.staging + "/" + name
    let descriptor = open(folder + "/lock", O_RDWR | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    // What cannot be removed now is tried again by the next registration.
    if descriptor < 0 || flock(descriptor, LOCK_EX | LOCK_NB) == 0 { try? files.remove(folder) }
  }

  /// Takes in the files. The version is a placeholder until the group is locked.
  private func makeRecord(_ walk: DirectoryWalk, _ staging: String) throws -> PackageRecord {
    try refuse(walk.found.isEmpty ? ["\(registration.directory) holds no files"] : [])
    var entries: [FileTree.Entry] = []
    for found in walk.found { entries.append(try blobs.add(found, of: registration.directory, staging: staging)) }
    let tree = FileTree(entries: entries)
    try refuse(registration.serve.problem(in: tree).map { [$0] } ?? [])
    let partsBytes = tree.sizeBytes(of: registration.variants.values.flatMap(\.files).sorted()) ?? 0
    let fullBytes = tree.sizeBytes - partsBytes
    let variants = try variants(in: tree, fullBytes: fullBytes)
    return PackageRecord(
      package: ModelPackage(
        group: registration.group, version: 0,
        digest: try PackageRecord.digest(files: tree, serve: registration.serve, variants: variants),
        serve: registration.serve, metrics: registration.metrics, sizeBytes: fullBytes,
        variants: variants, registeredAt: now, registeredBy: registration.by,
        approval: ModelApproval(
          status: registration.status, at: now, by: registration.by, comment: registration.comment)),
      files: tree)
  }

  private func variants(in tree: FileTree, fullBytes: Int64) throws(RegistryError) -> [String: ModelVariant] {
    var variants: [String: ModelVariant] = [:]
    for (name, variant) in registration.variants.sorted(by: { $0.key < $1.key }) {
      guard let sizeBytes = tree.sizeBytes(of: variant.files) else {
        let names = variant.files.filter { tree.sizeBytes(of: [$0]) == nil }.joined(separator: ", ")
        throw RegistryError(
          .invalidPackage, "variant \(name) names \(names), which is not in \(registration.directory)",
          help: "name its files as they are called inside the directory; nothing was changed")
      }
      variants[name] = ModelVariant(
        environment: variant.environment, metrics: variant.metrics,
        sizeBytes: variant.files.isEmpty ? fullBytes : sizeBytes)
    }
    return variants
  }

  private func publish(_ record: PackageRecord, among existing: [ModelPackage], _ staging: String) throws
    -> ModelPackage
  {
    let same = existing.last { $0.digest == record.package.digest && $0.metrics == record.package.metrics }
    if let same {
      throw RegistryError(
        .conflict,
        "\(same.group) has this model already: it is version \(same.version), \(same.approval.status.rawValue)",
        help: "use version \(same.version), or register a model that differs from it")
    }
    var record = record
    record.package.version = (existing.map(\.version).max() ?? 0) + 1
    let draft = staging + "/version"
    try files.makeDirectory(draft + "/decisions")
    try files.create(draft + "/package.json", Array((try CanonicalJSON.pretty(record) + "\n").utf8))
    // A rename never replaces a directory that holds something, so a version number is given once.
    try files.move(draft, to: layout.version(record.package.version, in: record.package.group))
    return record.package
  }
}

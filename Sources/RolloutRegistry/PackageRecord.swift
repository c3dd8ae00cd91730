import FoundationEssentials
import RolloutCore
import RolloutDigest
import RolloutEngine

/// One version as it lies on disk.
struct PackageRecord: Codable, Sendable {
  static let currentFormat = 1

  var format = PackageRecord.currentFormat
  /// With the approval it was registered with; later decisions lie beside the record.
  var package: ModelPackage
  var files: FileTree

  init(package: ModelPackage, files: FileTree) {
    self.package = package
    self.files = files
  }

  /// What makes a package this package: its contents, how they are served, and its builds.
  private struct Identity: Encodable {
    var files: FileTree
    var serve: ServeSpec
    var variants: [String: ModelVariant]
  }

  static func digest(files: FileTree, serve: ServeSpec, variants: [String: ModelVariant]) throws -> Digest {
    try CanonicalJSON.digest(Identity(files: files, serve: serve, variants: variants))
  }
}

extension PackageRecord {
  /// Reads a version and makes sure that it says what it said when it was registered.
  static func read(_ version: Int, in group: String, _ layout: RegistryLayout) throws(RegistryError) -> PackageRecord {
    let path = layout.record(version, in: group)
    let record: PackageRecord = try readJSON(path, orMissing: .notRegistered(version, in: group))
    guard record.format == currentFormat else {
      throw RegistryError(
        .invalidPackage, "\(path) has format \(record.format), this rollout reads \(currentFormat)",
        help: "use the rollout that registered it, or a newer one")
    }
    let found = try? digest(files: record.files, serve: record.package.serve, variants: record.package.variants)
    guard found == record.package.digest, record.package.version == version, record.package.group == group else {
      throw RegistryError(
        .digestMismatch,
        "\(path) was changed after registration: its contents have \(found?.description ?? "no digest"), "
          + "it says \(record.package.digest)",
        help: "restore the file from a backup, or register the model again as a new version")
    }
    return record
  }

  /// Every decision about a version after its registration, oldest first.
  static func decisions(
    about version: Int, in group: String, _ layout: RegistryLayout
  ) throws(RegistryError) -> [ModelApproval] {
    let folder = layout.decisions(version, in: group)
    var decisions: [ModelApproval] = []
    for name in try names(in: folder).filter({ $0.hasSuffix(".json") }).sorted() {
      let path = folder + "/" + name
      decisions.append(
        try readJSON(path, orMissing: RegistryError(.invalidPackage, "\(path) disappeared while it was read")))
    }
    return decisions
  }

  /// Names in a directory of the registry; none when there is no such directory.
  static func names(in directory: String) throws(RegistryError) -> [String] {
    do {
      return try DirectoryWalk.names(in: directory)
    } catch let error as SystemError where error.isMissing {
      return []
    } catch {
      throw RegistryError(storage: error)
    }
  }

  private static func readJSON<Value: Decodable>(
    _ path: String, orMissing missing: RegistryError
  ) throws(RegistryError) -> Value {
    var bytes: [UInt8] = []
    do {
      try FileReader(path).forEachChunk { bytes.append(contentsOf: $0) }
    } catch let error as SystemError where error.isMissing {
      throw missing
    } catch {
      throw RegistryError(storage: error)
    }
    do {
      return try CanonicalJSON.value(Value.self, from: bytes)
    } catch {
      throw RegistryError(
        .invalidPackage, "\(path) is damaged: it is not the JSON that was written",
        help: "restore the file from a backup, or register the model again as a new version")
    }
  }
}

extension RegistryError {
  static func notRegistered(_ version: Int, in group: String) -> RegistryError {
    RegistryError(
      .notFound, "\(group) has no version \(version)", help: "see which there are: rollout models list --group \(group)"
    )
  }
}

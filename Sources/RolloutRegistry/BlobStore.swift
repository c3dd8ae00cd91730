import Glibc
import RolloutCore
import RolloutDigest
import RolloutEngine

/// Contents of files, stored once under their digest.
struct BlobStore: Sendable {
  let layout: RegistryLayout
  let files: DurableFiles

  /// Takes in one file of a directory that is being registered.
  func add(_ found: DirectoryWalk.Found, of directory: String, staging: String) throws(RegistryError) -> FileTree.Entry
  {
    guard case .file(let sizeBytes, let isExecutable) = found.kind else {
      if case .link(let target) = found.kind { return FileTree.Entry(path: found.path, content: .link(target: target)) }
      preconditionFailure("there are files and links")
    }
    let source = directory + "/" + found.path
    let draft = staging + "/blob"
    let copy: (digest: Digest, sizeBytes: Int64)
    do {
      copy = try files.copy(source, to: draft, isExecutable: isExecutable)
    } catch let error as SystemError where error.path == source {
      throw RegistryError(source: error, directory: directory)
    } catch {
      throw RegistryError(storage: error)
    }
    guard copy.sizeBytes == sizeBytes else {
      throw RegistryError(
        .invalidPackage, "\(source) changed while it was being registered", help: "register it when it is complete")
    }
    do {
      try keep(draft, as: copy.digest, isExecutable: isExecutable)
    } catch {
      throw RegistryError(storage: error)
    }
    return FileTree.Entry(
      path: found.path, content: .file(digest: copy.digest, sizeBytes: sizeBytes, isExecutable: isExecutable))
  }

  /// A blob that is there and intact stays, so that the directories made from it stay too; a damaged one is replaced.
  private func keep(_ draft: String, as digest: Digest, isExecutable: Bool) throws {
    let blob = layout.blob(digest, isExecutable: isExecutable)
    if (try? Digest(ofFile: blob)) == digest {
      try files.remove(draft)
    } else {
      try files.makeDirectory(parentPath(blob))
      try files.move(draft, to: blob)
    }
  }

  /// Recomputes the digest of a stored file.
  func verify(_ digest: Digest, isExecutable: Bool, path: String, title: String) throws(RegistryError) {
    let blob = layout.blob(digest, isExecutable: isExecutable)
    let found: Digest
    do {
      found = try Digest(ofFile: blob)
    } catch let error as SystemError where error.isMissing {
      throw RegistryError(
        .digestMismatch, "\(path) of \(title) is gone: \(blob) does not exist",
        help: "restore \(layout.blobs) from a backup, or register the model again as a new version")
    } catch {
      throw RegistryError(storage: error)
    }
    guard found == digest else {
      throw RegistryError(
        .digestMismatch, "\(path) of \(title) is damaged: expected \(digest), found \(found) in \(blob)",
        help: "restore that file from a backup, or register the model again as a new version; do not serve it")
    }
  }
}

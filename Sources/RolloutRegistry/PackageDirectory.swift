import Glibc
import RolloutCore
import RolloutDigest
import RolloutEngine

/// A package's files under their own names, for a server to run in. The directory belongs to the registry: each use
/// makes it again exactly what was registered, and what a server left there is removed.
struct PackageDirectory {
  let path: String
  let record: PackageRecord
  let blobs: BlobStore

  private var title: String { "\(record.package.group) version \(record.package.version)" }

  /// Verifies every stored file, then puts right whatever in the directory is not it.
  func restore() throws(RegistryError) {
    for entry in record.files.entries {
      guard case .file(let digest, _, let isExecutable) = entry.content else { continue }
      try blobs.verify(digest, isExecutable: isExecutable, path: entry.path, title: title)
    }
    do {
      try removeStrangers()
      for entry in record.files.entries { try place(entry) }
    } catch {
      throw RegistryError(storage: error)
    }
  }

  private var folders: Set<String> {
    var folders: Set<String> = [""]
    for entry in record.files.entries {
      var names = entry.path.split(separator: "/").dropLast()
      while !names.isEmpty {
        folders.insert(names.joined(separator: "/"))
        names = names.dropLast()
      }
    }
    return folders
  }

  private func removeStrangers() throws {
    let kept = Set(record.files.entries.map(\.path))
    let folders = folders
    var pending = [""]
    while let folder = pending.popLast() {
      let place = folder.isEmpty ? path : path + "/" + folder
      for name in try PackageRecord.names(in: place) {
        let relative = folder.isEmpty ? name : folder + "/" + name
        if folders.contains(relative) && isFolder(place + "/" + name) {
          pending.append(relative)
        } else if !kept.contains(relative) {
          try blobs.files.remove(place + "/" + name)
        }
      }
    }
  }

  private func isFolder(_ place: String) -> Bool {
    var status = stat()
    return lstat(place, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private func place(_ entry: FileTree.Entry) throws {
    let place = path + "/" + entry.path
    try blobs.files.makeDirectory(parentPath(place))
    switch entry.content {
    case .file(let digest, _, let isExecutable):
      let blob = blobs.layout.blob(digest, isExecutable: isExecutable)
      // The same inode is the same, just verified, bytes.
      if isSameFile(blob, place) { return }
      try blobs.files.remove(place)
      do {
        try blobs.files.link(blob, to: place)
      } catch let error where [EPERM, EMLINK, EXDEV, EOPNOTSUPP].contains(error.number) {
        let copy = try blobs.files.copy(blob, to: place, isExecutable: isExecutable)
        guard copy.digest == digest else { throw SystemError(EIO, "copy", place) }
      }
    case .link(let target):
      if readLink(place) == target { return }
      try blobs.files.remove(place)
      guard symlink(target, place) == 0 else { throw SystemError.last("create", place) }
    }
  }

  private func isSameFile(_ one: String, _ other: String) -> Bool {
    var first = stat()
    var second = stat()
    guard lstat(one, &first) == 0, lstat(other, &second) == 0 else { return false }
    return first.st_ino == second.st_ino && first.st_dev == second.st_dev
  }

  private func readLink(_ place: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(place, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

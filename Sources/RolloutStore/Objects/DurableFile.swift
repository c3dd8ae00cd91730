import Glibc
import RolloutDigest

/// Files that are where they were put after a power cut: contents first, then the folder that names them.
enum DurableFile {
  static func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .last("write", path) }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .last("write", path) }
      written += count
    }
    guard fsync(descriptor) == 0 else { throw .last("write", path) }
  }

  /// Gives a file another name that nobody has yet; `EEXIST` when somebody has. The name is durable once settled.
  static func link(_ draft: String, as path: String) throws(SystemError) {
    guard Glibc.link(draft, path) == 0 else { throw .last("write", path) }
  }

  /// The same, whoever has the name.
  static func replace(_ path: String, by draft: String) throws(SystemError) {
    guard rename(draft, path) == 0 else { throw .last("write", path) }
  }

  /// What is not there is as good as removed.
  static func remove(_ path: String) throws(SystemError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw .last("delete", path) }
  }

  /// Makes what happened to a name last.
  static func settle(_ path: String) throws(SystemError) { try sync(folder(of: path)) }

  /// The folders on the way to `path` that are missing.
  static func makeFolders(to path: String) throws(SystemError) {
    let folder = folder(of: path)
    guard access(folder, F_OK) != 0 else { return }
    if folder != "/" { try makeFolders(to: folder) }
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw .last("create", folder) }
    try sync(self.folder(of: folder))
  }

  private static func folder(of path: String) -> String {
    let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
    return folder.isEmpty ? "/" : folder
  }

  private static func sync(_ folder: String) throws(SystemError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last("write", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .last("write", folder) }
  }
}

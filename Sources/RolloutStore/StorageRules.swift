import FoundationEssentials
import Glibc
import RolloutEngine

/// Where a journal may live.
enum StorageRules {
  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  static func makeFolder(of path: String) throws(JournalError) {
    let folder = folder(of: path)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw JournalError(
        .storageUnavailable, "cannot make the folder \(folder): \(error)",
        help: "give this user the right to write there, or name another state path in pipeline.yaml")
    }
  }

  /// Refuses places where SQLite's locks cannot be relied on.
  static func requireLocal(_ path: String) throws(JournalError) {
    if let kind = networkFileSystem(at: folder(of: path)) {
      throw JournalError(
        .storageUnavailable, "\(path) is on a network file system (\(kind)), whose locks cannot be relied on",
        help: "name a state path on a local disk in pipeline.yaml")
    }
  }

  /// Gives a finished file its name, unless somebody else's has it already: then theirs is the journal.
  static func publish(_ draft: String, as path: String) throws(JournalError) {
    guard link(draft, path) != 0, errno != EEXIST else { return sync(folder(of: path)) }
    throw JournalError(
      .storageUnavailable, "cannot make \(path): \(String(cString: strerror(errno)))",
      help: "name a state path on a disk that this user may write to in pipeline.yaml")
  }

  /// The file, and what SQLite may have left beside it.
  static func remove(_ draft: String) {
    unlink(draft)
    unlink("\(draft)-journal")
  }

  /// A name is as durable as the folder it is in.
  private static func sync(_ folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func folder(of path: String) -> String {
    let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
    return folder.isEmpty ? "/" : folder
  }

  private static let networkKinds: Set<Substring> = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph"]

  /// The kind of the file system that holds `folder`, when it is one of the network: the mount with the longest
  /// matching path in `/proc/self/mounts`.
  private static func networkFileSystem(at folder: String) -> String? {
    guard let table = FileManager.default.contents(atPath: "/proc/self/mounts") else { return nil }
    let real = realpath(folder, nil).map { pointer in
      defer { free(pointer) }
      return String(cString: pointer)
    }
    let path = (real ?? folder) + "/"
    var best: (point: Substring, kind: Substring) = ("", "")
    let text = String(decoding: table, as: UTF8.self)
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2 else { continue }
      let point = fields[1] == "/" ? "/" : fields[1] + "/"
      // A later mount over the same place hides the earlier one.
      if path.hasPrefix(point), point.count >= best.point.count { best = (Substring(point), fields[2]) }
    }
    return networkKinds.contains(best.kind) || best.kind.hasPrefix("fuse.") ? String(best.kind) : nil
  }
}

import Glibc

/// Every file and link below a directory, before anything of them is read. What could mean something else on another
/// machine, or nothing at all, is refused.
package struct DirectoryWalk: Sendable {
  package struct Found: Hashable, Sendable {
    /// Relative to the directory.
    package var path: String
    package var kind: Kind
  }

  package enum Kind: Hashable, Sendable {
    case file(sizeBytes: Int64, isExecutable: Bool)
    case link(target: String)
  }

  /// More than any model has; a mistaken `/` is told from a model by it.
  package static let entriesMax = 100_000

  /// Ascending by the bytes of their paths.
  package let found: [Found]

  /// Throws `SystemError` when something cannot be read and `FileTreeRefusal` when something may not be there.
  package init(_ directory: String) throws {
    let root = try Self.realPath(directory)
    var found: [Found] = []
    var pending = [""]
    while let folder = pending.popLast() {
      for name in try Self.names(in: folder.isEmpty ? root : root + "/" + folder) {
        let path = folder.isEmpty ? name : folder + "/" + name
        var status = stat()
        guard lstat(root + "/" + path, &status) == 0 else { throw SystemError.last("read", root + "/" + path) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: pending.append(path)
        case S_IFREG:
          found.append(
            Found(
              path: path,
              kind: .file(sizeBytes: Int64(status.st_size), isExecutable: status.st_mode & S_IXUSR != 0)))
        case S_IFLNK: found.append(Found(path: path, kind: .link(target: try Self.target(of: path, in: root))))
        default:
          throw FileTreeRefusal(path: path, reason: "is neither a file nor a directory nor a link")
        }
        guard found.count + pending.count <= Self.entriesMax else {
          throw FileTreeRefusal(path: directory, reason: "holds more than \(Self.entriesMax) files")
        }
      }
    }
    self.found = found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// What a directory holds, without `.` and `..`, in no order.
  package static func names(in directory: String) throws -> [String] {
    guard let stream = opendir(directory) else { throw SystemError.last("read", directory) }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw SystemError.last("read", directory) }
        return names
      }
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw FileTreeRefusal(path: directory, reason: "holds a name that is not UTF-8")
      }
      if name != "." && name != ".." { names.append(name) }
    }
  }

  /// A link must lead to something in the same directory, and say so without naming where that is today.
  private static func target(of path: String, in root: String) throws -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(root + "/" + path, &buffer, buffer.count)
    guard count >= 0 else { throw SystemError.last("read", root + "/" + path) }
    guard let target = String(validating: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) else {
      throw FileTreeRefusal(path: path, reason: "is a link to a name that is not UTF-8")
    }
    guard !target.hasPrefix("/") else {
      throw FileTreeRefusal(path: path, reason: "is a link to the absolute path \(target)")
    }
    let destination: String
    do {
      destination = try realPath(root + "/" + path)
    } catch {
      throw FileTreeRefusal(path: path, reason: "is a link to \(target), which does not exist")
    }
    guard destination.hasPrefix(root + "/"), staysInside(target, from: path) else {
      throw FileTreeRefusal(path: path, reason: "is a link to \(target), outside the directory")
    }
    return target
  }

  /// A target may climb no higher than the directory on its way, even if it comes back: the directory's own name is
  /// not part of the tree.
  private static func staysInside(_ target: String, from path: String) -> Bool {
    var depth = path.split(separator: "/").count - 1
    for name in target.split(separator: "/") where name != "." {
      depth += name == ".." ? -1 : 1
      if depth < 0 { return false }
    }
    return true
  }

  private static func realPath(_ path: String) throws(SystemError) -> String {
    guard let resolved = realpath(path, nil) else { throw .last("read", path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// A directory that cannot be kept as it is.
package struct FileTreeRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// Relative to the directory.
  package var path: String
  package var reason: String

  package var description: String { "\(path) \(reason)" }
}

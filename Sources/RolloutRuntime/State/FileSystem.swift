import Glibc

/// The few file operations whose failures must say what to do about them.
enum FileSystem {
  static func makeDirectory(_ path: String) throws(RuntimeError) {
    var partial = ""
    for name in path.split(separator: "/") {
      partial += "/\(name)"
      guard mkdir(partial, 0o700) != 0, errno != EEXIST, errno != EISDIR else { continue }
      throw storageError("the directory \(partial) cannot be made", errno)
    }
  }

  /// Whoever else owns a directory under `/tmp` could put a socket of their own in it.
  static func requireOwned(_ path: String) throws(RuntimeError) {
    var info = stat()
    guard lstat(path, &info) == 0 else { throw storageError("\(path) cannot be read", errno) }
    guard info.st_mode & S_IFMT == S_IFDIR, info.st_uid == getuid(), info.st_mode & 0o077 == 0 else {
      throw RuntimeError(
        .storageUnavailable, "\(path) is not a directory that belongs to you alone",
        help: "remove it, or choose a shorter path for the runtime")
    }
  }

  /// Replaces a file as a whole: after a crash at any moment it is the old one or the new one.
  static func replace(_ path: String, with bytes: [UInt8]) throws(RuntimeError) {
    let temporary = path + ".new"
    let descriptor = open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw storageError("\(path) cannot be written", errno) }
    let failure = write(bytes, to: descriptor) ?? (fsync(descriptor) == 0 ? nil : errno)
    close(descriptor)
    guard failure == nil, rename(temporary, path) == 0 else {
      let reason = failure ?? errno
      unlink(temporary)
      throw storageError("\(path) cannot be written", reason)
    }
    try syncDirectory(of: path)
  }

  static func read(_ path: String) throws(RuntimeError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw storageError("\(path) cannot be read", errno)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count > 0 {
        bytes.append(contentsOf: buffer[..<count])
      } else if errno != EINTR {
        throw storageError("\(path) cannot be read", errno)
      }
    }
  }

  /// The error number, or `nil` when everything was written.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }

  /// A rename is durable only once its directory is.
  private static func syncDirectory(of path: String) throws(RuntimeError) {
    let directory = directory(of: path)
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw storageError("\(directory) cannot be opened", errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw storageError("\(directory) cannot be written", errno) }
  }

  static func directory(of path: String) -> String {
    path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
  }

  /// What a directory holds, in no order; nothing when it cannot be read.
  static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  static func text(of error: Int32) -> String { String(cString: strerror(error)) }

  static func storageError(_ what: String, _ error: Int32) -> RuntimeError {
    let help =
      switch error {
      case ENOSPC, EDQUOT: "free some space on that disk and try again; nothing was changed"
      case EACCES, EPERM, EROFS: "give this user the right to write there, or choose another path for the runtime"
      default: "check the disk and the path, then try again"
      }
    return RuntimeError(.storageUnavailable, "\(what): \(text(of: error))", help: help)
  }
}

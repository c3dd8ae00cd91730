import Glibc
import RolloutCore
import RolloutDigest

/// Changes to files that survive a crash once they return.
struct DurableFiles: Sendable {
  /// Asked before every change; an `errno` fails it. Tests use it to fill the disk or stop the world at each one.
  var fault: @Sendable (_ action: String, _ path: String) -> Int32? = { _, _ in nil }

  private func check(_ action: String, _ path: String) throws(SystemError) {
    if let number = fault(action, path) { throw SystemError(number, action, path) }
  }

  /// Makes the directory and those above it that are missing.
  func makeDirectory(_ path: String) throws(SystemError) {
    var status = stat()
    if stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR { return }
    let parent = parentPath(path)
    if parent != path { try makeDirectory(parent) }
    try check("create", path)
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .last("create", path) }
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw SystemError(ENOTDIR, "create", path)
    }
    try sync(parent)
  }

  /// Makes a read-only file of these bytes; fails if there is one already.
  func create(_ path: String, _ bytes: [UInt8]) throws {
    try check("create", path)
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o444)
    guard descriptor >= 0 else { throw SystemError.last("create", path) }
    defer { close(descriptor) }
    try bytes.withUnsafeBytes { try write($0, to: descriptor, path) }
    try finish(descriptor, path)
  }

  /// Copies a file and says what it read. Throws `SystemError` about whichever of the two paths failed.
  func copy(_ source: String, to path: String, isExecutable: Bool) throws -> (digest: Digest, sizeBytes: Int64) {
    let reader = try FileReader(source)
    try check("create", path)
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError.last("create", path) }
    defer { close(descriptor) }
    var hash = SHA256()
    var sizeBytes: Int64 = 0
    try reader.forEachChunk { chunk in
      hash.update(chunk)
      sizeBytes += Int64(chunk.count)
      try write(chunk, to: descriptor, path)
    }
    guard fchmod(descriptor, isExecutable ? 0o555 : 0o444) == 0 else { throw SystemError.last("write", path) }
    try finish(descriptor, path)
    return (hash.finish(), sizeBytes)
  }

  /// Gives a file or a directory its place. A directory takes the place of nothing; a file replaces one.
  func move(_ source: String, to path: String) throws(SystemError) {
    try check("create", path)
    guard rename(source, path) == 0 else { throw .last("create", path) }
    try sync(parentPath(path))
  }

  /// A second name for a file; fails if the name is taken. Not made durable: only what can be made again is linked.
  func link(_ source: String, to path: String) throws(SystemError) {
    try check("create", path)
    guard Glibc.link(source, path) == 0 else { throw .last("create", path) }
  }

  /// Waits for a file's lock, does the work, lets go. The system lets go for a process that dies.
  func locked<Value>(_ path: String, _ work: () throws -> Value) throws -> Value {
    let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemError.last("lock", path) }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw SystemError.last("lock", path) }
    }
    return try work()
  }

  /// Removes a file, or a directory with all that is in it. What is not there is removed.
  func remove(_ path: String) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in try DirectoryWalk.names(in: path) { try remove(path + "/" + name) }
    }
    guard Glibc.remove(path) == 0 || errno == ENOENT else { throw SystemError.last("remove", path) }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws(SystemError) {
    try check("write", path)
    var written = 0
    while written < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .last("write", path) }
      written += count
    }
  }

  private func finish(_ descriptor: Int32, _ path: String) throws(SystemError) {
    try check("sync", path)
    guard fsync(descriptor) == 0 else { throw .last("sync", path) }
  }

  /// A name survives a crash only once its directory is written.
  private func sync(_ directory: String) throws(SystemError) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last("sync", directory) }
    defer { close(descriptor) }
    try finish(descriptor, directory)
  }
}

/// `/a/b` for `/a/b/c`; `.` for a bare name.
func parentPath(_ path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

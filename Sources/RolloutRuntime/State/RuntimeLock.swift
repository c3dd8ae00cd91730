import Glibc

/// The right to be the one runtime of a directory, held until the process ends, however it ends.
final class RuntimeLock: Sendable {
  private let descriptor: Int32

  init(_ paths: RuntimePaths) throws(RuntimeError) {
    let descriptor = open(paths.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileSystem.storageError("\(paths.lock) cannot be opened", errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      let holder = try Self.holder(paths).map { " (pid \($0))" } ?? ""
      throw RuntimeError(
        .alreadyRunning, "a runtime for \(paths.root) is running already\(holder)",
        help: "use it, or end it with `rollout runtime stop`")
    }
    ftruncate(descriptor, 0)
    if let failure = FileSystem.write(Array("\(getpid())\n".utf8), to: descriptor) {
      close(descriptor)
      throw FileSystem.storageError("\(paths.lock) cannot be written", failure)
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Lets the next one in while this value is still held somewhere.
  func release() { flock(descriptor, LOCK_UN) }

  /// Who wrote the lock last; meaningful only while it is held.
  static func holder(_ paths: RuntimePaths) throws(RuntimeError) -> Int32? {
    try FileSystem.read(paths.lock).flatMap { Int32(String(decoding: $0, as: UTF8.self).filter(\.isNumber)) }
  }

  /// The living process that holds it, if one does.
  static func livingHolder(_ paths: RuntimePaths) throws(RuntimeError) -> Int32? {
    let descriptor = open(paths.lock, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) == 0 ? nil : try holder(paths)
  }
}

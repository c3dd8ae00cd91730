import Glibc
package import RolloutCore

/// A file read from its start, piece by piece, so that its size does not matter.
package struct FileReader: ~Copyable {
  /// Large enough that hashing, not system calls, takes the time.
  package static let chunkBytes = 1_048_576

  private let descriptor: Int32
  private let path: String

  /// Follows no symbolic link at the end of `path`.
  package init(_ path: String) throws(SystemError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw .last("read", path) }
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  /// Calls `body` with each piece of the file, in order.
  package consuming func forEachChunk<Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws where Failure: Error {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkBytes, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw SystemError.last("read", path) }
      guard count > 0 else { return }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}

extension Digest {
  /// The digest of a file's contents, in constant memory.
  package init(ofFile path: String) throws {
    var hash = SHA256()
    try FileReader(path).forEachChunk { hash.update($0) }
    self = hash.finish()
  }
}

import Glibc

/// Why a file was not read.
enum FileRefusal: Error, Hashable {
  case notFound, isDirectory, notRegular
  case tooLarge(bytes: Int64)
  case unreadable(reason: String)
}

/// The bytes of a regular file. Its size is asked before anything is read, so that a file of any size costs nothing;
/// a pipe or a device is refused rather than waited for.
func contents(ofFile path: String, bytesMax: Int) throws(FileRefusal) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else { throw refusal(errno) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw refusal(errno) }
  switch status.st_mode & S_IFMT {
  case S_IFREG: break
  case S_IFDIR: throw .isDirectory
  default: throw .notRegular
  }
  guard status.st_size <= bytesMax else { throw .tooLarge(bytes: Int64(status.st_size)) }

  // One byte more than allowed: the file may grow while it is read.
  var bytes = [UInt8](repeating: 0, count: min(Int(status.st_size), bytesMax) + 1)
  var count = 0
  while count < bytes.count {
    let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + count, $0.count - count) }
    if got == 0 { break }
    guard got > 0 else {
      if errno == EINTR { continue }
      throw refusal(errno)
    }
    count += got
  }
  guard count <= bytesMax else { throw .tooLarge(bytes: Int64(count)) }
  return Array(bytes.prefix(count))
}

private func refusal(_ code: Int32) -> FileRefusal {
  switch code {
  case ENOENT, ENOTDIR: .notFound
  default: .unreadable(reason: String(cString: strerror(code)))
  }
}

import Glibc
import RolloutCore

/// The file that takes what one model server prints, bounded in size: the newest part, and one part before it.
struct ServerLog: Sendable {
  static let bytesMax = 8 * 1_048_576
  static let rotationInterval = TimeSpan.seconds(1)
  /// Fleets of one endpoint whose logs are kept.
  static let fleetsMax = 10
  static let tailBytesMax = 4_096
  static let tailLinesMax = 12

  let path: String

  /// A descriptor to append to, and where what follows begins.
  func open() throws(RuntimeError) -> (descriptor: Int32, offset: Int) {
    try FileSystem.makeDirectory(FileSystem.directory(of: path))
    let descriptor = Glibc.open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileSystem.storageError("the log \(path) cannot be opened", errno) }
    return (descriptor, size)
  }

  private var size: Int {
    var info = stat()
    return stat(path, &info) == 0 ? Int(info.st_size) : 0
  }

  /// Moves a log that has grown too long aside. The server keeps its descriptor, so the file is copied and emptied;
  /// what it prints in between can be lost, which a log of this size can bear.
  func rotate() throws(RuntimeError) {
    guard size > Self.bytesMax, let bytes = try FileSystem.read(path) else { return }
    try FileSystem.replace(path + ".1", with: bytes)
    truncate(path, 0)
  }

  /// Rotates it whenever that is due, until cancelled. A log that cannot be rotated is no reason to stop serving; the
  /// disk's trouble shows where it matters.
  func keepShort(_ clock: RuntimeClock) async {
    while (try? await clock.sleep(Self.rotationInterval)) != nil { try? await Blocking.run { try rotate() } }
  }

  /// The last lines printed since `offset`.
  func lastLines(since offset: Int) -> String {
    let end = size
    // The file may have been rotated meanwhile; then all of it is newer than the offset.
    let start = max(offset <= end ? offset : 0, end - Self.tailBytesMax)
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: max(0, end - start))
    let count = pread(descriptor, &buffer, buffer.count, start)
    let lines = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
      .split(whereSeparator: \.isNewline).suffix(Self.tailLinesMax)
    return lines.joined(separator: "\n")
  }

  /// Removes the logs (`FLEET.INSTANCE.log`) of fleets that `newest` has left far behind.
  static func prune(_ directory: String, newest: Int) {
    for name in FileSystem.names(in: directory) {
      guard name.contains(".log"), let fleet = name.split(separator: ".").first.flatMap({ Int($0) }) else { continue }
      if fleet <= newest - fleetsMax { unlink("\(directory)/\(name)") }
    }
  }
}

import Foundation
import Testing

/// A disk that is soon full. Making one needs root.
struct SmallDisk {
  let path: String

  func fill() throws {
    let filler = URL(filePath: "\(path)/filler")
    _ = FileManager.default.createFile(atPath: filler.path, contents: nil)
    let handle = try FileHandle(forWritingTo: filler)
    defer { try? handle.close() }
    // Ends when the disk is full to the last page.
    while (try? handle.write(contentsOf: Data(count: 4_096))) != nil {}
  }

  func empty() throws { try FileManager.default.removeItem(atPath: "\(path)/filler") }
}

extension Bench {
  func withSmallDisk(
    at path: String, size: String = "512k", _ body: (SmallDisk) async throws -> Void
  ) async throws {
    let disk = SmallDisk(path: folder.appending(path: path).path)
    try FileManager.default.createDirectory(atPath: disk.path, withIntermediateDirectories: true)
    let mount = try await run("/bin/mount", "-t", "tmpfs", "-o", "size=\(size)", "tmpfs", disk.path)
    if mount.status != 0 { try Test.cancel("this machine does not let even root mount: \(mount.errors)") }
    do {
      try await body(disk)
      try await rollout("runtime", "stop").expectSuccess()
      try await run("/bin/umount", disk.path).expectSuccess()
    } catch {
      _ = try? await rollout("runtime", "stop")
      _ = try? await run("/bin/umount", "-l", disk.path)
      throw error
    }
  }

  /// A command to which the disk is read-only, as even root cannot write there.
  func rolloutThatMayOnlyRead(_ disk: SmallDisk, _ command: String) async throws -> Command.Ended {
    let script = #"mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$1" "$2""#
    return try await run(
      "/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, disk.path, Bench.executable.path, command)
  }

  private func run(_ executable: String, _ arguments: String...) async throws -> Command.Ended {
    try await Command(
      URL(filePath: executable), arguments, environment: ProcessInfo.processInfo.environment, in: folder
    ).ended()
  }
}

extension Command.Ended {
  fileprivate func expectSuccess() throws {
    guard status == 0 else { throw Command.Unmet(description: "\(self)") }
  }
}

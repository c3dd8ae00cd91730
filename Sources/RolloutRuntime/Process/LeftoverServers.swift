import Glibc

/// Model servers of a runtime that was killed. The kernel ends those that the runtime started itself; what those had
/// started in turn, workers that share their port and memory, is found by the mark in its environment.
enum LeftoverServers {
  /// Ends them. Only for the holder of the directory's lock: then every marked process is a dead runtime's.
  @discardableResult
  static func end(of root: String) -> [Int32] {
    let mark = Array("\(ServerLaunch.marker)=\(root)".utf8)
    let found = FileSystem.names(in: "/proc").compactMap { Int32($0) }.sorted().filter { pid in
      guard pid != getpid() else { return false }
      // A process of another user, or one that has just ended, cannot be read and is not ours.
      guard let environment = try? FileSystem.read("/proc/\(pid)/environ") else { return false }
      return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
    }
    for pid in found { kill(pid, SIGKILL) }
    return found
  }
}

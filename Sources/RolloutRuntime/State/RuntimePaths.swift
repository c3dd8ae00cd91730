import Glibc
package import RolloutCore
import RolloutDigest

/// Where a runtime keeps its files.
package struct RuntimePaths: Hashable, Sendable {
  /// Absolute, without a trailing slash.
  package let root: String

  package init(root: String) {
    precondition(root.hasPrefix("/"), "a runtime's path is absolute")
    self.root = root.split(separator: "/").reduce("") { "\($0)/\($1)" }
  }

  package var state: String { "\(root)/state.json" }
  package var lock: String { "\(root)/runtime.lock" }
  /// What the daemon itself prints.
  package var log: String { "\(root)/runtime.log" }

  package func log(endpoint: String, instance: InstanceID) -> String {
    "\(root)/logs/\(endpoint)/\(instance.fleet).\(instance.number).log"
  }

  /// `sockaddr_un` holds 107 bytes; some are left for the names that libraries add while binding.
  static let socketBytesMax = 100

  /// The control socket. A root too deep for a socket's address gets one in a private directory under `/tmp`, named
  /// after the root, so that every client finds it without asking.
  package var controlSocket: String {
    let direct = "\(root)/control.sock"
    guard direct.utf8.count > Self.socketBytesMax else { return direct }
    return "/tmp/rollout-\(getuid())/\(Digest(of: root).short).sock"
  }

  /// Names the socket that is used in place of `control.sock`, for people who look for it.
  package var socketNote: String { "\(root)/control.path" }

  var socketDirectory: String { FileSystem.directory(of: controlSocket) }

  /// Makes the directories; they and what is in them are this user's alone.
  func makeDirectories() throws(RuntimeError) {
    for directory in [root, "\(root)/logs", socketDirectory] { try FileSystem.makeDirectory(directory) }
    if socketDirectory != root {
      try FileSystem.requireOwned(socketDirectory)
      try FileSystem.replace(socketNote, with: Array((controlSocket + "\n").utf8))
    }
  }
}

/// Why the local runtime cannot start, or cannot be reached.
package struct RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Codable, Sendable {
    case alreadyRunning, notRunning, stateCorrupt, storageUnavailable, portTaken, startFailed, stopFailed
  }

  package var code: Code
  package var message: String
  /// What the reader can do about it.
  package var help: String

  package init(_ code: Code, _ message: String, help: String) {
    self.code = code
    self.message = message
    self.help = help
  }

  package var description: String { "\(message); \(help)" }
}

import Glibc

/// What the system answered when it was asked to do something with a file.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `errno`.
  package var number: Int32
  /// `read`, `write`, `create`: what was tried.
  package var action: String
  package var path: String

  package init(_ number: Int32, _ action: String, _ path: String) {
    self.number = number
    self.action = action
    self.path = path
  }

  /// The error of the call that failed just before.
  package static func last(_ action: String, _ path: String) -> SystemError { SystemError(errno, action, path) }

  /// `cannot read /models/1: No such file or directory`.
  package var description: String { "cannot \(action) \(path): \(String(cString: strerror(number)))" }

  package var isMissing: Bool { number == ENOENT || number == ENOTDIR }
}

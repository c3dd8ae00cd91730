/// Why the router cannot serve.
package struct RouterError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Sendable { case portTaken, cannotListen }

  package var code: Code
  package var message: String
  /// What the reader can do about it.
  package var help: String

  package init(_ code: Code, _ message: String, help: String) {
    self.code = code
    self.message = message
    self.help = help
  }

  package var description: String { message }
}

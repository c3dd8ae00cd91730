/// Why there is no answer. The code says what may have happened at the other end, which decides whether a request may
/// be repeated.
package struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, Hashable, Sendable {
    /// Certainly nothing was sent.
    case couldNotConnect
    /// Sent, and not answered in time: it may have happened.
    case timedOut
    /// The connection broke after something was sent: it may have happened.
    case connectionLost
    /// The answer is longer than the request allows: it happened.
    case tooLarge
    /// Not a URL that can be asked; nothing was sent.
    case invalidURL
    /// A method or header that HTTP cannot carry; nothing was sent.
    case invalidRequest
    /// No trusted connection could be made; nothing was sent.
    case tls
    /// The task was cancelled: it may have happened.
    case cancelled
  }

  package var code: Code
  package var message: String
  package var help: String?

  package init(_ code: Code, _ message: String, help: String? = nil) {
    self.code = code
    self.message = message
    self.help = help
  }

  package var description: String { message }

  /// Whether the other end certainly never saw the request.
  package var nothingWasSent: Bool {
    switch code {
    case .couldNotConnect, .invalidURL, .invalidRequest, .tls: true
    case .timedOut, .connectionLost, .tooLarge, .cancelled: false
    }
  }
}

import Glibc

/// Where text for people goes. Any other format has standard output to itself, and messages go to standard error.
struct Terminal: Sendable {
  let isTerminal: Bool
  let width: Int
  let color: Bool
  let messagesToStandardError: Bool
  let isForPrograms: Bool

  init(format: OutputFormat, environment: [String: String]) {
    messagesToStandardError = format != .text
    isForPrograms = format == .json
    let descriptor = messagesToStandardError ? STDERR_FILENO : STDOUT_FILENO
    isTerminal = isatty(descriptor) == 1 && environment["CI"] == nil && environment["TERM"] != "dumb"
    color = isTerminal && environment["NO_COLOR"] == nil
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20
    width = isKnown ? min(Int(size.ws_col), 160) : 100
  }

  /// The command's result.
  func print(_ text: String) { Self.write(text + "\n", to: STDOUT_FILENO) }

  /// What happens meanwhile.
  func say(_ text: String) { Self.write(text + "\n", to: messagesToStandardError ? STDERR_FILENO : STDOUT_FILENO) }

  /// Raw bytes for a block that is redrawn in place.
  func redraw(_ text: String) { Self.write(text, to: messagesToStandardError ? STDERR_FILENO : STDOUT_FILENO) }

  static func complain(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      // A reader that went away is no reason to stop a rollout.
      guard count > 0 || errno == EINTR else { return }
      if count > 0 { bytes = bytes.dropFirst(count) }
    }
  }

  /// Asks a person; `nil` when nobody is there to answer.
  func ask(_ question: String) -> String? {
    guard isatty(STDIN_FILENO) == 1 else { return nil }
    Self.write(question + " ", to: messagesToStandardError ? STDERR_FILENO : STDOUT_FILENO)
    return readLine()
  }
}

extension Style {
  init(_ terminal: Terminal) { self.init(color: terminal.color, width: terminal.width) }
}

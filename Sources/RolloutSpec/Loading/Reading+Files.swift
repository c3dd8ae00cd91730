import RolloutDiagnostics

extension Reading {
  /// The bytes of a file that the file being read names; a refusal is reported where it is named.
  mutating func contents(ofFile path: String, bytesMax: Int, namedAt node: YAMLNode) -> [UInt8]? {
    do {
      return try RolloutSpec.contents(ofFile: path, bytesMax: bytesMax)
    } catch {
      diagnostics.report(
        Diagnostic(error, of: path, shownFrom: workingDirectory, bytesMax: bytesMax, at: Label(node.range)))
      return nil
    }
  }

  /// Whether there is a file or a directory; if not, that is reported where it is named.
  mutating func isPresent(_ path: String, namedAt node: YAMLNode) -> Bool {
    if realPath(path) != nil { return true }
    diagnostics.report(
      Diagnostic(FileRefusal.notFound, of: path, shownFrom: workingDirectory, bytesMax: 0, at: Label(node.range)))
    return false
  }
}

extension Diagnostic {
  /// A file that was not read, where it is named or, for a file nobody names, by itself.
  init(_ refusal: FileRefusal, of path: String, shownFrom directory: String, bytesMax: Int, at label: Label) {
    let shown = shownPath(path, from: directory)
    switch refusal {
    case .notFound:
      let neighbour = fileName(of: path).nearest(in: fileNames(in: parent(of: path)))
      self.init(
        .fileNotFound, "there is no file '\(shown)'", at: label,
        help: neighbour.map { "did you mean '\($0)'?" } ?? "create it, or correct the path")
    case .isDirectory:
      self.init(.notAFile, "'\(shown)' is a directory", at: label, help: "name a file in it")
    case .notRegular:
      self.init(.notAFile, "'\(shown)' is not a regular file", at: label, help: "name a file that can be read again")
    case .tooLarge(let bytes):
      self.init(
        .fileTooLarge, "'\(shown)' is too large: it has \(bytes) bytes, and at most \(bytesMax) are read", at: label,
        help: "check that it is the right file")
    case .unreadable(let reason):
      self.init(.fileUnreadable, "'\(shown)' cannot be read: \(reason)", at: label, help: "check its permissions")
    }
  }
}

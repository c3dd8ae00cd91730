import Glibc
import RolloutCore
import RolloutDiagnostics

/// A file that was read: what it says, and the tree that later messages point into.
struct SpecFile<Value: Sendable>: Sendable {
  var value: Value
  var root: YAMLNode
}

/// Reads one file after another and keeps the problems of all of them.
struct SpecFiles: Sendable {
  /// Far more than a person writes, little enough to read at once.
  static let fileBytesMax = 1_000_000

  let variables: [String: String]
  let workingDirectory: String
  var diagnostics = Diagnostics()

  init(variables: [String: String], workingDirectory: String) {
    self.variables = variables
    self.workingDirectory = workingDirectory
  }

  /// Reads the file at an absolute path; a file that is not there is reported where it is named.
  mutating func read<Value>(
    _ path: String, as shape: Shape<Value>, namedAt label: Label?, missing code: DiagnosticCode = .fileNotFound
  ) -> SpecFile<Value>? {
    guard let (root, directory) = document(path, namedAt: label, missing: code) else { return nil }
    var reading = Reading(variables: variables, directory: directory, workingDirectory: workingDirectory)
    let value = shape.read(root, &reading)
    diagnostics.report(contentsOf: reading.diagnostics.sorted)
    return value.map { SpecFile(value: $0, root: root) }
  }

  /// The text of a file that is none of ours.
  mutating func read(
    _ path: String, namedAt label: Label?, missing code: DiagnosticCode = .fileNotFound
  ) -> String? {
    let shown = shownPath(path, from: workingDirectory)
    do {
      return text(of: try contents(ofFile: path, bytesMax: Self.fileBytesMax), shown)
    } catch {
      var diagnostic = Diagnostic(
        error, of: path, shownFrom: workingDirectory, bytesMax: Self.fileBytesMax, at: label ?? Label(.file(shown)))
      if diagnostic.code == .fileNotFound { diagnostic.code = code }
      diagnostics.report(diagnostic)
      return nil
    }
  }

  private mutating func document(
    _ path: String, namedAt label: Label?, missing code: DiagnosticCode
  ) -> (root: YAMLNode, directory: String)? {
    let shown = shownPath(path, from: workingDirectory)
    guard let text = read(path, namedAt: label, missing: code) else { return nil }
    let file = SourceFile(path: shown, text: text)
    var found = Diagnostics()
    let root = YAMLComposer.compose(Array(text.utf8), file: file, into: &found)
    if code == .alarmNotDefined, let label, found.sorted.contains(where: { $0.code == .emptyFile }) {
      diagnostics.report(
        Diagnostic(code, "'\(shown)' defines no alarm", at: label, help: "define it, or take it from the list"))
    } else {
      diagnostics.report(contentsOf: found.sorted)
    }
    guard let root else { return nil }
    // A link's relative paths start where the file really is.
    return (root, parent(of: realPath(path) ?? path))
  }

  private mutating func text(of bytes: [UInt8], _ shown: String) -> String? {
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let file = SourceFile(path: shown, text: String(decoding: bytes, as: UTF8.self))
    let start = SourcePosition(byteOffset: validPrefixCount(bytes), in: bytes)
    diagnostics.report(
      Diagnostic(
        .notUTF8, "the file is not UTF-8 text",
        at: Label(
          SourceRange(file, start..<SourcePosition(line: start.line, column: start.column + 1)), "from here on"),
        help: "save it as UTF-8"))
    return nil
  }
}

/// How many bytes at the start are whole, valid UTF-8.
private func validPrefixCount(_ bytes: [UInt8]) -> Int {
  var parser = Unicode.UTF8.ForwardParser()
  var iterator = bytes.makeIterator()
  var count = 0
  while case .valid(let scalar) = parser.parseScalar(from: &iterator) { count += scalar.count }
  return count
}

/// The path without links; `nil` when nothing is there.
func realPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// The names in a directory, sorted; empty when it cannot be read.
func fileNames(in directory: String) -> [String] {
  guard let stream = opendir(directory) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

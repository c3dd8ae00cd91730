import RolloutDiagnostics

extension Diagnostic {
  /// libyaml's complaint with what people can do about it.
  init(_ error: YAMLSyntaxError, in file: SourceFile, _ bytes: [UInt8]) {
    let position = error.position ?? SourcePosition(byteOffset: error.byteOffset, in: bytes)
    let place = SourceRange(file, position..<SourcePosition(line: position.line, column: position.column + 1))
    let indentation = file.line(position.line).prefix { $0 == " " || $0 == "\t" }
    if let tab = indentation.unicodeScalars.firstIndex(of: "\t") {
      let column = indentation.unicodeScalars.distance(from: indentation.startIndex, to: tab) + 1
      let start = SourcePosition(line: position.line, column: column)
      self.init(
        .tabIndentation, "YAML is indented with spaces, not tabs",
        at: Label(SourceRange(file, start..<SourcePosition(line: start.line, column: column + 1)), "a tab"),
        help: "replace each tab by two spaces")
      return
    }
    let context = error.context.flatMap { context in
      context.position == position ? nil : Label(SourceRange(file, context.position..<context.position), context.text)
    }
    self.init(
      .yamlSyntax, "the file is not valid YAML", at: Label(place, error.problem), and: context.map { [$0] } ?? [],
      help: Self.syntaxHelp(error.problem))
  }

  private static func syntaxHelp(_ problem: String) -> String {
    if problem.contains("mapping values are not allowed") {
      return "quote text that holds ': ', and check that the line above is indented as it should be"
    }
    if problem.contains("cannot start any token") { return "quote text that begins with one of @ ` % & * ! | >" }
    if problem.contains("expected ',' or") { return "close the bracket, or put a comma between the values" }
    if problem.contains("end of stream") { return "close the quote" }
    if problem.contains("expected <block end>") || problem.contains("expected key") {
      return "give keys of the same mapping the same indentation"
    }
    if problem.contains("control characters") { return "remove the character" }
    return "check indentation, colons, quotes and brackets near this place"
  }
}

extension SourcePosition {
  /// Where a byte stands: lines and scalars are counted as libyaml counts them.
  init(byteOffset: Int, in bytes: [UInt8]) {
    let before = String(decoding: bytes.prefix(max(0, byteOffset)), as: UTF8.self)
    let lines = SourceFile(path: "", text: before).lines
    self.init(line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
  }
}

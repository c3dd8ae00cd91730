import Foundation

/// This repository as it lies on disk.
struct Checkout {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every Swift file below a folder, sorted by path.
  static func swiftFiles(in folder: String) throws -> [TidyFile] {
    let base = root.appending(path: folder)
    let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { try file("\(folder)/\($0)") }
  }

  static func file(_ path: String) throws -> TidyFile {
    TidyFile(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
  }

  /// Names in a folder of the repository, sorted; those that git ignores are left out.
  static func names(in folder: String) throws -> [String] {
    let ignored = try file(".gitignore").lines.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 } + [".git"]
    let names = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
    return names.filter { !ignored.contains($0) }.sorted()
  }
}

/// A text file of the repository.
struct TidyFile {
  /// From the root: `Sources/RolloutCore/Values/Percent.swift`.
  let path: String
  let lines: [String]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// `RolloutCore` for files below `Sources/RolloutCore`.
  var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

  /// Lines with their numbers and without their comments, for rules about code. A `//` inside a string ends the line
  /// too early, which hides at most the rest of that line.
  var code: [(number: Int, text: String)] {
    lines.enumerated().map { index, line in
      let end = line.range(of: "//")?.lowerBound ?? line.endIndex
      return (index + 1, String(line[..<end]))
    }
  }

  /// `path:line: what is wrong` for every line of code that the pattern matches.
  func violations(of pattern: Regex<some Any>, _ message: String) -> [String] {
    code.filter { $0.text.contains(pattern) }.map { "\(path):\($0.number): \(message)" }
  }
}

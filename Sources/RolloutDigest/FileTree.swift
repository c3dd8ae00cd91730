package import RolloutCore

/// The files of a directory by what they are rather than where: relative paths, contents, who may run them. Two
/// directories with the same tree behave the same. Empty directories, times and owners do not count.
package struct FileTree: Hashable, Codable, Sendable {
  package struct Entry: Hashable, Codable, Sendable {
    /// Relative to the directory, with `/` between names.
    package var path: String
    package var content: Content

    package init(path: String, content: Content) {
      self.path = path
      self.content = content
    }
  }

  package enum Content: Hashable, Codable, Sendable {
    case file(digest: Digest, sizeBytes: Int64, isExecutable: Bool)
    /// A symbolic link to another place in the same directory.
    case link(target: String)
  }

  /// Ascending by the bytes of their paths.
  package let entries: [Entry]

  package init(entries: [Entry]) {
    self.entries = entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  package var sizeBytes: Int64 {
    entries.reduce(0) { sum, entry in
      if case .file(_, let sizeBytes, _) = entry.content { sum + sizeBytes } else { sum }
    }
  }

  package func digest() throws -> Digest { try CanonicalJSON.digest(self) }

  /// Reads the directory and every file in it.
  package init(of directory: String) throws {
    let walk = try DirectoryWalk(directory)
    self.init(
      entries: try walk.found.map { found in
        switch found.kind {
        case .file(let sizeBytes, let isExecutable):
          let digest = try Digest(ofFile: directory + "/" + found.path)
          return Entry(
            path: found.path, content: .file(digest: digest, sizeBytes: sizeBytes, isExecutable: isExecutable))
        case .link(let target):
          return Entry(path: found.path, content: .link(target: target))
        }
      })
  }
}

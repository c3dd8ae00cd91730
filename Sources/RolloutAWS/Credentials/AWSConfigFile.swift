/// The text of `~/.aws/config` or `~/.aws/credentials`: sections of `key = value`.
struct AWSConfigFile: Hashable {
  /// Section title as written between the brackets → its settings, keys in lower case.
  private(set) var sections: [String: [String: String]] = [:]

  init() {}

  /// Lines that are indented belong to a nested table (`s3 =`) and say nothing that is needed here.
  init(_ text: String, path: String) throws(AWSConfigError) {
    var title: String?
    for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = String(raw).withoutComment.trimmed
      let isNested = raw.first.map { $0 == " " || $0 == "\t" } ?? false
      if line.isEmpty || isNested { continue }
      if line.hasPrefix("[") {
        guard line.hasSuffix("]") else {
          throw AWSConfigError("\(path):\(index + 1): a section's title has no ']'", help: "write it as [profile NAME]")
        }
        let words = line.dropFirst().dropLast().split(whereSeparator: \.isWhitespace)
        let name = words.map(String.init).joined(separator: " ")
        title = name
        sections[name, default: [:]].merge([:]) { old, _ in old }
        continue
      }
      guard let title, let equals = line.firstIndex(of: "=") else {
        throw AWSConfigError(
          "\(path):\(index + 1): this is neither a section nor 'key = value'",
          help: "remove the line, or begin it with #")
      }
      let key = String(line[..<equals]).trimmed.lowercased()
      sections[title, default: [:]][key] = String(line[line.index(after: equals)...]).trimmed
    }
  }
}

/// A setting of the AWS tools that cannot be used as it stands.
package struct AWSConfigError: Error, Hashable, Sendable, CustomStringConvertible {
  package var message: String
  package var help: String

  package init(_ message: String, help: String) {
    self.message = message
    self.help = help
  }

  package var description: String { message }
}

extension String {
  /// A comment takes a whole line, or follows white space: values may hold `#`.
  fileprivate var withoutComment: String {
    if let first = trimmed.first, first == "#" || first == ";" { return "" }
    var previous: Character = "x"
    for index in indices {
      if self[index] == "#" || self[index] == ";", previous.isWhitespace { return String(self[..<index]) }
      previous = self[index]
    }
    return self
  }
}

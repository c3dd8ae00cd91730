import RolloutCore
import RolloutDigest

/// The entries of one append, in one object, so that all of them are there or none is. Lines of text: a header, then the
/// canonical JSON of each entry. Any number of batches may follow one another, as they do in a segment.
struct EntryBatch: Equatable {
  /// Raised when a program that knows only what came before must not write any more: it has read every object that its
  /// own entry would follow.
  static let format = 1

  struct Header: Codable, Equatable {
    var format: Int
    /// Of the first entry.
    var sequence: UInt64
    var count: Int
    /// Hash of the chain before the first entry.
    var prev: Digest
    /// Hash of the chain at the last entry.
    var head: Digest
  }

  /// Why bytes are no batches.
  enum Flaw: Error, Equatable {
    case unreadable
    case newer
  }

  var header: Header
  var bodies: [[UInt8]]

  /// `written` follows `link` and has at least one entry.
  init(_ written: [Fold.Written], after link: ChainLink) {
    precondition(!written.isEmpty, "an append has at least one entry")
    header = Header(
      format: Self.format, sequence: link.sequence + 1, count: written.count, prev: Digest(bytes: link.hash),
      head: Digest(bytes: written[written.count - 1].link.hash))
    bodies = written.map(\.body)
  }

  private init(_ header: Header, _ bodies: [[UInt8]]) {
    self.header = header
    self.bodies = bodies
  }

  /// The last entry.
  var end: UInt64 { header.sequence + UInt64(bodies.count) - 1 }

  var bytes: [UInt8] {
    guard let first = try? CanonicalJSON.bytes(header) else { preconditionFailure("numbers and hashes are JSON") }
    return ([first] + bodies).flatMap { $0 + [Self.lineEnd] }
  }

  /// The batches that stand in `bytes` one after the other.
  static func read(_ bytes: [UInt8]) throws(Flaw) -> [EntryBatch] {
    // Canonical JSON has no line break in it, and what was cut does not end in one.
    var lines = bytes.split(separator: lineEnd, omittingEmptySubsequences: false)
    guard lines.count > 1, lines.removeLast().isEmpty else { throw .unreadable }
    var batches: [EntryBatch] = []
    var rest = lines[...]
    while let line = rest.popFirst() {
      let header = try header(Array(line))
      guard header.count > 0, header.count <= rest.count, header.sequence > 0 else { throw .unreadable }
      batches.append(EntryBatch(header, rest.prefix(header.count).map { Array($0) }))
      rest = rest.dropFirst(header.count)
    }
    return batches
  }

  private static func header(_ line: [UInt8]) throws(Flaw) -> Header {
    struct Version: Decodable { var format: Int }
    guard let version = try? CanonicalJSON.ownValue(Version.self, from: line) else { throw .unreadable }
    guard version.format <= format else { throw .newer }
    guard let header = try? CanonicalJSON.ownValue(Header.self, from: line) else { throw .unreadable }
    return header
  }

  private static let lineEnd = UInt8(ascii: "\n")
}

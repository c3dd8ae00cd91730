/// Stands for a digest where decisions only ask whether two are the same: its first eight bytes. Digests do not meet in
/// them by chance; what somebody might make meet on purpose, decisions of people, is compared in full before.
package struct Token: Hashable, Codable, Sendable {
  package let value: UInt64

  package init(_ value: UInt64) { self.value = value }
  package init(_ digest: Digest) { value = digest.words.0 }

  /// Equal to nothing that was ever shown to anybody.
  static let foreign = Token(0)
}

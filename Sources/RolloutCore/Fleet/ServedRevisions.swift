/// What an endpoint has let all its users have: its own memory of where a way back may lead, whatever anybody's journal
/// says. A canary is not in it, however large its share was.
package struct ServedRevisions: Hashable, Codable, Sendable {
  /// What was taken back is forgotten first, then what is oldest: whoever wants one back rolls it out again.
  package static let countMax = 16

  private struct Served: Hashable, Codable, Sendable {
    var revision: Revision
    /// A way back led past it.
    var isTakenBack: Bool
  }

  /// Oldest first, every revision once.
  private var list: [Served] = []

  package init() {}

  package var isEmpty: Bool { list.isEmpty }

  package func contains(_ digest: Digest) -> Bool { list.contains { $0.revision.digest == digest } }

  /// What served before this one, and was not taken back.
  package func before(_ digest: Digest) -> Revision? {
    guard let place = place(of: digest) else { return list.last { !$0.isTakenBack }?.revision }
    return list[..<place].last { !$0.isTakenBack }?.revision
  }

  /// All users went on to this one.
  mutating func promote(_ revision: Revision) {
    list.removeAll { $0.revision.digest == revision.digest }
    list.append(Served(revision: revision, isTakenBack: false))
    // Not by age alone: the version that failing ones were taken back to may be older than all of them.
    while list.count > Self.countMax { list.remove(at: list.firstIndex(where: \.isTakenBack) ?? 0) }
  }

  /// All users went back to this one: whatever came after it is taken back.
  mutating func goBack(to revision: Revision) {
    guard let place = place(of: revision.digest) else { return promote(revision) }
    list[place].isTakenBack = false
    for later in list.indices[(place + 1)...] { list[later].isTakenBack = true }
  }

  private func place(of digest: Digest) -> Int? { list.firstIndex { $0.revision.digest == digest } }
}

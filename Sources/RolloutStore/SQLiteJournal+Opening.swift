import FoundationEssentials
import GRDB
package import RolloutCore
package import RolloutEngine

extension SQLiteJournal {
  /// Opens the journal at `path`, making the file and its folder when `service` has none yet.
  package init(path: String, service: String, lineage: @autoclosure () -> String, by actor: Actor, at now: Timestamp)
    async throws(JournalError)
  {
    try StorageRules.makeFolder(of: path)
    try StorageRules.requireLocal(path)
    try self.init(opening: path)
    if try await !isJournal(of: service) {
      try await begin(service, lineage: lineage(), by: actor, at: now)
      _ = try await isJournal(of: service)
    }
  }

  /// Opens an existing journal; `nil` when there is none. Writes nothing, so that whoever may only read, or has a full
  /// disk, can look. A journal of an older version is brought up to date by the first thing that is written into it.
  package static func existing(path: String, service: String) async throws(JournalError) -> SQLiteJournal? {
    guard StorageRules.exists(path) else { return nil }
    try StorageRules.requireLocal(path)
    let journal = try SQLiteJournal(opening: path)
    return try await journal.isJournal(of: service) ? journal : nil
  }

  /// `false` for a file in which nothing has begun; throws for anything else that is not this service's journal.
  private func isJournal(of service: String) async throws(JournalError) -> Bool {
    let first = try await reading { database -> Entry? in
      guard try Schema.version(of: database) > 0 else {
        try Schema.requireEmpty(database, at: path)
        return nil
      }
      var first: Entry?
      try walk(after: .genesis, limit: 1, in: database) { entry, _, _ in first = entry }
      return first
    }
    guard let first else { return false }
    guard case .laneCreated(let found, _) = first.event else {
      throw JournalError(.corrupt, "\(path) does not begin as a journal", help: "restore it from a copy")
    }
    guard found == service else {
      throw JournalError(
        .corrupt, "\(path) is the journal of service '\(found)', not '\(service)'",
        help: "name another state path in pipeline.yaml; two services do not share a journal")
    }
    return true
  }

  /// Writes the first entry, unless somebody else has meanwhile.
  private func begin(
    _ service: String, lineage: String, by actor: Actor, at now: Timestamp
  ) async throws(JournalError) {
    try await writing { database in
      guard try head(of: database) == .genesis else { return }
      try insert(
        Entry(
          sequence: 1, at: now, actor: actor, epoch: nil, event: .laneCreated(service: service, lineage: lineage)),
        after: .genesis, in: database)
    }
  }
}

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
    if !StorageRules.exists(path) {
      try await Self.make(path, .laneCreated(service: service, lineage: lineage()), by: actor, at: now)
    }
    try self.init(opening: path)
    try await requireJournal(of: service)
  }

  /// Opens an existing journal; `nil` when there is none. Writes nothing, so that whoever may only read, or has a full
  /// disk, can look. A journal of an older version is brought up to date by the first thing that is written into it.
  package static func existing(path: String, service: String) async throws(JournalError) -> SQLiteJournal? {
    guard StorageRules.exists(path) else { return nil }
    try StorageRules.requireLocal(path)
    let journal = try SQLiteJournal(opening: path)
    try await journal.requireJournal(of: service)
    return journal
  }

  /// A journal appears in its place whole, or not at all: a file without a beginning is one that was cut, and nobody
  /// takes it for a new one.
  private static func make(
    _ path: String, _ beginning: Event, by actor: Actor, at now: Timestamp
  ) async throws(JournalError) {
    let draft = "\(path).\(UUID().uuidString.prefix(8)).new"
    defer { StorageRules.remove(draft) }
    let journal = try SQLiteJournal(opening: draft)
    _ = try await journal.writing { database in
      var fold = Fold()
      let written = try fold.write(beginning, by: actor, epoch: nil, nonce: nil, at: now)
      try journal.insert(written, after: .genesis, in: database)
    }
    do {
      try journal.queue.close()
    } catch {
      throw JournalError(using: path, error)
    }
    try StorageRules.publish(draft, as: path)
  }

  private func requireJournal(of service: String) async throws(JournalError) {
    let first = try await reading { database -> Entry? in
      guard try Schema.version(of: database) > 0 else {
        try Schema.requireEmpty(database, at: path)
        return nil
      }
      var first: Entry?
      try walk(after: .genesis, limit: 1, in: database) { entry, _, _ in first = entry }
      return first
    }
    guard case .laneCreated(let found, _)? = first?.event else {
      throw JournalError(
        .corrupt, "\(path) does not begin as a journal",
        help: "restore it from a copy, or name another state path in pipeline.yaml; nothing was changed")
    }
    guard found == service else { throw .foreign(path, of: found, not: service) }
  }
}

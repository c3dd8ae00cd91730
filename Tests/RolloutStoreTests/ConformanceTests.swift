import Foundation
import JournalConformance
import RolloutCore
import RolloutEngine
import RolloutStore
import Synchronization
import Testing

/// The rules that every journal keeps, held against the one on disk, the one in objects and the plainest one there is.
@Suite struct ConformanceTests {
  private static let maria = Actor(name: "maria", kind: .command, host: "here", pid: 1, version: "test")

  @Test(arguments: JournalRule.all) func `SQLite keeps the rules of a journal`(rule: JournalRule) async throws {
    let path = NSTemporaryDirectory() + "rollout-conformance-\(UUID().uuidString)/rollout.db"
    try await rule.check {
      try await SQLiteJournal(
        path: path, service: "eye-catcher", lineage: "l-1", by: Self.maria, at: Timestamp(milliseconds: 0))
    }
  }

  @Test(arguments: JournalRule.all) func `memory keeps the rules of a journal`(rule: JournalRule) async throws {
    let storage = try await MemoryStorage(service: "eye-catcher", by: Self.maria)
    try await rule.check { storage }
  }

  private func open(_ store: any ObjectStore) async throws -> any Journal {
    try await ObjectJournal(
      in: store, at: "s3://models/state", service: "eye-catcher", lineage: "l-1", by: Self.maria,
      at: Timestamp(milliseconds: 0))
  }

  @Test(arguments: JournalRule.all) func `objects keep the rules of a journal`(rule: JournalRule) async throws {
    let store = FakeObjects()
    try await rule.check { try await open(store) }
  }

  @Test(arguments: JournalRule.all) func `a folder of objects keeps the rules of a journal`(
    rule: JournalRule
  ) async throws {
    let folder = NSTemporaryDirectory() + "rollout-conformance-\(UUID().uuidString)"
    try await rule.check { try await open(try FolderObjects(folder)) }
  }

  @Test(arguments: JournalRule.all) func `objects keep the rules though answers are lost`(
    rule: JournalRule
  ) async throws {
    let lost = Mutex<Set<FakeObjects.Request>>([])
    let store = FakeObjects { request, _ in
      // No append and no lease is answered once the journal is made, and nothing the first time that it is asked for.
      let isAppend = request.key.hasPrefix("entries/") && request.key != "entries/00000000000000000001"
      if request.isPut, isAppend || request.key == "lease" { return .lostAfter }
      return lost.withLock { $0.insert(request).inserted } ? .lostAfter : nil
    }
    try await rule.check { try await open(store) }
  }

  @Test func `a journal whose readers do not see each other breaks the rules`() async throws {
    var broken: [String] = []
    for rule in JournalRule.all {
      do {
        // Opened again, it is another one; only rules that need no second reader hold.
        try await rule.check { try await MemoryStorage(service: "eye-catcher", by: Self.maria) }
      } catch { broken.append(rule.description) }
    }
    #expect(broken.count >= 6, "\(broken)")
  }
}

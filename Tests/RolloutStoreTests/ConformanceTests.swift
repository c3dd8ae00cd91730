import Foundation
import JournalConformance
import RolloutCore
import RolloutEngine
import RolloutStore
import Testing

/// The rules that every journal keeps, held against the one on disk and the plainest one there is.
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

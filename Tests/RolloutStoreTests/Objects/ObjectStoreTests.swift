import Foundation
import JournalConformance
import RolloutStore
import Testing

/// The rules that every store of objects keeps, and what is a folder's own.
@Suite struct ObjectStoreTests {
  private let folder = NSTemporaryDirectory() + "rollout-objects-" + UUID().uuidString

  @Test(arguments: ObjectRule.all) func `a store in memory keeps the rules`(rule: ObjectRule) async throws {
    let store = FakeObjects()
    try await rule.check { store }
  }

  @Test(arguments: ObjectRule.all) func `a folder keeps the rules`(rule: ObjectRule) async throws {
    try await rule.check { [folder] in try FolderObjects(folder) }
  }

  @Test func `a store whose writers do not see each other breaks the rules`() async throws {
    var broken: [String] = []
    for rule in ObjectRule.all {
      do { try await rule.check { FakeObjects() } } catch { broken.append(rule.description) }
    }
    #expect(broken.count >= 6, "\(broken)")
  }

  @Test func `looking makes no folder`() async throws {
    let store = try FolderObjects(folder)
    #expect(try await store.object("a") == nil)
    #expect(try await store.keys(under: "", after: nil).isEmpty)
    #expect(!FileManager.default.fileExists(atPath: folder))
  }

  @Test(arguments: ["", "/a", "a//b", "../a", "a/./b", ".lock", "a/", "a\0b"])
  func `a key leads nowhere else`(key: String) async throws {
    let store = try FolderObjects(folder)
    for ask in [
      { (store: FolderObjects) async throws in _ = try await store.object(key) },
      { store in _ = try await store.put([], as: key, if: .absent) }, { store in try await store.delete(key) },
    ] {
      let error = await #expect(throws: ObjectError.self) { try await ask(store) }
      guard case .refused("InvalidKey", _, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    #expect(!FileManager.default.fileExists(atPath: folder))
  }

  @Test func `what a writer that died left behind is no object`() async throws {
    let store = try FolderObjects(folder)
    _ = try await store.put([1], as: "a", if: .absent)
    try Data([2]).write(to: URL(fileURLWithPath: folder + "/.drafts/half"))
    #expect(try await store.keys(under: "", after: nil) == ["a"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/.drafts") == ["half"])
  }

  @Test func `a folder that cannot be written says so with a remedy`() async throws {
    let store = try FolderObjects("/proc/nowhere")
    let error = await #expect(throws: ObjectError.self) { try await store.put([1], as: "a", if: .absent) }
    guard case .refused(_, let message, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(message.contains("/proc/nowhere"))
  }
}

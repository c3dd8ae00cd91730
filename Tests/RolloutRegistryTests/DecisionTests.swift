import RolloutCore
import RolloutEngine
import Testing

@testable import RolloutRegistry

struct DecisionTests {
  private let fixture: RegistryFixture

  init() throws { fixture = try RegistryFixture() }

  private func decide(
    _ status: ModelApproval.Status, by: String, comment: String? = nil, at: Int64
  ) async throws -> ModelPackage {
    try await fixture.registry.decide(
      status, version: 1, in: "eye-catcher", by: by, comment: comment, at: Timestamp(milliseconds: at))
  }

  @Test func `the last decision counts and every one is kept`() async throws {
    try await fixture.register()
    let approved = try await decide(.approved, by: "ben", at: 10)
    #expect(approved.approval.status == .approved)
    let rejected = try await decide(.rejected, by: "cleo", comment: "biased", at: 20)
    #expect(try await fixture.registry.package(1, in: "eye-catcher") == rejected)
    let decisions = try await fixture.registry.decisions(about: 1, in: "eye-catcher")
    #expect(decisions.map(\.status) == [.pending, .approved, .rejected])
    #expect(decisions.map(\.by) == ["ana", "ben", "cleo"])
    #expect(decisions.map(\.comment) == [nil, nil, "biased"])
  }

  @Test func `a decision changes neither digest nor record`() async throws {
    let package = try await fixture.register()
    let record = fixture.registry.path + "/groups/eye-catcher/000001/package.json"
    let before = try fixture.read(record)
    #expect(try await decide(.approved, by: "ben", at: 10).digest == package.digest)
    #expect(try fixture.read(record) == before)
  }

  @Test func `decisions at once are all kept`() async throws {
    try await fixture.register()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...20 {
        group.addTask {
          _ = try await LocalRegistry(path: fixture.registry.path).decide(
            .approved, version: 1, in: "eye-catcher", by: "approver-\(number)", comment: nil,
            at: Timestamp(milliseconds: 5))
        }
      }
      try await group.waitForAll()
    }
    let decisions = try await fixture.registry.decisions(about: 1, in: "eye-catcher")
    #expect(Set(decisions.map(\.by)).count == 21)
  }

  @Test func `nobody decides about a version that does not exist, and somebody must decide`() async throws {
    let missing = await #expect(throws: RegistryError.self) {
      try await decide(.approved, by: "ben", at: 10)
    }
    #expect(missing?.code == .notFound)
    try await fixture.register()
    let nobody = await #expect(throws: RegistryError.self) { try await decide(.approved, by: "", at: 10) }
    #expect(nobody?.code == .invalidPackage)
  }
}

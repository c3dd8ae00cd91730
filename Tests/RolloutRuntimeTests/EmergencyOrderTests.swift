import Foundation
import RolloutCore
import RolloutEngine
import Testing

@testable import RolloutRuntime

/// Rollbacks of last resort at a real runtime.
@Suite(.serialized) struct EmergencyOrderTests {
  private let request = EmergencyRequest(id: "e1", environment: "production", by: "omar", reason: "wrong labels")

  private func expect(_ code: TargetError.Code, from body: () async throws -> Void) async throws {
    let error = try #require(await #expect(throws: TargetError.self) { try await body() })
    #expect(error.code == code)
  }

  /// What an order was refused for; `nil`: it was obeyed.
  private func outcome(
    _ order: TargetOrder, fence: UInt64, at fixture: RuntimeFixture
  ) async -> TargetError.Code? {
    do {
      try await fixture.perform(order, fence: fence)
      return nil
    } catch { return (error as? TargetError)?.code ?? .ambiguous }
  }

  @Test func `a seal outlives its runtime and is broken by the entry that records it`() async throws {
    try await withTemporaryDirectory { path in
      try await RuntimeFixture.run(at: path) { fixture in
        try await fixture.serve(.fixture(1))
        try await fixture.prepareAndShift(.fixture(2), to: .all, fence: 10)
        let answer = try await fixture.target.revert(RuntimeFixture.endpoint, request)
        #expect(answer.isNew && answer.notKept == nil)
        #expect(try await fixture.invoke(times: 3).versions == ["1": 3])
      }
      try await RuntimeFixture.run(at: path) { fixture in
        try await expect(.sealed) { try await fixture.perform(.prepare(.fixture(2)), fence: 99) }
        try await expect(.sealed) { _ = try await fixture.target.observe(RuntimeFixture.endpoint, fence: 99) }
        try await expect(.sealed) { _ = try await fixture.target.renew(RuntimeFixture.endpoint, fence: 99) }
        try await fixture.target.unseal(RuntimeFixture.endpoint, emergency: "e1", fence: 50)
        try await expect(.fenced) { try await fixture.perform(.prepare(.fixture(2)), fence: 49) }
        try await fixture.perform(.prepare(.fixture(2)), fence: 51)
      }
    }
  }

  @Test func `users are taken back although the disk is full, and the seal is kept once it is not`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1))
      try await fixture.prepareAndShift(.fixture(2), to: .all, fence: 10)
      // A folder where the new state file must be written: no write succeeds, as on a disk without room.
      let obstacle = RuntimePaths(root: fixture.path).state + ".new"
      try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
      let answer = try await fixture.target.revert(RuntimeFixture.endpoint, request)
      #expect(answer.notKept != nil)
      #expect(try await fixture.invoke(times: 3).versions == ["1": 3])
      try await expect(.sealed) { try await fixture.perform(.shift(.all), fence: 12) }
      try FileManager.default.removeItem(atPath: obstacle)
      _ = try await fixture.eventually("the seal on disk") {
        try StateFile(path: RuntimePaths(root: fixture.path).state).load().first?.seal
      }
    }
  }

  @Test func `a disk that hangs holds up orders, and neither users nor a rollback of last resort`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1))
      try await fixture.prepareAndShift(.fixture(2), to: .all, fence: 10)
      // A pipe that nobody reads, where the new state file must be written: opening it waits, as a stuck disk does.
      let pipe = RuntimePaths(root: fixture.path).state + ".new"
      try #require(mkfifo(pipe, 0o600) == 0)
      async let stuck = self.outcome(.promote(Revision.fixture(2).digest, keepWarm: .zero), fence: 12, at: fixture)
      #expect(try await fixture.target.renew(RuntimeFixture.endpoint, fence: 11))
      let answer = try await fixture.target.revert(RuntimeFixture.endpoint, request)
      #expect(answer.notKept == "the disk did not take it within \(StateKeeping.patience)")
      #expect(try await fixture.invoke(times: 3).versions == ["1": 3])
      #expect(try await fixture.target.observe(RuntimeFixture.endpoint, fence: nil).fence == 11, "not obeyed yet")

      // What hung fails in the end, as a pipe cannot be synchronised; everything after it works again.
      let reader = open(pipe, O_RDONLY)
      defer { close(reader) }
      // On a busy machine the order may only have come once the endpoint was sealed.
      let outcome = try await stuck
      #expect([.failed, .sealed].contains(outcome))
      _ = try await fixture.eventually("the seal on disk") {
        try StateFile(path: RuntimePaths(root: fixture.path).state).load().first?.seal
      }
      try await expect(.sealed) { try await fixture.perform(.shift(.all), fence: 13) }
    }
  }

  @Test func `what waits for the disk is obeyed by the endpoint as it is then`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1))
      try await fixture.prepareAndShift(.fixture(2), to: .all, fence: 10)
      // Orders that come together are taken one after the other, and the newest fence wins.
      async let older = outcome(.restore(.fixture(1)), fence: 20, at: fixture)
      async let newer = outcome(.prepare(.fixture(2)), fence: 30, at: fixture)
      let outcomes = try await (older: older, newer: newer)
      #expect([nil, .fenced].contains(outcomes.older))
      #expect(outcomes.newer == nil)
      let kept = try StateFile(path: RuntimePaths(root: fixture.path).state).load()
      #expect(kept.first?.fence == 30, "what was answered is on disk")
    }
  }

  @Test func `an endpoint obeys one journal, whatever the fence of another`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      let old = fixture.target.commanded(by: "old")
      let new = fixture.target.commanded(by: "new")
      try await old.perform(.prepare(.fixture(1)), on: RuntimeFixture.endpoint, fence: 3)
      try await expect(.fenced) { try await new.perform(.restore(nil), on: RuntimeFixture.endpoint, fence: 99) }
      try await expect(.fenced) { _ = try await new.observe(RuntimeFixture.endpoint, fence: 99) }
      try await new.adopt(RuntimeFixture.endpoint, by: "new", expecting: 3)
      try await expect(.fenced) { try await old.perform(.restore(nil), on: RuntimeFixture.endpoint, fence: 99) }
      try await new.perform(.prepare(.fixture(2)), on: RuntimeFixture.endpoint, fence: 1)
    }
  }
}

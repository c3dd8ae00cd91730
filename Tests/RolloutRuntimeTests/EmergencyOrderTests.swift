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

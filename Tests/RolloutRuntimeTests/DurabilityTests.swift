import Foundation
import Glibc
import RolloutCore
import RolloutDigest
import RolloutEngine
import RolloutHTTP
import Testing

@testable import RolloutRuntime

@Suite(.serialized) struct DurabilityTests {
  @Test func `what was accepted survives a restart, but no share does`() async throws {
    try await withTemporaryDirectory { path in
      try await RuntimeFixture.run(at: path) { fixture in
        try await fixture.serve(.fixture(1))
        try await fixture.prepareAndShift(.fixture(2), to: .all, fence: 10)
        #expect(try await fixture.invoke(times: 2).versions == ["2": 2])
      }
      try await RuntimeFixture.run(at: path) { fixture in
        let seen = try await fixture.eventuallyObserved("both fleets") {
          $0.stable?.ready == 1 && $0.canary?.fleet.ready == 1
        }
        #expect(seen.fence == 11)
        #expect(seen.canary?.share == Percent.none)
        #expect(seen.canary?.leaseIsLive == false)
        #expect(try await fixture.invoke(times: 3).versions == ["1": 3])
        let error = try #require(
          await #expect(throws: TargetError.self) { try await fixture.perform(.restore(nil), fence: 10) })
        #expect(error.code == .fenced)
      }
    }
  }

  @Test func `the fence of a refused order survives a restart`() async throws {
    try await withTemporaryDirectory { path in
      try await RuntimeFixture.run(at: path) { fixture in
        try await fixture.perform(.prepare(.fixture(1)), fence: 1)
        try await expect(.refused) { try await fixture.perform(.promote(Digest(of: "x"), keepWarm: .zero), fence: 5) }
      }
      try await RuntimeFixture.run(at: path) { fixture in
        try await expect(.fenced) { try await fixture.perform(.restore(nil), fence: 4) }
      }
    }
  }

  @Test func `a share that comes before its servers is asked for again, not refused`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      // Nothing is listening before a server has started, so the very next order comes too early.
      try await fixture.perform(.prepare(.fixture(1)), fence: 1)
      try await expect(.throttled) { try await fixture.perform(.shift(.all), fence: 2) }
      _ = try await fixture.eventuallyObserved("a ready canary") { $0.canary?.fleet.ready == 1 }
      try await fixture.perform(.shift(.all), fence: 2)
      #expect(try await fixture.invoke(times: 1).versions == ["1": 1])
    }
  }

  private func expect(_ code: TargetError.Code, from body: () async throws -> Void) async throws {
    let error = try #require(await #expect(throws: TargetError.self) { try await body() })
    #expect(error.code == code)
  }

  @Test(arguments: ["{", "not json at all", ""])
  func `a damaged state is refused and left as it is`(content: String) async throws {
    try await withTemporaryDirectory { path in
      let file = URL(fileURLWithPath: path + "/state.json")
      try Data(content.utf8).write(to: file)
      let error = try #require(
        await #expect(throws: RuntimeError.self) { try await RuntimeFixture.run(at: path) { _ in } })
      #expect(error.code == .stateCorrupt)
      #expect(try Data(contentsOf: file) == Data(content.utf8))
    }
  }

  @Test func `a state that was edited is refused`() throws {
    try withTemporaryFile { path in
      let file = StateFile(path: path)
      var machine = EndpointMachine(name: "eye")
      try machine.observe(fence: 5)
      try file.save([machine.record(at: .zero, wall: Timestamp(milliseconds: 0))])
      #expect(try file.load().map(\.fence) == [5])
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try text.replacing("\"fence\":5", with: "\"fence\":6").write(toFile: path, atomically: true, encoding: .utf8)
      let error = try #require(#expect(throws: RuntimeError.self) { try file.load() })
      #expect(error.code == .stateCorrupt)
    }
  }

  @Test func `an order that cannot be kept is not taken`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      // A directory where the new state would be written: every write fails, as on a full disk.
      mkdir(fixture.path + "/state.json.new", 0o700)
      let error = try #require(
        await #expect(throws: TargetError.self) { try await fixture.perform(.prepare(.fixture(1)), fence: 1) })
      #expect(error.code == .failed)
      #expect(error.message.contains("could not keep the order"))
      #expect(try await fixture.target.observe(RuntimeFixture.endpoint, fence: nil) == EndpointObservation(fence: 0))

      rmdir(fixture.path + "/state.json.new")
      try await fixture.perform(.prepare(.fixture(1)), fence: 1)
    }
  }

  @Test func `one directory has one runtime, and the second is told whose it is`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      let error = try #require(
        await #expect(throws: RuntimeError.self) { try await RuntimeFixture.run(at: fixture.path) { _ in } })
      #expect(error.code == .alreadyRunning)
      #expect(error.message == "a runtime for \(fixture.path) is running already (pid \(getpid()))")
    }
  }

  @Test func `a directory too deep for a socket gets one elsewhere`() async throws {
    try await withTemporaryDirectory { path in
      let deep = path + "/" + String(repeating: "d", count: 120)
      try await RuntimeFixture.run(at: deep) { fixture in
        #expect(try await fixture.target.status().path == deep)
        let note = try String(contentsOfFile: deep + "/control.path", encoding: .utf8)
        #expect(note == RuntimePaths(root: deep).controlSocket + "\n")
        var info = stat()
        #expect(stat(RuntimePaths(root: deep).controlSocket, &info) == 0)
        #expect(info.st_mode & 0o777 == 0o600)
      }
    }
  }

  @Test func `without a runtime an order certainly did not happen`() async throws {
    try await withTemporaryDirectory { path in
      let target = LocalTarget(path: path)
      let error = try #require(
        await #expect(throws: TargetError.self) { try await target.perform(.restore(nil), on: "eye", fence: 1) })
      #expect(error.code == .failed)
      #expect(error.message.hasPrefix("no local runtime answers for \(path); start it with `rollout runtime start`"))
    }
  }

  private func withTemporaryFile(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.path + "/rollout-state-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }
}

import Glibc
import RolloutCore
import RolloutHTTP
import Testing

@testable import RolloutRuntime

struct DaemonTests {
  @Test func `a daemon that dies before it serves says what it printed`() async throws {
    try await withTemporaryDirectory { path in
      let process = RuntimeProcess(path: path)
      #expect(await process.isRunning == false)
      let error = try #require(
        await #expect(throws: RuntimeError.self) {
          try await process.start("sh", ["-c", "echo port 8080 is taken >&2; exit 3"])
        })
      #expect(error.code == .startFailed)
      #expect(error.message == "the runtime exited with code 3 before it served; it last printed:\nport 8080 is taken")
    }
  }

  @Test func `a daemon that never serves is given up`() async throws {
    try await withTemporaryDirectory { path in
      let error = try #require(
        await #expect(throws: RuntimeError.self) {
          try await RuntimeProcess(path: path).start("tail", ["-f", "/dev/null"], within: .milliseconds(1))
        })
      #expect(error.message.hasPrefix("the runtime did not serve within 1ms"))
    }
  }

  @Test func `a program that is not there is named`() async throws {
    try await withTemporaryDirectory { path in
      let error = try #require(
        await #expect(throws: RuntimeError.self) { try await RuntimeProcess(path: path).start("/no/such", []) })
      #expect(error.message == "the runtime's program /no/such cannot be started: No such file or directory")
    }
  }

  @Test func `stopping what does not run is no error`() async throws {
    try await withTemporaryDirectory { path in
      let wasRunning = try await RuntimeProcess(path: path).stop()
      #expect(!wasRunning)
    }
  }

  @Test func `a second start names the one that runs`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      let process = RuntimeProcess(path: fixture.path)
      let status = try await process.startIfNeeded("false", [])
      #expect(status.pid == getpid())
      #expect(status.version == "1.2.3")
      #expect(status.address == fixture.runtime.address)
      let error = try #require(
        await #expect(throws: RuntimeError.self) { try await process.start("false", []) })
      #expect(error.code == .alreadyRunning)
      #expect(error.message.contains("pid \(getpid()), \(status.address)"))
    }
  }
}

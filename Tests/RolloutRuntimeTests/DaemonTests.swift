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

  @Test func `who loses the race to start waits for the one who won`() async throws {
    try await withTemporaryDirectory { path in
      // It holds the directory's lock from here on, and does not serve yet.
      let winner = try await RuntimeFixture.make(at: path)
      let (waits, waited) = AsyncStream.makeStream(of: Void.self)
      var clock = RuntimeClock.system()
      clock.sleep = { [sleep = clock.sleep] span in
        waited.yield()
        try await sleep(span)
      }
      let loser = RuntimeProcess(path: path, clock: clock)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          let status = try await loser.startIfNeeded("false", [], within: .minutes(5))
          #expect(status.pid == getpid())
          try await LocalTarget(path: path).shutDown()
        }
        group.addTask {
          var waits = waits.makeAsyncIterator()
          for _ in 1...3 { await waits.next() }
          try await winner.run()
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func `a winner that never serves is not waited for beyond the limit`() async throws {
    try await withTemporaryDirectory { path in
      let winner = try await RuntimeFixture.make(at: path)
      let error = try #require(
        await #expect(throws: RuntimeError.self) {
          try await RuntimeProcess(path: path).startIfNeeded("false", [], within: .milliseconds(300))
        })
      #expect(error.code == .startFailed)
      #expect(error.message.contains("another runtime (pid \(getpid()))"), "\(error.message)")
      #expect(error.message.contains("did not serve within 300ms"), "\(error.message)")
      withExtendedLifetime(winner) {}
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

import Foundation
import Glibc
import RolloutCore
import RolloutEngine
import RolloutHTTP
import Testing

@testable import RolloutRuntime

@Suite(.serialized) struct SupervisionTests {
  @Test func `a killed server is replaced, and users of the others see no error`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1, instances: 2))
      let victim = try RuntimeFixture.Answer(await fixture.invoke()).pid
      kill(victim, SIGKILL)
      // Also the requests that meet the dead server before anybody has noticed.
      #expect(try await fixture.invoke(times: 50).statuses == [200: 50])
      let restarted = try await fixture.eventually("a replacement") {
        let instances = try await fixture.target.status().endpoints.flatMap(\.instances)
        return instances.first { $0.restarts == 1 && $0.state == "ready" }
      }
      #expect(restarted.pid != victim)
      #expect(try await fixture.target.observe(RuntimeFixture.endpoint, fence: nil).stable?.failure == nil)
    }
  }

  @Test func `a stopped runtime leaves no process behind`() async throws {
    try await withTemporaryDirectory { path in
      let (pids, found) = AsyncStream.makeStream(of: Int32.self)
      try await RuntimeFixture.run(at: path) { fixture in
        try await fixture.serve(.fixture(1, instances: 2))
        for instance in try await fixture.target.status().endpoints.flatMap(\.instances) {
          found.yield(try #require(instance.pid))
        }
        found.finish()
      }
      for await pid in pids {
        #expect(kill(pid, 0) == -1)
        #expect(errno == ESRCH)
      }
    }
  }

  @Test func `servers inherit no sockets, and get a process group, a port and a log of their own`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      try await fixture.serve(.fixture(1, instances: 2))
      let instances = try await fixture.target.status().endpoints.flatMap(\.instances)
      #expect(Set(instances.compactMap(\.port)).count == 2)
      #expect(instances.map(\.id) == ["eye/1.1", "eye/1.2"])
      for instance in instances {
        let pid = try #require(instance.pid)
        #expect(getpgid(pid) == pid)
        #expect(ServerLog(path: instance.log).lastLines(since: 0) == "starting version 1")
        #expect(try openSockets(of: pid) <= 2, "its own listener, and perhaps a health check under way")
      }
    }
  }

  @Test func `instances grow under load and shrink after it`() async throws {
    try await RuntimeFixture.inTemporaryDirectory { fixture in
      let policy = ScalingPolicy(
        minimum: 1, maximum: 2, invocationsPerInstance: 600, scaleOutCooldown: .seconds(1),
        scaleInCooldown: .seconds(1), period: .seconds(1))
      try await fixture.serve(.fixture(1, autoscaling: policy))
      _ = try await fixture.eventually("two instances") {
        // Far above 600 a minute for one instance.
        _ = try await fixture.invoke(times: 10)
        return try await fixture.target.observe(RuntimeFixture.endpoint, fence: nil).stable?.ready == 2 ? true : nil
      }
      _ = try await fixture.eventually("one instance again") {
        // A little traffic, because no data at all never scales.
        _ = try await fixture.invoke(times: 1)
        return try await fixture.target.observe(RuntimeFixture.endpoint, fence: nil).stable?.desired == 1 ? true : nil
      }
    }
  }

  private func openSockets(of pid: Int32) throws -> Int {
    let directory = "/proc/\(pid)/fd"
    return try FileManager.default.contentsOfDirectory(atPath: directory).count { name in
      let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\(name)")
      return link?.hasPrefix("socket:") == true
    }
  }
}

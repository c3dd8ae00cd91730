import Foundation
import Glibc
import RolloutCore
import Testing

@testable import RolloutRuntime

struct ProcessTests {
  @Test func `a process's usage is read past a name full of traps`() throws {
    let stat = try #require(
      ProcessStat("42 (a ) b) (c) S 1 40 40 0 -1 4194560 1 2 3 4 250 50 7 3 20 0 5 0 1 1000 25 18446744073709551615"))
    #expect(stat.group == 40)
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    #expect(stat.cpuSeconds == 310 / ticks)
    #expect(stat.residentBytes == 25 * Int64(sysconf(Int32(_SC_PAGESIZE))))
    #expect(ProcessStat("garbage") == nil)
    #expect(ProcessStat("1 (x) S 1") == nil)
  }

  @Test func `this very process has used something`() throws {
    let group = getpgid(0)
    let usage = try #require(ProcessUsage.ofGroups([group])[group])
    #expect(usage.residentBytes > 0)
    #expect(ProcessUsage.ofGroups([]).isEmpty)
  }

  @Test func `a package's environment is filled in from the runtime's`() throws {
    var launch = try launch(environment: ["MODEL": "/m/${NAME}/x", "PLAIN": "$5"])
    let filled = try launch.environment(port: 81, runtime: ["NAME": "vit", "PATH": "/bin"])
    #expect(filled["MODEL"] == "/m/vit/x")
    #expect(filled["PLAIN"] == "$5")
    #expect(filled["PATH"] == "/bin")
    #expect(filled["SAGEMAKER_BIND_TO_PORT"] == "81")
    #expect(filled["PORT"] == "81")
    #expect(filled["ROLLOUT_MODEL_VERSION"] == "1")
    #expect(filled["ROLLOUT_RUNTIME_PATH"] == "/runtime")

    launch = try self.launch(environment: ["MODEL": "${NAME"])
    #expect(throws: LaunchError.self) { try launch.environment(port: 81, runtime: ["NAME": "vit"]) }
  }

  @Test func `a model server inherits what is harmless, and a secret only by name`() throws {
    let runtime = [
      "PATH": "/bin", "LC_ALL": "C.UTF-8", "CUDA_VISIBLE_DEVICES": "0", "PYTHONPATH": "/lib",
      "PYTHONDONTWRITEBYTECODE": "", "AWS_SECRET_ACCESS_KEY": "hunter2", "ROLLOUT_DISCORD_WEBHOOK": "hunter2",
      "HTTPS_PROXY": "http://me:hunter2@proxy", "HF_TOKEN": "token",
    ]
    let plain = try launch(environment: [:]).environment(port: 81, runtime: runtime)
    #expect(plain["LC_ALL"] == "C.UTF-8")
    #expect(plain["CUDA_VISIBLE_DEVICES"] == "0")
    #expect(plain["PYTHONPATH"] == "/lib")
    #expect(plain["PYTHONDONTWRITEBYTECODE"] == "1")
    #expect(!plain.values.contains { $0.contains("hunter2") || $0 == "token" })

    let asked = try launch(environment: ["TOKEN": "${HF_TOKEN}", "PYTHONDONTWRITEBYTECODE": ""])
      .environment(port: 81, runtime: runtime)
    #expect(asked["TOKEN"] == "token")
    #expect(asked["HF_TOKEN"] == nil)
    #expect(asked["PYTHONDONTWRITEBYTECODE"] == "")
  }

  @Test func `a log keeps its newest part and the part before`() throws {
    let path = FileManager.default.temporaryDirectory.path + "/rollout-log-\(UUID().uuidString)/1.1.log"
    defer { try? FileManager.default.removeItem(atPath: String(path.dropLast("/1.1.log".count))) }
    let log = ServerLog(path: path)
    let (descriptor, start) = try log.open()
    defer { close(descriptor) }
    #expect(start == 0)
    #expect(FileSystem.write(Array("one\ntwo\n".utf8), to: descriptor) == nil)
    #expect(log.lastLines(since: 4) == "two")
    try log.rotate()
    #expect(log.lastLines(since: 0) == "one\ntwo", "a short log stays")
    #expect(FileSystem.write([UInt8](repeating: 10, count: ServerLog.bytesMax), to: descriptor) == nil)
    try log.rotate()
    #expect(FileSystem.write(Array("three\n".utf8), to: descriptor) == nil)
    #expect(log.lastLines(since: 8) == "three")
    #expect(FileManager.default.fileExists(atPath: path + ".1"))
  }

  @Test func `what a killed runtime left behind is ended, and nothing else`() throws {
    let own = try IdleProcess(["\(ServerLaunch.marker)=/mine"])
    let other = try IdleProcess(["\(ServerLaunch.marker)=/mine/not"])
    #expect(LeftoverServers.end(of: "/mine") == [own.pid])
    #expect(own.ended() & 0x7F == SIGKILL)
    #expect(kill(other.pid, 0) == 0)
    #expect(other.ended() == 0, "it ends by itself, with its input")
  }

  @Test func `the logs of long gone fleets are removed`() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/rollout-logs-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileSystem.makeDirectory(directory)
    for name in ["1.1.log", "1.1.log.1", "15.2.log", "20.1.log", "notes.txt"] {
      try FileSystem.replace("\(directory)/\(name)", with: [])
    }
    ServerLog.prune(directory, newest: 20)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["15.2.log", "20.1.log", "notes.txt"])
  }

  private func launch(environment: [String: String]) throws -> ServerLaunch {
    ServerLaunch(
      root: "/runtime", endpoint: "eye", instance: InstanceID(fleet: 1, number: 1),
      content: try Revision.fixture(1, environment: environment).content, log: ServerLog(path: "/unused"))
  }
}

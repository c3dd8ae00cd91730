import RolloutCore
import Testing

struct FleetSupervisionTests {
  private let id = InstanceID(fleet: 1, number: 1)
  private let exit = InstanceEvent.exited(status: "exited with code 1", lastLines: "boom")

  private func instance(_ template: EndpointTemplate = EndpointTemplate()) -> InstanceMachine {
    InstanceMachine(id: id, policy: SupervisionPolicy(), template: template, healthPath: "/ping")
  }

  private func ready(pid: Int32 = 1, at now: TimeSpan = .zero) -> InstanceMachine {
    var machine = instance()
    _ = machine.receive(.started(ServerProcess(pid: pid, port: 80)), at: now)
    _ = machine.receive(.healthPassed(pid: pid), at: now)
    return machine
  }

  @Test func `a server is ready only after its first passed health check`() {
    var machine = instance()
    #expect(!machine.isReady)
    _ = machine.receive(.started(ServerProcess(pid: 1, port: 80)), at: .zero)
    _ = machine.receive(.healthFailed(pid: 1), at: .zero)
    #expect(!machine.isReady)
    _ = machine.receive(.healthPassed(pid: 1), at: .zero)
    #expect(machine.isReady)
  }

  @Test func `backoff doubles from a quarter of a second to half a minute`() {
    let policy = SupervisionPolicy()
    #expect(
      (1...9).map { policy.backoff(after: $0).milliseconds } == [
        250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
      ])
    #expect(policy.backoff(after: .max) == .seconds(30))
  }

  @Test func `a crashed server starts again after its backoff`() {
    var machine = ready()
    #expect(machine.receive(exit, at: .seconds(1)) == nil)
    #expect(machine.advance(to: .milliseconds(1_249)) == nil)
    #expect(machine.advance(to: .milliseconds(1_250)) == .launch)
    #expect(machine.restarts == 1)
    #expect(machine.failure == nil)
  }

  @Test func `four crashes in a row are a failure that quotes the log`() {
    var machine = instance()
    var now = TimeSpan.zero
    for pid in Int32(1)...4 {
      #expect(machine.failure == nil)
      _ = machine.receive(.started(ServerProcess(pid: pid, port: 80)), at: now)
      _ = machine.receive(exit, at: now)
      now = now + .seconds(30)
      #expect(machine.advance(to: now) == .launch, "restarts go on")
    }
    #expect(machine.failure == "the model server exited with code 1, 4 crashes in a row; it last printed:\nboom")
  }

  @Test func `a server that stays ready has left its crashes behind`() {
    var machine = ready()
    _ = machine.receive(exit, at: .zero)
    _ = machine.advance(to: .seconds(1))
    _ = machine.receive(.started(ServerProcess(pid: 2, port: 80)), at: .seconds(1))
    _ = machine.receive(.healthPassed(pid: 2), at: .seconds(1))
    #expect(machine.crashes == 1)
    _ = machine.advance(to: .seconds(31))
    #expect(machine.crashes == 0)
  }

  @Test func `three failed checks in a row replace a server, two do not`() {
    var machine = ready()
    #expect(machine.receive(.healthFailed(pid: 1), at: .zero) == nil)
    #expect(machine.receive(.healthFailed(pid: 1), at: .zero) == nil)
    _ = machine.receive(.healthPassed(pid: 1), at: .zero)
    #expect(machine.receive(.healthFailed(pid: 1), at: .zero) == nil)
    #expect(machine.receive(.healthFailed(pid: 1), at: .zero) == nil)
    #expect(machine.receive(.healthFailed(pid: 1), at: .zero) == .kill)
    #expect(!machine.isReady)
    _ = machine.receive(exit, at: .zero)
    #expect(machine.advance(to: .seconds(1)) == .launch)
  }

  @Test func `checks of a process that was replaced are ignored`() {
    var machine = ready(pid: 5)
    for _ in 1...9 { #expect(machine.receive(.healthFailed(pid: 4), at: .zero) == nil) }
    #expect(machine.isReady)
  }

  @Test func `stopping drains, then terminates, then kills`() {
    var machine = ready()
    #expect(machine.stop(at: .zero) == .drain)
    #expect(!machine.isReady)
    #expect(machine.receive(.drained, at: .seconds(2)) == .terminate)
    #expect(machine.advance(to: .seconds(31)) == nil)
    #expect(machine.advance(to: .seconds(32)) == .kill)
    _ = machine.receive(exit, at: .seconds(32))
    #expect(machine.isStopped)
  }

  @Test func `a drain that does not end is cut off`() {
    var machine = ready()
    _ = machine.stop(at: .zero)
    #expect(machine.advance(to: .seconds(30)) == .terminate)
  }

  @Test func `a launch that is no longer wanted ends as soon as it reports`() {
    var machine = instance()
    #expect(machine.stop(at: .zero) == nil)
    #expect(machine.receive(.started(ServerProcess(pid: 1, port: 80)), at: .zero) == .terminate)
    _ = machine.receive(exit, at: .zero)
    #expect(machine.isStopped)
  }

  @Test func `a package that cannot be started is a failure at once and is tried again later`() {
    var machine = instance()
    _ = machine.receive(.launchFailed(reason: "digest mismatch"), at: .zero)
    #expect(machine.failure == "digest mismatch")
    #expect(machine.advance(to: .milliseconds(250)) == .launch)
  }

  @Test func `a fleet that shrinks gives up those that do not serve first, then the newest`() {
    var fleet = FleetMachine(id: 1, revision: .sample(1), desired: 3, policy: SupervisionPolicy())
    #expect(fleet.advance(to: .zero).map(\.instance.number) == [1, 2, 3])
    for number in [1, 3] {
      _ = fleet.receive(.started(ServerProcess(pid: Int32(number), port: 80)), number: number, at: .zero)
      _ = fleet.receive(.healthPassed(pid: Int32(number)), number: number, at: .zero)
    }
    fleet.scale(to: 2)
    _ = fleet.advance(to: .zero)
    #expect(fleet.instances.filter(\.isWanted).map(\.id.number) == [1, 3])
    fleet.scale(to: 1)
    #expect(fleet.advance(to: .zero) == [InstanceOrder(.drain, InstanceID(fleet: 1, number: 3))])
  }
}

import Foundation
import RolloutCore
import RolloutDigest
import RolloutEngine
import Synchronization
import Testing

/// The shell round the driver, as it is, on an executor and a clock that a seed decides: two loops, an approver, somebody
/// who aborts, and deaths in between. `SEEDS=5000 swift test --filter SeededLoopTests` tries more.
@Suite struct SeededLoopTests {
  private static let first = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? 0
  private static let seeds = ProcessInfo.processInfo.environment["SEEDS"].flatMap { UInt64($0) } ?? 150

  @Test func `whatever the order of things, users are safe, it ends, and it replays`() throws {
    var interleavings: Set<UInt64> = []
    var outcomes: [String: Int] = [:]
    var mishaps: Set<String> = []
    for seed in Self.first..<Self.first + Self.seeds {
      let first = try SeededRun(seed: seed)
      let second = try SeededRun(seed: seed)
      #expect(first.violations == [], "seed \(seed)")
      #expect(first.journal == second.journal, "seed \(seed) does not replay")
      #expect(first.interleaving == second.interleaving, "seed \(seed) does not replay")
      interleavings.insert(first.interleaving)
      outcomes[first.outcome, default: 0] += 1
      mishaps.formUnion(first.mishaps)
    }
    #expect(interleavings.count > Int(Self.seeds) * 9 / 10, "seeds differ in what happens when")
    #expect(outcomes["promoted", default: 0] > 0 && outcomes["rolled back", default: 0] > 0, "\(outcomes)")
    #expect(mishaps.isSuperset(of: ["append 1", "append 2", "order 1", "order 2", "read 1", "death"]), "\(mishaps)")
  }
}

/// One seed, run to its end.
private struct SeededRun {
  private(set) var violations: [String] = []
  private(set) var outcome = "none"
  private(set) var journal: [UInt8] = []
  let interleaving: UInt64
  let mishaps: Set<String>

  init(seed: UInt64) throws {
    let clock = VirtualClock()
    let executor = SeededExecutor(seed: seed)
    let world = try SeededWorld(seed: seed ^ 0x5eed, clock: clock)
    let ended = Mutex(false)
    let script = SeededScript(world: world, clock: clock, seed: seed)
    let task = Task(executorPreference: executor) {
      await script.run()
      ended.withLock { $0 = true }
    }
    var turns = 0
    while !ended.withLock({ $0 }) {
      turns += 1
      if turns > 400_000 || (!executor.step() && !clock.advance()) { break }
    }
    let isOver = ended.withLock { $0 }
    if !isOver { task.cancel() }
    let state = world.state.withLock { $0 }
    violations = state.violations
    if !isOver {
      let tail = state.entries.suffix(6).map { "\($0.at) \($0.actor.name) \($0.event)" }
      violations.append("it never ends: \(turns) turns, now \(world.time), last \(tail)")
    }
    let past = state.lane.past.last?.outcome
    outcome = past?.word ?? "none"
    let serves =
      state.endpoint.stable == (past == .promoted ? try SeededWorld.revision(2) : try SeededWorld.revision(1)).digest
    if past == nil { violations.append("no outcome") }
    if !serves || state.endpoint.canary != nil { violations.append("\(outcome), and the endpoint says otherwise") }
    journal = try CanonicalJSON.bytes(state.entries)
    interleaving = executor.interleaving
    mishaps = state.mishaps
  }
}

/// Who does what in one run.
private struct SeededScript: Sendable {
  let world: SeededWorld
  let clock: VirtualClock
  let seed: UInt64

  func run() async {
    var random = SplitMix(state: seed &* 31)
    let abortAt: UInt64? = random.next() % 2 == 0 ? random.next() % 90_000 : nil
    let deathAt: UInt64? = random.next() % 2 == 0 ? random.next() % 90_000 : nil
    let raceAt = random.next() % 60_000
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await first(dyingAt: deathAt) }
      group.addTask {
        await pause(raceAt)
        await drive("racer", .drive(waitsAtGates: true), 2)
      }
      group.addTask { await approve() }
      if let abortAt {
        group.addTask {
          await pause(abortAt)
          guard world.write(.abortRequested(rollout: "r1", reason: "pager", isRollback: true), by: "oncall") else {
            return
          }
          await drive("oncall", .turn, 3)
        }
      }
    }
    // Whatever is left is brought to its end by one driver with which nothing goes wrong.
    world.state.withLock { state in
      state.isKind = true
      if let epoch = state.lane.lease?.epoch { state.deadEpochs.insert(epoch) }
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await approve() }
      await drive("healer", .drive(waitsAtGates: true), 4)
    }
  }

  private func pause(_ milliseconds: UInt64) async {
    try? await clock.sleep(for: .milliseconds(Int64(milliseconds)))
  }

  /// Dies by being cancelled wherever it is; nothing it holds is given back.
  private func first(dyingAt death: UInt64?) async {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await drive("ci", .drive(waitsAtGates: true), 1)
        return true
      }
      if let death {
        group.addTask {
          await pause(death)
          return false
        }
      }
      if await group.next() == false {
        world.state.withLock { state in
          state.mishaps.insert("death")
          if let lease = state.lane.lease, lease.holder.name == "ci" { state.deadEpochs.insert(lease.epoch) }
        }
      }
      group.cancelAll()
    }
  }

  private func approve() async {
    for _ in 0..<120 {
      await pause(1_000)
      let gate = world.state.withLock { state -> Approval? in
        guard let live = state.lane.liveRollout, let gate = live.gate, let plan = live.plan, gate.approvals.isEmpty
        else {
          return nil
        }
        return Approval(
          rollout: live.id, gate: gate.position, plan: plan, evidenceRoot: gate.evidenceRoot, by: "maria")
      }
      if let gate, world.write(.approvalGranted(gate), by: "maria") { return }
    }
  }

  private func drive(_ name: String, _ role: Driver.Role, _ number: UInt64) async {
    let ports = RolloutLoop<VirtualClock>.Ports(
      journal: world, target: world, registry: OnePackage(package: world.package),
      prover: ScriptedProver { _, _ in
        _ = await world.delay("proof", ways: 1, oneIn: 1_000_000)
        return []
      }, notifier: NotingNotifier(), authority: NobodySigns(),
      address: { stage, variant in
        EndpointAddress(base: "http://127.0.0.1:1", endpoint: stage.endpoint, variant: variant)
      })
    let loop = RolloutLoop(ports, clock: clock, now: { world.time }, report: { _ in })
    do {
      _ = try await loop.run(
        Driver(actor: SeededWorld.actor(name), role: role, seed: seed << 8 | number))
    } catch {
      // Cancelled, or without its journal for too long: the next one goes on.
    }
  }
}

import RolloutCore

/// Gives the stand-in and the product's endpoint the same orders, drawn by chance, and compares what they answer and
/// what users get: a simulation on the stand-in proves something only while the two agree. Servers are kind here; what
/// the contract leaves to the target, like when a fleet is ready, is waited for.
package struct EndpointComparison: Sendable {
  package private(set) var runs = 0
  package private(set) var answers = 0
  /// How often each answer was given, by both.
  package private(set) var kinds: [String: Int] = [:]
  /// What was told apart, with its seed.
  package private(set) var differences: [String] = []

  private let mutant: Mutant?

  /// `mutant`: built into the stand-in, to see that it is told apart.
  package init(mutant: Mutant? = nil) { self.mutant = mutant }

  package mutating func run(seeds: Range<UInt64>) {
    for seed in seeds {
      var pair = EndpointPair(seed: seed, mutant)
      pair.run()
      runs += 1
      answers += pair.answers
      kinds.merge(pair.kinds, uniquingKeysWith: +)
      if let difference = pair.difference { differences.append("seed \(seed): \(difference)") }
    }
  }
}

/// Both endpoints in one run.
private struct EndpointPair {
  var contract: any SimulatedTarget
  var machine: any SimulatedTarget
  var random: Choices
  var now: Int64 = 0
  let end: Int64
  var fence: UInt64 = 10
  var ordered: UInt64 = 10
  /// Revisions that were stable once, and how many there have been.
  var served: [Token?]
  var newest = 10
  var answers = 0
  var kinds: [String: Int] = [:]
  var difference: String?
  private var calm = Choices(script: [])
  private var coverage = Coverage()

  init(seed: UInt64, _ mutant: Mutant?) {
    random = Choices(seed: seed)
    let start = random.draw(3, oneIn: 1)
    let stable = start == 1 ? nil : Scenario.base(0)
    let standby = start == 3 ? Scenario.revision(0, 0) : nil
    var traits = MachineEndpoint.Traits()
    traits.keepWarm = .hours(24)
    contract = ContractEndpoint(stable: stable, standby: standby, mutant)
    machine = MachineEndpoint.started(stable: stable, standby: standby, traits, nil)
    served = [stable]
    // A version that is warm at the start is so for four minutes.
    end = standby == nil ? 1_000_000 : 220_000
  }

  mutating func run() {
    look(fence)
    while difference == nil, now < end {
      pass([0, 1, 400, 2_000, 8_000, 29_999, 30_000][pick(7)])
      act()
    }
  }

  private mutating func pass(_ time: Int64) {
    now += time
    while contract.wakesAt <= now { contract.pass(to: contract.wakesAt, &calm, &coverage) }
    while machine.wakesAt <= now { machine.pass(to: machine.wakesAt, &calm, &coverage) }
    compareUsers("time")
  }

  /// What a driver would do next, or might when its time is over.
  private mutating func goOn() {
    guard let canary = contract.view.canary else {
      newest += 1
      order(.prepare, Scenario.revision(0, newest))
      return pass(9_000)
    }
    guard canary.isGranted else { return order(pick(4) == 0 ? .promote : .shift(.all), canary.revision) }
    switch pick(4) {
    case 0: pass(31_000)
    case 1: renew(fence)
    case 2: trip()
    default:
      settle()
      order(.promote, canary.revision)
    }
  }

  private mutating func act() {
    if pick(2) == 0 { return goOn() }
    let canary = contract.view.canary
    switch pick(16) {
    case 0, 1: look(drawFence())
    case 2, 3: renew(drawFence())
    case 4, 5, 6:
      newest += 1
      order(.prepare, Scenario.revision(0, newest))
    case 7:
      // One that is there already may be ready sooner than a new one.
      if let canary { order(.prepare, canary.revision) }
      pass(9_000)
    case 8, 9, 10:
      let share = [Percent(10) ?? .none, Percent(50) ?? .none, .all][pick(3)]
      order(.shift(share), canary?.revision ?? Scenario.base(0))
    case 11, 12:
      settle()
      order(.promote, pick(5) == 0 ? Scenario.revision(0, 1) : canary?.revision ?? Scenario.base(0))
    case 13:
      // Not one of long ago: how many a target remembers is its own affair.
      let recent = served.suffix(2)
      order(.restore, Scenario.base(0), recent[recent.startIndex + pick(recent.count)])
    case 14: if canary?.isGranted ?? false { trip() }
    default: revert()
    }
  }

  private mutating func pick(_ count: Int) -> Int { Int(random.draw(UInt32(count), oneIn: 1)) - 1 }

  /// A way back that has begun arrives.
  private mutating func settle() { if machine.view.incoming != nil { pass(9_000) } }

  /// Newer than all before, the same as the last order's, or older.
  private mutating func drawFence() -> UInt64 {
    switch pick(5) {
    case 0: return ordered
    case 1: return ordered - 1
    default:
      fence += 1
      return fence
    }
  }
}

// MARK: - The same for both

extension EndpointPair {
  private mutating func look(_ fence: UInt64) {
    compare(
      contract.look(fence, at: now, &calm, &coverage), machine.look(fence, at: now, &calm, &coverage), "look \(fence)")
  }

  private mutating func renew(_ fence: UInt64) {
    compare(
      contract.renew(fence, at: now, &calm, &coverage), machine.renew(fence, at: now, &calm, &coverage),
      "renew \(fence)")
  }

  private mutating func order(_ kind: DriverMachine.Order, _ revision: Token, _ base: Token? = nil) {
    let fence = drawFence()
    let order = SimulatedOrder(kind: kind, fence: fence, stage: 0, revision: revision, base: base, rollout: 0)
    let answer = contract.accept(order, at: now, &calm, &coverage)
    compare(answer, machine.accept(order, at: now, &calm, &coverage), "\(kind) \(fence)")
    ordered = max(ordered, fence)
    if case .promote = kind, answer == .accepted { served.append(revision) }
  }

  private mutating func trip() {
    contract.trip(at: now, &calm, &coverage)
    machine.trip(at: now, &calm, &coverage)
    compareUsers("trip")
  }

  /// What was warm, or stable where there is a canary: what else an emergency finds is the target's own affair.
  private mutating func revert() {
    settle()
    guard contract.view.canary != nil || contract.view.standby != nil, !contract.isSealed else { return unseal() }
    let one = contract.revert(at: now, &calm, &coverage)
    let other = machine.revert(at: now, &calm, &coverage)
    if one?.restored != other?.restored { difference = difference ?? "at \(now): an emergency put back another one" }
    compareUsers("revert")
  }

  private mutating func unseal() {
    guard contract.isSealed else { return }
    fence += 1
    _ = contract.unseal(fence: fence, at: now, &calm, &coverage)
    _ = machine.unseal(fence: fence, at: now, &calm, &coverage)
    compareUsers("unseal \(fence)")
  }

  private mutating func compare(_ one: TargetAnswer, _ other: TargetAnswer, _ what: String) {
    answers += 1
    kinds["\(one)", default: 0] += 1
    if one != other { difference = difference ?? "at \(now): \(what) is \(one) or \(other)" }
    compareUsers(what)
  }

  /// Who serves, or is about to, and what the canary gets of it.
  private mutating func compareUsers(_ what: String) {
    let (one, other) = (contract.view, machine.view)
    let isSame =
      one.fence == other.fence && one.isSealed == other.isSealed && one.stable == other.incoming ?? other.stable
      && one.canary?.revision == other.canary?.revision && one.canary?.share == other.canary?.share
      && one.canary?.isTripped == other.canary?.isTripped && contract.lapsesAt == machine.lapsesAt
    if !isSame { difference = difference ?? "after \(what) at \(now): \(one) and \(other)" }
    if let violation = machine.violation { difference = difference ?? "\(violation)" }
  }
}

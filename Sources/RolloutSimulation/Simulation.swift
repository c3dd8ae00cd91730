import RolloutCore

/// One world with one service, its drivers and its people, run on virtual time until its rollouts have ended. The same
/// choices give the same journal, number for number.
package struct Simulation {
  /// How far a run may go; beyond it something never ends.
  static let stepsMax = 60_000
  /// Awaits after which chance is kind, so that everything can come to an end.
  static let kindAfter = 1_500
  static let actorsMax = 10

  /// What its endpoints are.
  package private(set) var kind: EndpointKind
  /// Whether each seed has its own kind.
  private let kindIsFixed: Bool
  let mutant: Mutant?
  let ignoresStructure: Bool
  /// Who dies whatever chance says: for systematic search.
  var death = Systematic.Death()
  /// When on-call aborts, whatever chance says; for systematic search.
  var abortAt: Int64?

  var choices: Choices
  var now: Int64 = 0
  var awaits = 0
  var journal = SimulatedJournal()
  var endpoints: [any SimulatedTarget] = []
  /// One for each endpoint: what it said of time when it was last touched.
  var due = InlineArray<2, Due>(repeating: Due())
  var runners: [Runner] = []
  var messages: [Message] = []
  var people: [Errand] = []
  package internal(set) var coverage = Coverage()
  package internal(set) var violation: Violation?

  var plan = 0
  var successorsLeft = 1
  var watch = Watch()
  var nemesis = Nemesis()
  /// How long nobody notices that a rollout has lost its driver.
  var supervisorDelay: Int64 = 6_000
  var scenario = Scenario.stages(0)
  var born = 0

  struct Runner {
    var machine: DriverMachine
    var lane: LaneMachine
    var response = DriverMachine.Response.begin
    var wakesAt: Int64
    var isGone = false
    /// It is stopped and looks dead, but will wake.
    var isPaused = false
    var skew: Int64 = 0
    /// Hundredths of real time that pass on its clock.
    var rate: Int64 = 100
    var blindUntil: Int64 = 0
    var trustsFence: UInt64 = 0

    mutating func resume(at time: Timestamp) -> DriverMachine.Request { machine.resume(response, lane, at: time) }

    mutating func see(_ mark: Mark, at time: Timestamp) {
      lane.fold(mark)
      machine.see(mark, at: time)
    }
  }

  struct Due {
    var wakesAt = never
    var lapsesAt = never

    init() {}
    init(_ endpoint: any SimulatedTarget) {
      wakesAt = endpoint.wakesAt
      lapsesAt = endpoint.lapsesAt
    }
  }

  /// Something on its way to a target or to the journal, to land later.
  struct Message {
    enum Content {
      case order(SimulatedOrder)
      case look(fence: UInt64, stage: Int)
      case renewal(fence: UInt64, stage: Int)
      case append(MoveBatch, expecting: UInt64, epoch: UInt64, nonce: UInt64)
    }
    var landsAt: Int64
    var content: Content
  }

  /// What a person is going to do.
  struct Errand {
    enum Kind {
      case approve(Decision), deny(Decision), revoke, abort(drives: Bool), hold, release, skip, resolve, successor,
        rollBack
      case check, race
      case emergency(Int), reconcile(Int)
    }
    var at: Int64
    var kind: Kind
  }

  /// Strikes when the journal says a certain thing for the n-th time.
  struct Nemesis {
    /// Entries in whose wake a mishap hurts most.
    static let kinds: [UInt64] = [.max, 3, 6, 11, 14, 14, 14, 15, 15, 15, 18, 19, 21, 22, 23, 24]
    enum Strike: UInt32 { case none, crash, pause, abort, outage, sleep, emergency }
    var kind: UInt64 = .max
    var strike = Strike.none
    var skips: UInt32 = 0
    var target = -1
  }

  /// `kind`: of its endpoints; `nil`: the mutant's, or else the seed's own.
  package init(
    seed: UInt64, on kind: EndpointKind? = nil, mutant: Mutant? = nil, ignoringStructure: Bool = false,
    recording: Bool = false
  ) {
    let fixed = kind ?? mutant?.endpoint
    self.init(
      Choices(seed: seed, recording: recording), on: fixed ?? EndpointKind.of(seed: seed), isFixed: fixed != nil,
      mutant,
      ignoringStructure)
  }

  init(_ choices: Choices, on kind: EndpointKind, isFixed: Bool = true, _ mutant: Mutant?, _ ignoresStructure: Bool) {
    self.kind = kind
    kindIsFixed = isFixed
    self.choices = choices
    self.mutant = mutant
    self.ignoresStructure = ignoresStructure
    messages.reserveCapacity(16)
    people.reserveCapacity(8)
    runners.reserveCapacity(Self.actorsMax)
  }

  /// The numbers drawn so far, when they are recorded.
  package var script: [UInt32] { choices.drawn }
  package var fingerprint: UInt64 { journal.fingerprint }
  package var events: Int { journal.marks.count }
  package var awaitPoints: Int { awaits }
  package var rollouts: Int { journal.lane.rollout?.number ?? 0 }
}

// MARK: - The run

extension Simulation {
  /// Forgets everything but the room it takes.
  package mutating func restart(seed: UInt64) {
    choices = Choices(seed: seed)
    if !kindIsFixed { kind = EndpointKind.of(seed: seed) }
    now = 0
    awaits = 0
    journal.reset()
    runners.removeAll(keepingCapacity: true)
    messages.removeAll(keepingCapacity: true)
    people.removeAll(keepingCapacity: true)
    violation = nil
    plan = 0
    successorsLeft = 1
    watch.seen.removeAll(keepingCapacity: true)
    let seen = watch.seen
    watch = Watch()
    watch.seen = seen
    nemesis = Nemesis()
    born = 0
  }

  package mutating func run() {
    setUp()
    var steps = 0
    while violation == nil {
      steps += 1
      if steps > Self.stepsMax {
        report(22, "it never ends")
        return
      }
      if awaits > Self.kindAfter { choices.isBenign = true }
      guard step() else { break }
    }
    if violation == nil { settle() }
  }

  /// `false` when nobody has anything left to do.
  private mutating func step() -> Bool {
    var at = Int64.max
    var runner = -1
    for index in runners.indices where !runners[index].isGone && runners[index].wakesAt < at {
      at = runners[index].wakesAt
      runner = index
    }
    var message = -1
    for index in messages.indices where messages[index].landsAt < at {
      at = messages[index].landsAt
      message = index
    }
    var errand = -1
    for index in people.indices where people[index].at < at {
      at = people[index].at
      errand = index
    }
    guard at < .max else { return false }
    let wakesAt = min(due[0].wakesAt, due[1].wakesAt)
    if wakesAt < at {
      now = max(now, wakesAt)
      passTime()
      judgeMoment()
      return true
    }
    now = max(now, at)
    passTime()
    if errand >= 0 {
      let kind = people.remove(at: errand).kind
      run(kind)
    } else if message >= 0 {
      land(messages.remove(at: message).content)
    } else {
      drive(runner)
    }
    judgeMoment()
    return true
  }

  /// Endpoints do what is due, whoever else does anything.
  mutating func passTime() {
    for index in endpoints.indices where due[index].wakesAt <= now {
      endpoints[index].pass(to: now, &choices, &coverage)
      watchEndpoint(index)
    }
  }

  /// After the last rollout: whatever is still on its way lands, and then all must be as it was recorded.
  private mutating func settle() {
    while violation == nil, !messages.isEmpty {
      var first = 0
      for index in messages.indices where messages[index].landsAt < messages[first].landsAt { first = index }
      now = max(now, messages[first].landsAt)
      passTime()
      land(messages.remove(at: first).content)
      judgeMoment()
    }
    calm()
    judgeEnd()
  }

  /// Half an hour in which nothing goes wrong: whatever endpoints have begun comes to its end.
  private mutating func calm() {
    choices.isBenign = true
    let end = now + 30 * 60_000
    while violation == nil, min(due[0].wakesAt, due[1].wakesAt) <= end {
      now = max(now, min(due[0].wakesAt, due[1].wakesAt))
      passTime()
      judgeMoment()
    }
    for endpoint in endpoints { if let found = endpoint.unrest(at: now) { report(found.invariant, found.text) } }
  }

  // MARK: Small things

  func stamp(_ time: Int64) -> Timestamp { Timestamp(milliseconds: time) }

  func clock(of runner: Int) -> Timestamp {
    stamp(now * runners[runner].rate / 100 + runners[runner].skew)
  }

  mutating func chance(_ fault: Faults, _ bound: UInt32, oneIn rarity: UInt32) -> UInt32 {
    choices.chance(fault, bound, oneIn: rarity)
  }

  mutating func errand(_ kind: Errand.Kind, in delay: Int64) {
    people.append(Errand(at: now + delay, kind: kind))
  }

  mutating func report(_ invariant: Int, _ text: @autoclosure () -> String) {
    guard violation == nil else { return }
    let found = Violation(invariant: invariant, text: text())
    if !(ignoresStructure && found.isStructural) { violation = found }
  }

  mutating func spawn(_ role: DriverMachine.Role, after delay: Int64) {
    var index = runners.firstIndex { $0.isGone } ?? runners.count
    if index >= Self.actorsMax { return }
    var runner = Runner(
      machine: DriverMachine(role: role, seed: seedOfNext(), lane: journal.lane, pace: Scenario.pace),
      lane: journal.lane, wakesAt: now + delay)
    if choices.faults.contains(.clocks) {
      runner.skew = 1_000 * (Int64(choices.draw(240, oneIn: 2)) - 120)
      runner.rate = 100 + (Int64(choices.draw(60, oneIn: 2)) - 30) % 31
    }
    if index == runners.count { runners.append(runner) } else { runners[index] = runner }
    index = 0
  }

  private mutating func seedOfNext() -> UInt64 {
    born += 1
    return UInt64(born) << 32
  }
}

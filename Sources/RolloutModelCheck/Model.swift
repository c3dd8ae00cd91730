import RolloutCore

/// One state of a small world: the journal, the drivers with what they know, the endpoint, what is on its way, and how
/// much may still go wrong.
struct Model {
  static let old = Token(1)
  static let new = Token(2)
  static let plan = Token(3)
  /// What served before the old one, and is still warm.
  static let older = Token(4)
  static let early = Timestamp(milliseconds: 0)
  /// A time at which everything has run out.
  static let late = Timestamp(milliseconds: 1_000_000_000_000)

  static let course = Course(stages: [
    Course.Stage(
      steps: [
        .verify, .approve, .prepare(within: .minutes(5)), .shift(Percent(10) ?? .none), .bake(.minutes(5)), .promote,
      ],
      revision: new, base: old, gate: Course.GateRule(minimum: 1, selfApproval: false, lasts: .hours(1)))
  ])

  /// Leases are not renewed: whether they live is for whoever explores to say.
  static let pace = DriverMachine.Pace(leaseTTL: .milliseconds(Int64.max / 4))

  struct Slot {
    var machine: DriverMachine
    var lane: LaneMachine
    /// What it waits for.
    var request: DriverMachine.Request
    var isGone = false
  }

  enum Message {
    case order(ModelOrder)
    case look(fence: UInt64)
    case append(MoveBatch, expecting: UInt64, epoch: UInt64, nonce: UInt64)
  }

  let control: Control?
  var marks: [Mark] = []
  var lane = LaneMachine()
  var endpoint = ModelEndpoint(stable: old)
  var slots: [Slot] = []
  var messages: [Message] = []
  /// Whose driver holds the lease; -1: one that is gone.
  var holder = -1
  var budget: Configuration
  var born: UInt64 = 0
  var isAborted = false
  var violation: String?
  /// What was done by hand: what it restored, and the entry that tells of it; 0: none does.
  var restored: Token?
  var toldAt: UInt64 = 0

  init(_ configuration: Configuration, _ control: Control?) {
    budget = configuration
    self.control = control
    if configuration.emergencies > 0 { endpoint.standby = Self.older }
    add(.laneCreated, epoch: 0, nonce: 0)
    add(.rolloutStarted(Self.course, plan: Self.plan), epoch: 0, nonce: 0)
    for _ in 0..<configuration.drivers { spawn(.drive(waitsAtGates: true)) }
  }

  mutating func add(_ move: Move, epoch: UInt64, nonce: UInt64) {
    let mark = Mark(sequence: lane.sequence + 1, at: Self.early, epoch: epoch, nonce: nonce, move: move)
    lane.fold(mark)
    marks.append(mark)
  }

  mutating func report(_ invariant: Int, _ text: String) {
    if violation == nil { violation = "invariant \(invariant): \(text)" }
  }

  mutating func spawn(_ role: DriverMachine.Role) {
    born += 1
    var machine = DriverMachine(role: role, seed: born << 32, lane: lane, pace: Self.pace)
    let request = machine.resume(.begin, lane, at: Self.early)
    let slot = Slot(machine: machine, lane: lane, request: request)
    if let free = slots.firstIndex(where: { $0.isGone }) { slots[free] = slot } else { slots.append(slot) }
  }

  mutating func bury(_ index: Int) {
    slots[index].isGone = true
    if holder == index { holder = -1 }
  }

  // MARK: Writing

  /// Compare and append for a driver; `false`: somebody wrote first.
  mutating func write(_ batch: MoveBatch, expecting: UInt64, epoch: UInt64, nonce: UInt64, by index: Int) -> Bool {
    if lane.sequence != expecting {
      guard control == .abortIgnoredWhilePromoting, case .promote = lane.last.step, case .stepSucceeded = batch.first
      else { return false }
    }
    for offset in 0..<batch.count {
      let move = batch[offset]
      let mark = Mark(
        sequence: lane.sequence + 1, at: Self.early, epoch: move.needsLease ? epoch : 0, nonce: nonce, move: move)
      if let refusal = lane.refusal(of: mark) {
        report(1, "a driver wrote what may not follow: \(refusal)")
        return false
      }
      judge(mark)
      lane.fold(mark)
      marks.append(mark)
      switch move {
      case .leaseAcquired: holder = index
      case .leaseReleased: holder = -1
      default: break
      }
    }
    return true
  }

  private mutating func judge(_ mark: Mark) {
    switch mark.move {
    case .stepStarted(_, .forward): if isAborted { report(8, "a forward step after an abort") }
    case .stepFailed: if lane.last.active?.epoch != mark.epoch { report(23, "a takeover counted as a failure") }
    case .rolloutCompleted(.promoted):
      judgePromoted()
      if isAborted { report(13, "promoted after an abort") }
    case .rolloutCompleted: judgeUndone()
    default: break
    }
    if lane.last.mode == .done, mark.move.needsLease {
      if case .leaseReleased = mark.move { return }
      report(4, "something follows the end")
    }
  }

  mutating func judgePromoted() {
    // What is promoted and taken back by hand in the same moment is recorded in this order.
    if endpoint.byHand != nil { return }
    if endpoint.stable != Self.new || endpoint.canary != nil { report(18, "promoted, and the old revision serves") }
  }

  mutating func judgeUndone() {
    if endpoint.stable != endpoint.byHand ?? Self.old || endpoint.canary != nil {
      report(19, "taken back, and the endpoint is not as it was")
    }
  }

  // MARK: Obeying

  mutating func deliver(_ order: ModelOrder) -> ModelEndpoint.Answer {
    let before = endpoint
    let answer = endpoint.accept(order, control)
    guard case .accepted = answer else { return answer }
    if order.fence < before.fence { report(12, "an older order was obeyed") }
    if before.isSealed { report(13, "an order was obeyed after users were taken back by hand") }
    if let byHand = endpoint.byHand, endpoint.stable != byHand {
      report(19, "what somebody put back by hand was replaced")
    }
    guard order.fence > 0, Int(order.fence) <= marks.count, case .stepStarted = marks[Int(order.fence) - 1].move else {
      report(7, "an order without its entry")
      return answer
    }
    if case .restore = order.kind { return answer }
    if before.isRestored { report(13, "an order forward was obeyed after the way back") }
    switch order.kind {
    case .shift:
      if order.fence <= before.lapsedGrant { report(14, "a lapsed share was given again") }
      if lane.last.gate?.approvers == 0 { report(11, "traffic without an approval") }
    case .promote:
      if before.canary?.isGranted != true || before.canary?.isTripped == true {
        report(16, "a dead canary was promoted")
      }
    case .prepare, .restore: break
    }
    return answer
  }

  mutating func raise(_ fence: UInt64) -> Bool {
    if endpoint.shutsOut(fence, control) { return false }
    endpoint.fence = max(endpoint.fence, fence)
    return true
  }

  // MARK: Knowing

  /// Shows a driver what it has not read.
  mutating func catchUp(_ index: Int, at now: Timestamp) {
    let known = Int(slots[index].lane.sequence)
    for position in known..<marks.count {
      let mark = marks[position]
      if control == .abortIgnoredWhilePromoting, case .abortRequested = mark.move,
        case .promote = slots[index].lane.last.step
      {
        return
      }
      slots[index].lane.fold(mark)
      slots[index].machine.see(mark, at: now)
    }
  }

  func fingerprint(_ print: inout Fingerprint) -> UInt64 {
    print.restart()
    fill(&print)
    print.mixFromNow()
    fill(&print)
    return print.value
  }

  private func fill(_ print: inout Fingerprint) {
    lane.fill(&print)
    endpoint.fill(&print)
    print.mix(holder)
    print.mix(isAborted)
    print.mix(budget.crashes)
    print.mix(budget.faultyMessages << 16 | budget.respawns << 8 | budget.suspicions << 4 | budget.badNews)
    print.mix(budget.hasOnCall)
    print.mix(budget.lapses << 4 | budget.emergencies)
    print.mix(restored)
    print.mix(sequence: toldAt)
    for slot in slots {
      print.mix(slot.isGone)
      if slot.isGone { continue }
      slot.lane.fill(&print)
      slot.machine.fill(&print)
      fill(slot.request, &print)
      for position in Int(slot.lane.sequence)..<marks.count {
        marks[position].move.fill(&print)
        print.mix(marks[position].nonce == slot.machine.pending?.nonce)
        print.mix(sequence: marks[position].sequence)
      }
    }
    print.mix(messages.count)
    for message in messages {
      switch message {
      case .order(let order): order.fill(&print)
      case .look(let fence):
        print.mix(77)
        print.mix(sequence: fence)
      case .append(let batch, let expecting, let epoch, let nonce):
        print.mix(78)
        print.mix(sequence: expecting)
        print.mix(sequence: epoch)
        for slot in slots { print.mix(!slot.isGone && slot.machine.pending?.nonce == nonce) }
        for index in 0..<batch.count { batch[index].fill(&print) }
      }
    }
  }

  private func fill(_ request: DriverMachine.Request, _ print: inout Fingerprint) {
    switch request {
    case .read: print.mix(1)
    case .lookAtLease: print.mix(2)
    case .append: print.mix(3)
    case .renewLease: print.mix(4)
    case .observe(let fence):
      print.mix(5)
      print.mix(sequence: fence)
    case .perform(let order, let fence):
      print.mix(6)
      ModelOrder(kind: order, fence: fence, base: Self.old).fill(&print)
    case .renewCanary(let fence):
      print.mix(7)
      print.mix(sequence: fence)
    case .prove: print.mix(8)
    case .wait: print.mix(9)
    case .finish: print.mix(10)
    }
  }
}

import RolloutCore

/// What the controller does in every step, whatever the step is about.
extension MachineEndpoint {
  /// What it was told is in its record before it is the truth. `false`: it could not be kept, so nothing has changed.
  mutating func commit(_ draft: EndpointMachine, at now: Int64, _ coverage: inout Coverage) -> Bool {
    if diskFails.contains(now) {
      coverage.saw(.notKept)
      return false
    }
    machine = draft
    if mutant != .answersBeforeSaving { save(at: now) }
    return true
  }

  mutating func save(at now: Int64) {
    let shape = MachineShape(machine)
    guard shape != savedShape else { return }
    if diskFails.contains(now) {
      isUnkept = true
      return
    }
    isUnkept = false
    savedShape = shape
    saved = Saved(machine: machine, at: clock(now), wall: wall(now))
  }

  /// Something that nobody answers for.
  mutating func step(
    at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage, _ change: (inout EndpointMachine) -> Void
  ) {
    change(&machine)
    settle(at: now, &choices, &coverage)
  }

  /// Time passes: deadlines, servers, the record, and what users get. `wasServing`: before what this step was about.
  mutating func settle(
    at now: Int64, wasServing: Bool? = nil, _ choices: inout Choices, _ coverage: inout Coverage
  ) {
    guard !isDown else { return }
    for round in 0..<8 {
      let wasServing = round == 0 && wasServing ?? false || servesNow(at: now)
      if mutant == .canaryOutlivesDriver { _ = try? machine.renew(fence: machine.fence, at: clock(now)) }
      note(at: now, &coverage)
      let orders = machine.advance(to: clock(now), wall: wall(now))
      show(wasServing: wasServing, at: now)
      obey(orders, at: now, &choices, &coverage)
      if orders.isEmpty { break }
    }
    if mutant != .answersBeforeSaving { save(at: now) }
    if !isUnkept { keptBook = book }
    schedule()
  }

  /// Somebody looked, or kept a share: time passes where something is due.
  mutating func settleIfDue(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) {
    schedule()
    if wakesAt <= now { settle(at: now, &choices, &coverage) } else { refresh() }
  }

  /// Users get what the machine says now.
  private mutating func show(wasServing: Bool, at now: Int64) {
    refresh()
    book.check(table, view, at: now)
    if wasServing, machine.stable != nil, !couldServe(at: now) { book.report(31, "it stopped what served by itself") }
  }

  mutating func refresh() {
    let shape = MachineShape(machine)
    guard shape != seenShape else { return }
    seenShape = shape
    let before = table.canaryShare
    table = UserTable(machine.route)
    if mutant == .publishesInParts, before == .none, table.canaryShare > .none { table.total += 1 }
    view = TargetView(machine, bootedAt: bootedAt)
  }

  /// Whether a server of stable answers users.
  func servesNow(at now: Int64) -> Bool {
    machine.stable?.hasReady { farm.isUp($0, at: now) } ?? false
  }

  /// Whether one has answered, as far as anybody can know.
  private func couldServe(at now: Int64) -> Bool {
    machine.stable?.hasReady { farm.hasBeenUp($0, at: now) } ?? false
  }

  mutating func obey(
    _ orders: [InstanceOrder], at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage
  ) {
    for order in orders {
      let id = order.instance
      if order.action == .launch {
        farm.launch(id, at: now, isTrusting: mutant == .trustsStartedServers, &choices, &coverage)
        continue
      }
      guard let instance = machine.fleet(id.fleet)?.instances.first(where: { $0.id == id }),
        let process = instance.process
      else { return book.report(31, "an order about a server that is not there") }
      switch order.action {
      case .launch: break
      case .drain: farm.drain(id, pid: process.pid, at: now, &choices)
      case .terminate: farm.terminate(id, pid: process.pid, at: now, &choices)
      case .kill: farm.kill(id, pid: process.pid, at: now)
      }
    }
  }

  private func note(at now: Int64, _ coverage: inout Coverage) {
    if case .live(_, _, let until) = machine.canary?.grant, until <= clock(now) { coverage.saw(.lapse) }
    if let until = machine.standby?.until, until <= clock(now) { coverage.saw(.standbyExpired) }
    if let incoming = machine.incoming {
      if incoming.failure != nil { coverage.saw(.incomingFailed) }
      if incoming.desired > 0, incoming.readyCount >= incoming.desired { coverage.saw(.incomingArrived) }
    }
  }

  mutating func schedule() {
    wakesAt = isDown ? bootsAt : min(farm.nextAt, crashesAt, scalesAt, nextDeadline)
    if mutant == .canaryOutlivesDriver, lapsesAt != never { wakesAt = min(wakesAt, lapsesAt - 1_000) }
  }

  private var nextDeadline: Int64 {
    let deadline = machine.nextDeadline
    return deadline == .max ? never : bootedAt + deadline + traits.lateness
  }
}

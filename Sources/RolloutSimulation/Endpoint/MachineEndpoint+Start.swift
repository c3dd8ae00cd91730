import RolloutCore

/// Endpoints that have served for a while when a run begins, made once by giving orders.
extension MachineEndpoint {
  static let instancesMax = 3

  /// `nil`: nothing serves yet.
  static func started(stable: Token?, standby: Token?, _ traits: Traits, _ mutant: Mutant?) -> MachineEndpoint {
    let stage = Int((stable?.value ?? 0) >> 16 & 1)
    let model = starts[(stable == nil ? 0 : standby == nil ? 1 : 2) * 6 + stage * 3 + traits.instances - 1]
    return MachineEndpoint(model, traits, mutant)
  }

  private init(_ model: MachineEndpoint, _ traits: Traits, _ mutant: Mutant?) {
    self.init(name: model.machine.name, bootedAt: Self.startedAt, traits, mutant)
    machine = model.machine
    lineage = model.lineage
    book = model.book
    book.lateness = traits.lateness
    book.ignoresStructure = traits.ignoresStructure
    keptBook = book
    farm = model.farm
    var choices = Choices(script: [])
    var coverage = Coverage()
    settle(at: 0, &choices, &coverage)
  }

  /// Given to another journal, whose fences count from 1 again.
  private mutating func change(to lineage: String) {
    guard lineage != self.lineage, (try? machine.adopt(by: lineage, expecting: machine.fence)) != nil else {
      preconditionFailure("it may be given to another journal")
    }
    self.lineage = lineage
    book = EndpointBook(stable: book.stable)
  }

  private static let startedAt: Int64 = -100_000

  /// By what there is, stage, and size.
  private static let starts: [MachineEndpoint] = (0..<3).flatMap { kind in
    (0..<2).flatMap { stage in
      (1...instancesMax).map { instances in start(kind, stage, instances) }
    }
  }

  private static func start(_ kind: Int, _ stage: Int, _ instances: Int) -> MachineEndpoint {
    var traits = Traits()
    traits.instances = instances
    // Warm until four minutes into the run.
    traits.keepWarm = .seconds(290)
    var endpoint = MachineEndpoint(name: "e\(stage)", bootedAt: startedAt, traits, nil)
    var choices = Choices(script: [])
    var coverage = Coverage()
    var now = startedAt
    func order(_ kind: DriverMachine.Order, _ fence: UInt64, _ revision: Token) {
      let order = SimulatedOrder(
        kind: kind, fence: fence, stage: stage, revision: revision, base: revision, rollout: 0)
      let answer = endpoint.accept(order, at: now, &choices, &coverage)
      precondition(answer == .accepted, "nothing hinders a start")
      now += 10_000
      while endpoint.wakesAt <= now { endpoint.pass(to: endpoint.wakesAt, &choices, &coverage) }
    }
    // What serves was brought there for an earlier journal.
    let revisions: [Int] = kind == 0 ? [] : kind == 1 ? [1] : [0, 1]
    var fence: UInt64 = 0
    for number in revisions {
      for step in [.prepare, .shift(.all), .promote] as [DriverMachine.Order] {
        fence += 1
        order(step, fence, Scenario.revision(stage, number))
      }
    }
    endpoint.change(to: "journal")
    while endpoint.wakesAt <= 0 { endpoint.pass(to: endpoint.wakesAt, &choices, &coverage) }
    return endpoint
  }
}

import RolloutCore

/// Visits every state that a configuration can reach, breadth first, and lets one driver alone recover from each.
package struct Check {
  package struct Report: Sendable {
    package var states = 0
    package var depth = 0
    package var isComplete = true
    /// The shortest way to a state that must not be, and why.
    package var violation: (trace: [Action], text: String)?
  }

  private let configuration: Configuration
  private let control: Control?
  private let statesMax: Int

  package init(_ configuration: Configuration, control: Control? = nil, statesMax: Int = .max) {
    self.configuration = configuration
    self.control = control
    self.statesMax = statesMax
  }

  package func run() -> Report {
    var report = Report()
    var print = Fingerprint()
    var seen = FingerprintSet()
    var parents: [Int32] = [-1]
    var ways: [Action] = [.lapse]
    let root = Model(configuration, control)
    _ = seen.insert(root.fingerprint(&print))
    report.states = 1
    var level: [(model: Model, index: Int32)] = [(root, 0)]
    while !level.isEmpty {
      report.depth += 1
      var next: [(model: Model, index: Int32)] = []
      for (model, parent) in level {
        for action in model.actions() {
          var successor = model
          successor.take(action)
          guard seen.insert(successor.fingerprint(&print)) || successor.violation != nil else { continue }
          report.states += 1
          parents.append(parent)
          ways.append(action)
          let index = Int32(parents.count - 1)
          if let text = successor.violation ?? successor.recoveryViolation() {
            report.violation = (Self.trace(to: index, parents, ways), text)
            return report
          }
          next.append((successor, index))
          if report.states >= statesMax {
            report.isComplete = false
            return report
          }
        }
      }
      level = next
    }
    return report
  }

  private static func trace(to index: Int32, _ parents: [Int32], _ ways: [Action]) -> [Action] {
    var trace: [Action] = []
    var index = Int(index)
    while index > 0 {
      trace.append(ways[index])
      index = Int(parents[index])
    }
    return trace.reversed()
  }
}

/// Fingerprints seen, by open addressing; 0 marks a free place.
private struct FingerprintSet {
  private var places = [UInt64](repeating: 0, count: 1 << 16)
  private var count = 0

  /// `false` when it was there.
  mutating func insert(_ print: UInt64) -> Bool {
    if count * 10 > places.count * 6 { grow() }
    let print = max(print, 1)
    guard Self.put(print, &places) else { return false }
    count += 1
    return true
  }

  private mutating func grow() {
    var larger = [UInt64](repeating: 0, count: places.count * 2)
    for print in places where print != 0 { _ = Self.put(print, &larger) }
    places = larger
  }

  private static func put(_ print: UInt64, _ places: inout [UInt64]) -> Bool {
    let mask = places.count - 1
    var place = Int(truncatingIfNeeded: print) & mask
    while places[place] != 0 {
      if places[place] == print { return false }
      place = (place + 1) & mask
    }
    places[place] = print
    return true
  }
}

// MARK: - Recovery

extension Model {
  /// Everybody else is gone, nothing goes wrong any more, and a person is there when one is needed: one driver must bring
  /// the rollout to an end that is what the journal says, even after all that was on its way has landed.
  func recoveryViolation() -> String? {
    var world = self
    for index in world.slots.indices { world.slots[index].isGone = true }
    world.holder = -1
    // Whoever is about to drive tells the journal first.
    if world.endpoint.isSealed {
      if world.toldAt == 0 { world.take(.tell) }
      world.take(.unseal)
    }
    if world.lane.isLive {
      if world.lane.last.mode == .quarantined { world.resolve() }
      world.slots.removeAll()
      world.spawn(.drive(waitsAtGates: true))
      var steps = 0
      while !world.slots[0].isGone {
        steps += 1
        if steps > 2_000 { return "invariant 21: one driver alone does not come to an end" }
        if world.needsApproval { world.approve() }
        if world.lane.last.mode == .quarantined { return "invariant 21: one driver alone gets stuck" }
        var isBaking = false
        if case .observe = world.slots[0].request, case .bake = world.slots[0].lane.last.step { isBaking = true }
        world.drive(0, isBaking ? .baked : .good, at: Self.early)
        if let violation = world.violation { return "recovering: " + violation }
      }
      if world.lane.isLive { return "invariant 21: one driver alone leaves it unfinished" }
    }
    while let message = world.messages.popLast() { world.land(message) }
    if world.lane.last.mode == .done {
      if world.lane.last.cause != nil { world.judgeUndone() } else { world.judgePromoted() }
    }
    return world.violation.map { "in the end: " + $0 }
  }

  private mutating func resolve() {
    add(.operatorResolved(rollout: lane.last.number), epoch: 0, nonce: 0)
  }
}

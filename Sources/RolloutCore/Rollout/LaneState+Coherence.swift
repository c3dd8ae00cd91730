extension LaneState {
  /// Whether the parts of a state that was read back fit together as those of every fold do. It tells a spoilt copy
  /// from one that can be shown, not a forged one from an honest one.
  package var isCoherent: Bool {
    guard let rollout else { return machine.rollout == nil && lease?.epoch ?? 0 == machine.epoch }
    return machine.rollout == rollout.machine && rollout.isCoherent && lease?.epoch ?? 0 == machine.epoch
  }
}

extension RolloutState {
  fileprivate var isCoherent: Bool {
    guard program.course == machine.course, program.holds(machine.position), !people.isEmpty else { return false }
    if let gate, !program.holds(gate.position) { return false }
    switch machine.mode {
    case .forward: return true
    case .unwinding, .quarantined: return cause != nil
    case .done: return outcome != nil
    }
  }
}

extension Program {
  /// A rollback's one stage has no steps, and it stands where the first would be.
  fileprivate func holds(_ position: Position) -> Bool {
    guard stages.indices.contains(position.stage) else { return false }
    return position.step < max(1, stages[position.stage].steps.count)
  }
}

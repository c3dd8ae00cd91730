/// A program as far as decisions depend on it: steps with their figures, without names. Shared by every state of one
/// rollout and never changed.
package final class Course: Sendable {
  package enum Step: Hashable, Codable, Sendable {
    case verify
    case approve
    case prepare(within: TimeSpan)
    case smoke
    case shift(Percent)
    case bake(TimeSpan)
    case promote

    /// Changes the target: announced in the journal first, fenced by that event's number, seen to be done by observing.
    package var isEffect: Bool {
      switch self {
      case .prepare, .shift, .promote: true
      case .verify, .approve, .smoke, .bake: false
      }
    }

    package var isTraffic: Bool {
      switch self {
      case .shift, .promote: true
      case .verify, .approve, .smoke, .bake, .prepare: false
      }
    }
  }

  package struct Stage: Hashable, Codable, Sendable {
    package var steps: [Step]
    package var revision: Token
    package var base: Token?
    package var gate: GateRule?

    package init(steps: [Step], revision: Token, base: Token?, gate: GateRule? = nil) {
      self.steps = steps
      self.revision = revision
      self.base = base
      self.gate = gate
    }
  }

  /// What an approval policy asks for, without its names.
  package struct GateRule: Hashable, Codable, Sendable {
    package var minimum: Int
    package var selfApproval: Bool
    package var lasts: TimeSpan

    package init(minimum: Int, selfApproval: Bool, lasts: TimeSpan) {
      self.minimum = minimum
      self.selfApproval = selfApproval
      self.lasts = lasts
    }
  }

  package let stages: [Stage]

  package init(stages: [Stage]) { self.stages = stages }

  package subscript(position: Position) -> Step { stages[position.stage].steps[position.step] }

  /// The first step, or `nil` when no stage has any.
  package var start: Position? { firstStep(from: 0) }

  package func position(after position: Position) -> Position? {
    position.step + 1 < stages[position.stage].steps.count
      ? Position(stage: position.stage, step: position.step + 1) : firstStep(from: position.stage + 1)
  }

  private func firstStep(from stage: Int) -> Position? {
    var stage = stage
    while stage < stages.count {
      if !stages[stage].steps.isEmpty { return Position(stage: stage, step: 0) }
      stage += 1
    }
    return nil
  }

  /// Where the traffic ladder of a stage begins: what a lapsed canary goes back to.
  package func firstShift(in stage: Int) -> Position? {
    stages[stage].steps.firstIndex { if case .shift = $0 { true } else { false } }
      .map { Position(stage: stage, step: $0) }
  }

  /// The share the canary has been given when `position` is reached: the last shift before it in its stage.
  package func share(at position: Position) -> Percent {
    var step = position.step
    while step > 0 {
      step -= 1
      if case .shift(let share) = stages[position.stage].steps[step] { return share }
    }
    return .none
  }

  /// Whether the stage's canary fleet was started before this position.
  package func hasPrepared(at position: Position) -> Bool {
    var step = position.step
    while step > 0 {
      step -= 1
      if case .prepare = stages[position.stage].steps[step] { return true }
    }
    return false
  }

  /// How long the stage's canary fleet may take to start.
  package func startLimit(in stage: Int) -> TimeSpan {
    for step in stages[stage].steps { if case .prepare(let within) = step { return within } }
    return .zero
  }

  /// Longest a step may take from its announcement to its post-condition; `nil`: as long as it takes. A share, or a
  /// promotion, may have to wait for a fleet that starts again.
  package func limit(at position: Position) -> TimeSpan? {
    switch self[position] {
    case .prepare(let within): within
    case .shift, .promote: startLimit(in: position.stage) + .minutes(1)
    case .verify, .approve, .smoke, .bake: nil
    }
  }
}

extension Course: Hashable, Codable {
  package static func == (left: Course, right: Course) -> Bool { left === right || left.stages == right.stages }
  package func hash(into hasher: inout Hasher) { hasher.combine(stages) }

  package convenience init(from decoder: any Decoder) throws {
    self.init(stages: try decoder.singleValueContainer().decode([Stage].self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(stages)
  }
}

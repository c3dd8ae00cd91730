/// What a rollout does, as data: written into the journal when it starts, so that a newer binary continues an older
/// rollout instead of deriving its steps again.
package struct Program: Hashable, Codable, Sendable {
  package var stages: [Stage]

  package init(stages: [Stage]) { self.stages = stages }

  /// One environment's part.
  package struct Stage: Hashable, Codable, Sendable {
    package var environment: String
    package var endpoint: String
    package var revision: Revision
    /// What was live when the plan was made, and what a rollback restores; `nil` on a first deployment.
    package var base: Revision?
    package var approval: ApprovalPolicy?
    package var steps: [Step]

    package init(
      environment: String, endpoint: String, revision: Revision, base: Revision?, approval: ApprovalPolicy? = nil,
      steps: [Step]
    ) {
      self.environment = environment
      self.endpoint = endpoint
      self.revision = revision
      self.base = base
      self.approval = approval
      self.steps = steps
    }
  }

  package enum Step: Hashable, Codable, Sendable {
    /// The package's digests are recomputed and its requirements checked.
    case verify
    /// A person decides on the evidence of the steps before.
    case approve
    /// A canary fleet without traffic; to be ready within the time given.
    case prepare(within: TimeSpan)
    /// The target moves all traffic by itself, and goes back by itself.
    case deploy(Guardrails, within: TimeSpan)
    /// The suites with these digests are run against the new revision.
    case smoke(suites: [Digest])
    case shift(Percent)
    case bake(TimeSpan)
    case promote(keepWarm: TimeSpan)

    /// Changes the target: announced in the journal first, fenced by that event's number, seen to be done by observing.
    package var isEffect: Bool {
      switch self {
      case .prepare, .deploy, .shift, .promote: true
      case .verify, .approve, .smoke, .bake: false
      }
    }

    package var name: String {
      switch self {
      case .verify: "verify the model"
      case .approve: "approval"
      case .prepare: "start the new version"
      case .deploy: "deploy"
      case .smoke: "smoke tests"
      case .shift(let share): "shift to \(share)"
      case .bake(let time): "bake for \(time)"
      case .promote: "promote"
      }
    }
  }
}

/// Where a rollout stands: a stage and a step in it.
package struct Position: Hashable, Codable, Comparable, Sendable {
  package var stage: Int { Int(place >> 16) }
  package var step: Int { Int(place & 0xffff) }
  /// Both in one number, so that states stay small: the stage above the step.
  private let place: UInt32

  package init(stage: Int, step: Int) {
    place = UInt32(stage) << 16 | UInt32(step)
  }

  package static func < (left: Position, right: Position) -> Bool { left.place < right.place }
}

extension Position {
  private enum CodingKeys: String, CodingKey { case stage, step }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    // Numbers that no program reaches are from a file that somebody changed.
    let stage = try container.decode(UInt16.self, forKey: .stage)
    let step = try container.decode(UInt16.self, forKey: .step)
    self.init(stage: Int(stage), step: Int(step))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(stage, forKey: .stage)
    try container.encode(step, forKey: .step)
  }
}

extension Program {
  package subscript(position: Position) -> Step { stages[position.stage].steps[position.step] }
}

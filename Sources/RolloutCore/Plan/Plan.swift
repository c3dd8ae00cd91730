/// The difference between what should be and what is, and the program that closes it. A value without time or place:
/// the same files over the same world give the same plan, and its digest is what people approve.
package struct Plan: Hashable, Codable, Sendable {
  package static let schema = "rollout/plan/1"

  package var schema = Plan.schema
  package var service: String
  package var base: PlanBase
  package var stages: [StagePlan]
  package var program: Program
  /// The suites that `program` names, whole: a saved plan runs the tests it was reviewed with.
  package var suites: [SmokeSuite]

  package init(service: String, base: PlanBase, stages: [StagePlan], program: Program, suites: [SmokeSuite]) {
    self.service = service
    self.base = base
    self.stages = stages
    self.program = program
    self.suites = suites
  }

  package var hasChanges: Bool { !program.stages.isEmpty }

  /// Bakes only; starting, testing and deciding take the time they take.
  package var bakes: TimeSpan {
    program.stages.flatMap(\.steps).reduce(.zero) {
      switch $1 {
      case .bake(let time): $0 + time
      case .deploy(let guardrails, _): $0 + guardrails.waits
      case .verify, .approve, .prepare, .smoke, .shift, .promote: $0
      }
    }
  }
}

/// What a plan was made against. It is stale as soon as any of it has moved.
package struct PlanBase: Hashable, Codable, Sendable {
  package struct Stage: Hashable, Codable, Sendable {
    package var environment: String
    package var endpoint: String
    /// Live by the journal.
    package var live: Digest?
    /// Serving by the target; meaningless unless `targetAnswered`.
    package var serving: Digest?
    package var targetAnswered: Bool
    package var model: Digest
    package var modelVersion: Int
  }

  package var lineage: String?
  package var rolloutsStarted: Int
  package var stages: [Stage]
}

/// One environment's part of a plan, as people read it.
package struct StagePlan: Hashable, Codable, Sendable {
  package enum Change: String, Hashable, Codable, Sendable {
    case none
    case firstDeployment
    case model
    case configuration
    /// The target no longer serves what the journal says is live.
    case redeployment
  }

  package var environment: String
  package var endpoint: String
  package var change: Change
  package var from: DeployedModel?
  package var to: DeployedModel
  package var revision: Digest
  package var variantReason: String?
  package var requirements: [RequirementCheck]
  package var configuration: [ConfigurationChange]
  package var alarms: [PlannedAlarm]
  package var scaling: PlannedScaling?
  package var gates: [String]
  package var schedule: [ScheduleEntry]
  /// Where CloudFormation carries it out.
  package var stack: StackChange? = nil
  /// What was rejected in the registry after it was deployed here, or while it is on its way here.
  package var rejection: String? = nil
}

package struct ConfigurationChange: Hashable, Codable, Sendable {
  package var name: String
  /// `nil`: it was not there.
  package var from: String?
  /// `nil`: it is not there any more.
  package var to: String?

  package init(name: String, from: String?, to: String?) {
    self.name = name
    self.from = from
    self.to = to
  }
}

package struct PlannedAlarm: Hashable, Codable, Sendable {
  package var name: String
  /// `InvocationModelErrors Sum > 5 in 5 min, 1 of 1 datapoint`.
  package var condition: String
  package var rollback: Bool
  /// Bakes that are over before a rollback alarm has the data it needs: `3s at 10%`.
  package var blindBakes: [String] = []
}

package struct PlannedScaling: Hashable, Codable, Sendable {
  package var minimum: Int
  package var maximum: Int
  /// Invocations per instance per minute.
  package var target: Double
  package var scaleOutCooldown: TimeSpan
  package var scaleInCooldown: TimeSpan
  package var alarms: [PlannedAlarm]
}

/// One step on the time line. `after` counts bakes only, from the stage's first step.
package struct ScheduleEntry: Hashable, Codable, Sendable {
  package var after: TimeSpan
  package var action: String
}

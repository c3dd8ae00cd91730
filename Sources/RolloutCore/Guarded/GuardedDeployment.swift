/// One deployment of a revision through CloudFormation: a change set on the environment's stack, and an endpoint
/// configuration that no other deployment uses. SageMaker shifts the traffic, and takes it back, by itself.
package struct GuardedDeployment: Hashable, Codable, Sendable {
  /// Number of the journal entry that announced it.
  package var fence: UInt64
  package var revision: Revision
  /// The endpoint configuration's name.
  package var configuration: String
  /// The change set's name.
  package var changeSet: String
  /// Watched by alarms on its way; a way back is not, because alarms that the bad version set off would end it.
  package var isGuarded: Bool
  /// Its change set was, or is about to be, executed.
  package var isOrdered = false

  package init(_ revision: Revision, fence: UInt64, lineage: String, isGuarded: Bool) {
    // Two journals may both have an entry of this number.
    let suffix = "\(lineage.prefix(4))-\(fence)"
    let endpoint = revision.content.endpoint.name
    self.fence = fence
    self.revision = revision
    self.isGuarded = isGuarded
    configuration = "\(endpoint.prefix(Self.nameLengthMax - suffix.count - 1))-\(suffix)"
    changeSet = "rollout-\(suffix)"
  }

  /// The stack's name.
  package var stack: String { revision.content.sageMaker?.stack ?? "" }

  /// Of an endpoint configuration's name. Source: SageMaker API, EndpointConfigName.
  private static let nameLengthMax = 63
}

/// What AWS shows of an endpoint at one moment, as far as decisions depend on it.
package struct GuardedFacts: Hashable, Sendable {
  package struct Endpoint: Hashable, Sendable {
    /// `InService`, `Updating`, …
    package var status: String
    /// What it serves, or what it would go back to while it moves.
    package var configuration: String
    /// Whether a deployment is under way.
    package var isPending: Bool
    /// Why it went back or failed; often nothing.
    package var reason: String?
    /// What SageMaker says it is doing: `Baking for 600 seconds …`.
    package var activity: String?
    package var desired: Int
    package var current: Int

    package init(
      status: String, configuration: String, isPending: Bool = false, reason: String? = nil, activity: String? = nil,
      desired: Int = 1, current: Int = 1
    ) {
      self.status = status
      self.configuration = configuration
      self.isPending = isPending
      self.reason = reason
      self.activity = activity
      self.desired = desired
      self.current = current
    }

    /// It serves, and nothing is being done to it.
    package var isSettled: Bool { status == "InService" && !isPending }
    /// Nothing is being done to it, whether it serves or not.
    package var isAtRest: Bool { !isPending && (isSettled || Self.stuck.contains(status)) }
    /// It scales, or AWS looks after it: soon over, and nobody's deployment.
    package var isBrieflyBusy: Bool { !isPending && ["Updating", "SystemUpdating"].contains(status) }
    /// Some instances answer.
    package var serves: Bool { !["Creating", "OutOfService", "Deleting", "Failed"].contains(status) }

    private static let stuck = ["Failed", "OutOfService", "UpdateRollbackFailed"]
  }

  package struct Stack: Hashable, Sendable {
    package var name: String
    /// Which no later stack of this name has.
    package var id: String
    package var status: String
    package var reason: String?
    /// The change set that was executed last.
    package var changeSet: String?
    /// What its parameter says that the endpoint serves; `nil` when the template has no such parameter.
    package var configuration: String?

    package init(
      name: String, id: String, status: String, reason: String? = nil, changeSet: String? = nil,
      configuration: String? = nil
    ) {
      self.name = name
      self.id = id
      self.status = status
      self.reason = reason
      self.changeSet = changeSet
      self.configuration = configuration
    }

    package var isBusy: Bool { status.hasSuffix("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS" }
    package var isGoingBack: Bool { status.contains("ROLLBACK") || status.hasPrefix("DELETE") }
    /// It holds nothing yet.
    package var isEmpty: Bool { status == "REVIEW_IN_PROGRESS" || status == "DELETE_COMPLETE" }
  }

  /// The first thing that went wrong while a change set was carried out.
  package struct Failure: Hashable, Sendable {
    package var logicalID: String
    /// `AWS::SageMaker::Endpoint`
    package var type: String
    package var reason: String

    package init(logicalID: String, type: String, reason: String) {
      self.logicalID = logicalID
      self.type = type
      self.reason = reason
    }

    /// Before the endpoint was touched, nothing of the deployment had users.
    package var isBeforeTraffic: Bool { type != "AWS::SageMaker::Endpoint" }
    package var text: String { "\(logicalID) (\(type)): \(reason)" }
  }

  package enum ChangeSet: Hashable, Sendable {
    case creating
    case ready(replacesEndpoint: Bool)
    case empty
    case failed(String)
    /// It is being carried out.
    case started
    /// Nothing more is done for it, whatever came of it.
    case finished
  }

  package struct Alarm: Hashable, Sendable {
    package var name: String
    package var state: AlarmReading.State
    package var reason: String
    /// Watches the metric that only people and `rollout` write to.
    package var isAbort: Bool

    package init(name: String, state: AlarmReading.State, reason: String = "", isAbort: Bool = false) {
      self.name = name
      self.state = state
      self.reason = reason
      self.isAbort = isAbort
    }
  }

  package var endpoint: Endpoint?
  package var stack: Stack?
  /// By name; those that are not there are left out.
  package var changeSets: [String: ChangeSet]
  /// Those that take a deployment back.
  package var alarms: [Alarm]
  /// Of the deployment under way, once it has ended badly.
  package var failure: Failure?

  package init(
    endpoint: Endpoint? = nil, stack: Stack? = nil, changeSets: [String: ChangeSet] = [:], alarms: [Alarm] = [],
    failure: Failure? = nil
  ) {
    self.endpoint = endpoint
    self.stack = stack
    self.changeSets = changeSets
    self.alarms = alarms
    self.failure = failure
  }

  package var isQuiet: Bool { endpoint?.isAtRest ?? true && !(stack?.isBusy ?? false) }
}

/// The next thing to do for an order. Doing one of them twice is as good as once.
package enum GuardedAct: Hashable, Sendable {
  /// Work out the change set of this deployment.
  case create(GuardedDeployment)
  /// Carry it out, once the record says that it is ordered.
  case execute(GuardedDeployment)
  /// Remember that this revision is to be deployed again, without guards.
  case begin(Revision)
  /// Delete a change set that must not be carried out any more.
  case withdraw(GuardedDeployment)
  /// Let the abort alarm trip: SageMaker itself goes back.
  case abort
  /// Let it be quiet again. `isInTheWay`: nothing goes on before it is.
  case calm(isInTheWay: Bool)
  /// Delete this deployment's configuration and give its name to the content of another one: an update that arrives
  /// late then finds good content. `nil`: nothing serves that could be found.
  case bury(GuardedDeployment, like: String?)
  /// There was nothing before: nothing shall serve. By an identifier that no later stack has.
  case deleteStack(id: String)
  case wait(String)
  case refuse(String)
  case done
}

import FoundationEssentials
import RolloutCore
import RolloutEngine

/// What a test may change about this process by its environment. A release binary has no ear for any of it.
enum Rehearsal {
  /// How fast a rollout is driven: a runtime beside it is asked often, AWS is not.
  ///
  /// `ROLLOUT_LEASE_TTL=1s`: how fast a silent driver counts as dead; `ROLLOUT_POLL=50ms`: how often is looked. Nothing
  /// that is safe depends on either.
  static func pace(for state: LaneState) -> DriverMachine.Pace {
    let isCloud = state.rollout?.program.stages.contains { $0.revision.content.sageMaker != nil } ?? false
    var pace = isCloud ? DriverMachine.Pace.cloud : DriverMachine.Pace()
    #if DEBUG
      pace.leaseTTL = variable("ROLLOUT_LEASE_TTL").flatMap { TimeSpan($0) } ?? pace.leaseTTL
      if isCloud { pace.poll = variable("ROLLOUT_POLL").flatMap { TimeSpan($0) } ?? pace.poll }
    #endif
    return pace
  }

  static func journal(_ journal: any Journal) -> any Journal {
    #if DEBUG
      if let failpoints = Failpoints.ofThisProcess { return FailingJournal(journal: journal, failpoints: failpoints) }
    #endif
    return journal
  }

  static func ports<C>(_ ports: RolloutLoop<C>.Ports) -> RolloutLoop<C>.Ports {
    #if DEBUG
      if let failpoints = Failpoints.ofThisProcess {
        var ports = ports
        ports.target = FailingTarget(target: ports.target, failpoints: failpoints)
        ports.prover = FailingProver(prover: ports.prover, failpoints: failpoints)
        return ports
      }
    #endif
    return ports
  }

  #if DEBUG
    static func variable(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
  #endif
}

extension DriverMachine.Pace {
  /// A change of a stack takes minutes, and going back after one takes as long as SageMaker lets a deployment take.
  fileprivate static let cloud = DriverMachine.Pace(poll: .seconds(4), leaseTTL: .seconds(60), restoreWithin: .hours(2))
}

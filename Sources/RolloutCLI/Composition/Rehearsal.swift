import FoundationEssentials
import RolloutCore
import RolloutEngine

/// What a test may change about this process by its environment. A release binary has no ear for any of it.
enum Rehearsal {
  /// `ROLLOUT_LEASE_TTL=1s`: how fast a silent driver counts as dead; nothing that is safe depends on it.
  static var pace: DriverMachine.Pace {
    #if DEBUG
      if let text = variable("ROLLOUT_LEASE_TTL"), let span = TimeSpan(text) {
        return DriverMachine.Pace(leaseTTL: span)
      }
    #endif
    return DriverMachine.Pace()
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

import RolloutCore

extension UserTable {
  /// `nil`: nobody can answer.
  init(_ route: EndpointRoute?) {
    for variant in route?.variants ?? [] {
      total += variant.share.basisPoints
      switch variant.role {
      case .stable: stable = Token(variant.revision)
      case .canary:
        canary = Token(variant.revision)
        canaryShare = variant.share
      case .standby: break
      }
    }
  }
}

extension TargetView {
  /// What a machine shows whose clock counts from `bootedAt`.
  init(_ machine: EndpointMachine, bootedAt: Int64) {
    self.init(fence: machine.fence, isSealed: machine.seal != nil)
    if let digest = machine.stable?.revision.digest { stable = Token(digest) }
    if let digest = machine.incoming?.revision.digest { incoming = Token(digest) }
    if let digest = machine.standby?.fleet.revision.digest { standby = Token(digest) }
    guard let digest = machine.canary?.fleet.revision.digest, let grant = machine.canary?.grant else { return }
    var since: Int64 = 0
    if case .live(_, let start, _) = grant { since = bootedAt + start.milliseconds }
    canary = Canary(
      revision: Token(digest), share: grant.share, isGranted: grant.isLive, shareSince: since,
      isTripped: grant.trip != nil)
  }
}

extension EndpointMachine {
  /// When time alone will change something, by its own clock; `.max`: never.
  var nextDeadline: Int64 {
    var next = Int64.max
    if case .live(_, _, let until) = canary?.grant { next = min(next, until.milliseconds) }
    if let until = standby?.until { next = min(next, until.milliseconds) }
    // By their places: a copy of each would be made to look at it otherwise.
    func take(_ instances: [InstanceMachine]?) {
      guard let instances else { return }
      for index in instances.indices { next = min(next, instances[index].nextDeadline) }
    }
    take(stable?.instances)
    take(canary?.fleet.instances)
    take(standby?.fleet.instances)
    take(incoming?.instances)
    for index in retiring.indices { take(retiring[index].instances) }
    return next
  }
}

extension FleetMachine {
  /// Whether one of the processes that count as ready is as `test` says.
  func hasReady(_ test: (Int32) -> Bool) -> Bool {
    instances.indices.contains { index in
      if case .ready(let process, _, _) = instances[index].state { test(process.pid) } else { false }
    }
  }
}

extension InstanceMachine {
  fileprivate var nextDeadline: Int64 {
    switch state {
    case .starting(_, let deadline): deadline.milliseconds
    // What it is remembered for is forgotten once it has settled.
    case .ready(_, let since, _):
      crashes > 0 || failure != nil ? (since + MachineEndpoint.policy.settledAfter).milliseconds : .max
    case .backingOff(let until), .draining(_, let until), .terminating(_, let until): until.milliseconds
    case .launching, .killing, .stopped: .max
    }
  }
}

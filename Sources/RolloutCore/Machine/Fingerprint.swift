/// A state in 64 bits, up to what decisions can tell apart: sequence numbers count only by their order among each other,
/// and nonces not at all. Fill it twice with the same state: the first time it learns the numbers, the second it mixes.
package struct Fingerprint {
  package private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15
  private var sequences: [UInt64] = []
  private var isMixing = false

  package init() { sequences.reserveCapacity(64) }

  package mutating func restart() {
    sequences.removeAll(keepingCapacity: true)
    isMixing = false
    value = 0x9e37_79b9_7f4a_7c15
  }

  /// From now on what is given is mixed.
  package mutating func mixFromNow() {
    sequences.sort()
    var last: UInt64?
    sequences.removeAll { number in
      defer { last = number }
      return number == last
    }
    isMixing = true
  }

  package mutating func mix(_ number: UInt64) {
    guard isMixing else { return }
    value = (value ^ number) &* 0xff51_afd7_ed55_8ccd
    value ^= value >> 32
  }

  package mutating func mix(_ number: Int) { mix(UInt64(truncatingIfNeeded: number)) }
  package mutating func mix(_ flag: Bool) { mix(flag ? 1 : 2) }
  package mutating func mix(_ position: Position?) {
    mix(position.map { UInt64($0.stage) << 16 | UInt64($0.step) } ?? .max)
  }
  package mutating func mix(_ token: Token?) { mix(token.map(\.value) ?? .max) }
  package mutating func mix(_ share: Percent) { mix(share.basisPoints) }

  /// A sequence number; 0 is itself.
  package mutating func mix(sequence: UInt64) {
    guard isMixing else {
      if sequence > 0 { sequences.append(sequence) }
      return
    }
    guard sequence > 0 else { return mix(0) }
    var low = 0
    var high = sequences.count
    while low < high {
      let middle = (low + high) / 2
      if sequences[middle] < sequence { low = middle + 1 } else { high = middle }
    }
    mix(low + 1)
  }
}

extension LaneMachine {
  package func fill(_ print: inout Fingerprint) {
    print.mix(sequence: sequence)
    print.mix(sequence: epoch)
    last.fill(&print)
  }
}

extension RolloutMachine {
  func fill(_ print: inout Fingerprint) {
    print.mix(number)
    print.mix(Int(mode.rawValue))
    print.mix(Int(cause?.rawValue ?? 99))
    print.mix(position)
    print.mix(failures << 8 | lapses)
    print.mix(touched)
    print.mix(promoted)
    print.mix(isUndone)
    print.mix(awaitsPromotion)
    print.mix(isHeld)
    print.mix(sequence: turnedAt)
    print.mix(revertedTo)
    print.mix(evidenceRoot)
    print.mix(skippedBake)
    print.mix(active != nil)
    if let active {
      print.mix(sequence: active.fence)
      print.mix(sequence: active.epoch)
      print.mix(active.direction == .undo)
      print.mix(active.isProven)
    }
    print.mix(gate != nil)
    if let gate {
      print.mix(gate.position)
      print.mix(gate.evidenceRoot)
      print.mix(gate.approvers)
      print.mix(gate.isDenied)
    }
  }
}

extension DriverMachine {
  /// Without the time of the last renewal, which moves nothing but the next one.
  package func fill(_ print: inout Fingerprint) {
    print.mix(role == .turn)
    print.mix(subject)
    print.mix(sequence: epoch)
    print.mix(sequence: fence)
    print.mix(sequence: performed)
    print.mix(known.journal)
    print.mix(known.leaseIsLive.map { $0 ? 1 : 2 } ?? 3)
    print.mix(known.canaryIsRenewed)
    print.mix(known.reading != nil)
    if let reading = known.reading { reading.fill(&print) }
    print.mix(Int(trouble?.rawValue ?? 99))
    print.mix(fencedInARow)
    print.mix(ending.map { $0.number } ?? 99)
    print.mix(backedOff)
    print.mix(proof != nil)
    if let proof {
      print.mix(sequence: proof.fence)
      print.mix(proof.passed.map { $0 ? 1 : 2 } ?? 3)
      print.mix(proof.root)
    }
    print.mix(pending != nil)
    if let pending {
      print.mix(sequence: pending.expecting)
      print.mix(pending.isSeen)
      print.mix(pending.batch.count)
      for index in 0..<pending.batch.count { pending.batch[index].fill(&print) }
    }
  }
}

extension DriverMachine.Ending {
  fileprivate var number: Int {
    switch self {
    case .nothingToDo: 0
    case .done: 1
    case .waitingForApproval: 2
    case .someoneElseLeads: 3
    case .quarantined: 4
    case .sealed: 5
    }
  }
}

extension EndpointReading {
  func fill(_ print: inout Fingerprint) {
    print.mix(stable?.revision)
    print.mix(canary != nil)
    if let canary {
      print.mix(canary.revision)
      print.mix(canary.share)
      print.mix(canary.leaseIsLive)
      print.mix(canary.baked > .zero)
      print.mix(canary.isTripped)
    }
    print.mix(standby?.revision)
  }
}

extension Move {
  package func fill(_ print: inout Fingerprint) {
    switch self {
    case .stepStarted(let position, let direction):
      print.mix(100)
      print.mix(position)
      print.mix(direction == .undo)
    case .stepSucceeded(let position):
      print.mix(101)
      print.mix(position)
    case .stepFailed(let position, let isFinal):
      print.mix(102)
      print.mix(position)
      print.mix(isFinal)
    case .stepSuperseded(let position):
      print.mix(103)
      print.mix(position)
    case .leaseAcquired(let why): print.mix(why == .free ? 104 : why == .expired ? 105 : 106)
    case .unwindStarted(let cause): print.mix(200 + Int(cause.rawValue))
    case .rolloutCompleted(let outcome): print.mix(220 + Int(outcome.rawValue))
    case .evidenceRecorded(let proven):
      print.mix(proven.passed ? 107 : 108)
      print.mix(proven.root)
    case .laneCreated: print.mix(109)
    case .rolloutStarted: print.mix(110)
    case .rollbackStarted: print.mix(111)
    case .approvalGranted: print.mix(112)
    case .approvalDenied: print.mix(113)
    case .approvalRevoked: print.mix(114)
    case .abortRequested: print.mix(115)
    case .holdSet: print.mix(116)
    case .holdCleared: print.mix(117)
    case .bakeSkipped: print.mix(118)
    case .operatorResolved: print.mix(119)
    case .emergencyReverted(let stage, let restored):
      print.mix(120)
      print.mix(stage ?? -1)
      print.mix(restored)
    case .leaseReleased: print.mix(121)
    case .gateOpened: print.mix(122)
    case .gateExpired: print.mix(123)
    case .canaryLapsed: print.mix(124)
    case .guardTripped: print.mix(125)
    case .revisionPromoted: print.mix(126)
    case .quarantined: print.mix(127)
    }
  }
}

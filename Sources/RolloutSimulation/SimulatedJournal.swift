import RolloutCore

/// A journal as its writers see it: compare-and-append with nonces, and a lease cell that says whether a holder lives.
struct SimulatedJournal {
  struct Lease {
    var epoch: UInt64 = 0
    var holder = -1
    var renewedAt: Int64 = 0
  }

  static let leaseTTL: Int64 = 30_000

  private(set) var marks: [Mark] = []
  /// The fold of `marks`.
  private(set) var lane = LaneMachine()
  var lease = Lease()
  /// What was told to be written: sequence and nonce.
  private(set) var acknowledged: [(sequence: UInt64, nonce: UInt64)] = []

  mutating func reset() {
    marks.removeAll(keepingCapacity: true)
    acknowledged.removeAll(keepingCapacity: true)
    lane = LaneMachine()
    lease = Lease()
  }

  mutating func add(_ mark: Mark) {
    lane.fold(mark)
    marks.append(mark)
  }

  mutating func acknowledge(_ sequence: UInt64, _ nonce: UInt64) { acknowledged.append((sequence, nonce)) }

  /// Drops everything after `sequence`: what a store without versions does to the slower writer.
  mutating func overwrite(after sequence: UInt64) {
    marks.removeLast(marks.count - Int(sequence))
    lane = folded()
  }

  func folded() -> LaneMachine {
    var lane = LaneMachine()
    for mark in marks { lane.fold(mark) }
    return lane
  }

  /// FNV-1a over what was written and when: equal for equal histories.
  var fingerprint: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ value: UInt64) { hash = (hash ^ value) &* 0x0000_0100_0000_01b3 }
    for mark in marks {
      mix(mark.sequence)
      mix(UInt64(bitPattern: mark.at.milliseconds))
      mix(mark.epoch)
      mix(mark.nonce)
      mix(mark.move.kindNumber)
    }
    return hash
  }
}

extension Move {
  /// A number for each kind of move.
  var kindNumber: UInt64 {
    switch self {
    case .laneCreated: 0
    case .rolloutStarted: 1
    case .rollbackStarted: 2
    case .approvalGranted: 3
    case .approvalDenied: 4
    case .approvalRevoked: 5
    case .abortRequested: 6
    case .holdSet: 7
    case .holdCleared: 8
    case .bakeSkipped: 9
    case .operatorResolved: 10
    case .leaseAcquired: 11
    case .emergencyReverted: 12
    case .leaseReleased: 13
    case .stepStarted: 14
    case .stepSucceeded: 15
    case .stepFailed: 16
    case .stepSuperseded: 17
    case .evidenceRecorded: 18
    case .gateOpened: 19
    case .gateExpired: 20
    case .canaryLapsed: 21
    case .guardTripped: 22
    case .unwindStarted: 23
    case .revisionPromoted: 24
    case .rolloutCompleted: 25
    case .quarantined: 26
    }
  }
}

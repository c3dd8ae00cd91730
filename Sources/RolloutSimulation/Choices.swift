/// Everything that chance decides in one run, as one stream of numbers in which 0 is always harmless: a run is replayed
/// by its seed, or by the numbers that were drawn, and made smaller by turning them into zeros.
struct Choices {
  private var state: UInt64
  private let script: [UInt32]?
  private var cursor = 0
  private let isRecording: Bool
  private(set) var drawn: [UInt32] = []
  /// From now on nothing harmful is chosen.
  var isBenign = false
  /// What goes wrong at all in this run.
  var faults: Faults = []

  init(seed: UInt64, recording: Bool = false) {
    state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x2545_f491_4f6c_dd1d
    script = nil
    isRecording = recording
  }

  /// Replays these numbers; past their end everything is benign.
  init(script: [UInt32]) {
    state = 0
    self.script = script
    isRecording = true
  }

  /// 0, or once in `rarity` times a number from 1 to `bound`.
  mutating func draw(_ bound: UInt32, oneIn rarity: UInt32) -> UInt32 {
    if isBenign { return 0 }
    let value: UInt32
    if let script {
      value = cursor < script.count ? min(script[cursor], bound) : 0
      cursor += 1
    } else {
      let random = next()
      let dice = UInt32(truncatingIfNeeded: random)
      value = (UInt64(dice) * UInt64(rarity)) >> 32 == 0 ? 1 + UInt32(((random >> 32) * UInt64(bound)) >> 32) : 0
    }
    if isRecording { drawn.append(value) }
    return value
  }

  /// As `draw`, where this kind of fault is on.
  mutating func chance(_ fault: Faults, _ bound: UInt32, oneIn rarity: UInt32) -> UInt32 {
    faults.contains(fault) ? draw(bound, oneIn: rarity) : 0
  }

  /// SplitMix64.
  private mutating func next() -> UInt64 {
    state = state &+ 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A kind of mishap that is on or off for a whole run, so that rare mixtures come up.
package struct Faults: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  static let crashes = Faults(rawValue: 1 << 0)
  static let pauses = Faults(rawValue: 1 << 1)
  static let lostMessages = Faults(rawValue: 1 << 2)
  static let lateMessages = Faults(rawValue: 1 << 3)
  static let duplicates = Faults(rawValue: 1 << 4)
  static let emptyPromises = Faults(rawValue: 1 << 5)
  static let slowFleets = Faults(rawValue: 1 << 6)
  static let throttling = Faults(rawValue: 1 << 7)
  static let lostAppends = Faults(rawValue: 1 << 8)
  static let outages = Faults(rawValue: 1 << 9)
  static let alarms = Faults(rawValue: 1 << 10)
  static let failingProofs = Faults(rawValue: 1 << 11)
  static let clocks = Faults(rawValue: 1 << 12)
  static let people = Faults(rawValue: 1 << 13)
  static let races = Faults(rawValue: 1 << 14)
  static let successors = Faults(rawValue: 1 << 15)
  static let emergencies = Faults(rawValue: 1 << 16)
  static let halves = Faults(rawValue: 1 << 17)

  static let count: UInt32 = 18

  // Of the product's endpoint: its runtime, and the servers it looks after.
  static let restarts = Faults(rawValue: 1 << 18)
  static let serverCrashes = Faults(rawValue: 1 << 19)
  static let failingFleets = Faults(rawValue: 1 << 20)
  static let stubbornness = Faults(rawValue: 1 << 21)
  static let scaling = Faults(rawValue: 1 << 22)
  static let wallClocks = Faults(rawValue: 1 << 23)
  static let lateness = Faults(rawValue: 1 << 24)

  static let fullDisks = Faults(rawValue: 1 << 25)

  static let machineCount: UInt32 = 8
}

import RolloutCore

/// An endpoint without time: what clocks would decide is decided by whoever explores.
struct ModelEndpoint {
  struct Canary {
    var revision: Token
    var share = Percent.none
    var isGranted = false
    var grant: UInt64 = 0
    var isTripped = false
  }

  enum Answer { case accepted, duplicate, fenced, refused, sealed }

  var fence: UInt64 = 0
  var applied: UInt64 = 0
  var stable: Token
  var standby: Token?
  var canary: Canary?
  var lapsedGrant: UInt64 = 0
  var isRestored = false
  private(set) var isSealed = false
  /// What somebody put back by hand in place of what served.
  private(set) var byHand: Token?

  func shutsOut(_ fence: UInt64, _ control: Control?) -> Bool {
    isSealed && control != .sealIgnored || fence < self.fence && control != .noFencing
  }

  /// The canary goes, or where there is none the version before takes over.
  mutating func revert() -> Token? {
    defer {
      canary = nil
      isSealed = true
    }
    guard canary == nil, let before = standby else { return nil }
    stable = before
    standby = nil
    byHand = before
    return before
  }

  mutating func unseal(fence: UInt64) {
    isSealed = false
    self.fence = max(self.fence, fence)
  }

  mutating func withdraw(tripping: Bool) {
    lapsedGrant = max(lapsedGrant, canary?.grant ?? 0)
    canary?.share = .none
    canary?.isGranted = false
    if tripping { canary?.isTripped = true }
  }

  mutating func accept(_ order: ModelOrder, _ control: Control?) -> Answer {
    if isSealed, control != .sealIgnored { return .sealed }
    if order.fence < fence, control != .noFencing { return .fenced }
    if order.fence == applied { return .duplicate }
    fence = max(fence, order.fence)
    switch order.kind {
    case .prepare, .restore: break
    case .shift: guard let canary, !canary.isTripped else { return .refused }
    case .promote:
      guard let canary, !canary.isTripped, canary.isGranted || control == .promotesLapsedCanary else { return .refused }
    }
    applied = order.fence
    switch order.kind {
    case .prepare:
      standby = nil
      canary = Canary(revision: Model.new)
    case .shift(let share):
      canary?.share = share
      canary?.isGranted = true
      canary?.grant = order.fence
    case .promote:
      standby = stable
      stable = Model.new
      canary = nil
    case .restore:
      if stable != order.base { standby = stable }
      stable = order.base
      canary = nil
      isRestored = true
    }
    return .accepted
  }

  /// `hasBaked`: long enough for any bake.
  func reading(hasBaked: Bool) -> EndpointReading {
    EndpointReading(
      stable: .init(revision: stable, serves: true),
      canary: canary.map {
        .init(
          revision: $0.revision, share: $0.share, leaseIsLive: $0.isGranted,
          baked: hasBaked && $0.isGranted ? .hours(1) : .zero, isShort: false, isComplete: true,
          isTripped: $0.isTripped, hasFailed: false)
      },
      standby: standby.map { .init(revision: $0, hasFailed: false) })
  }

  func fill(_ print: inout Fingerprint) {
    print.mix(sequence: fence)
    print.mix(sequence: applied)
    print.mix(stable)
    print.mix(standby)
    print.mix(isRestored)
    print.mix(isSealed)
    print.mix(byHand)
    print.mix(canary != nil)
    if let canary {
      print.mix(canary.revision)
      print.mix(canary.share)
      print.mix(canary.isGranted)
      print.mix(sequence: canary.grant)
      print.mix(canary.isTripped)
    }
  }
}

struct ModelOrder {
  var kind: DriverMachine.Order
  var fence: UInt64
  /// What a way back leads to.
  var base: Token

  func fill(_ print: inout Fingerprint) {
    print.mix(sequence: fence)
    switch kind {
    case .prepare: print.mix(1)
    case .shift(let share):
      print.mix(2)
      print.mix(share)
    case .promote: print.mix(3)
    case .restore:
      print.mix(4)
      print.mix(base)
    }
  }
}

/// A mistake built into the world: the check must find what it does.
package enum Control: String, CaseIterable, Sendable {
  case noFencing, takeoverTrustsStartedStep, takeoverCountsAsFailure, promotesLapsedCanary, abortIgnoredWhilePromoting
  case sealIgnored
}

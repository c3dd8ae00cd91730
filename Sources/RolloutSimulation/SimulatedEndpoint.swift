import RolloutCore

/// An endpoint that keeps the target's contract: refuses an older fence, treats an equal one as a duplicate, lets a share
/// lapse by its own clock, and promotes only a canary that is alive.
struct SimulatedEndpoint {
  struct Canary {
    var revision: Token
    /// When its instances are ready; `never` for one that hangs.
    var readyAt: Int64
    /// When it is known to be broken.
    var failsAt = never
    var share = Percent.none
    var isGranted = false
    var shareSince: Int64 = 0
    var grant: UInt64 = 0
    var isTripped = false
  }

  enum Answer { case accepted, duplicate, fenced, refused, throttled, sealed }

  static let never = Int64.max
  static let ttl: Int64 = 30_000

  var fence: UInt64 = 0
  var applied: UInt64 = 0
  var stable: Token?
  var standby: Token?
  var canary: Canary?
  /// When its share lapses unless it is renewed; `never` without one.
  private(set) var lapsesAt = never
  /// The highest grant that lapsed: no share may come from it again.
  var lapsedGrant: UInt64 = 0
  /// The rollout whose last order here was to restore.
  var restoredRollout = 0
  /// Somebody took users back by hand, and the journal has not said that it knows: nobody is obeyed.
  private(set) var isSealed = false

  /// `true` when the canary lost its share now.
  mutating func lapse(at now: Int64, _ mutant: Mutant?) -> Bool {
    guard now > lapsesAt, mutant != .canaryOutlivesDriver, let canary else { return false }
    lapsedGrant = max(lapsedGrant, canary.grant)
    withdraw()
    return true
  }

  mutating func renew(at now: Int64) {
    if lapsesAt != Self.never { lapsesAt = now + Self.ttl }
  }

  private mutating func withdraw() {
    canary?.isGranted = false
    canary?.share = .none
    lapsesAt = Self.never
  }

  mutating func trip() {
    guard let canary, canary.isGranted else { return }
    lapsedGrant = max(lapsedGrant, canary.grant)
    self.canary?.isTripped = true
    withdraw()
  }

  /// Whether an order or a look with this fence is too old.
  private func isFenced(_ fence: UInt64, _ mutant: Mutant?) -> Bool { fence < self.fence && mutant != .noFencing }

  func shutsOut(_ fence: UInt64, _ mutant: Mutant?) -> Bool {
    isSealed && mutant != .sealIgnored || isFenced(fence, mutant)
  }

  /// `isHalf`: obeyed, and stopped in the middle.
  mutating func accept(
    _ order: SimulatedOrder, at now: Int64, readyAt: Int64, isHalf: Bool, _ mutant: Mutant?
  ) -> Answer {
    if isSealed, mutant != .sealIgnored { return .sealed }
    if isFenced(order.fence, mutant) { return .fenced }
    if order.fence == applied, mutant != .duplicateApplied { return .duplicate }
    // What is not obeyed still says who leads.
    fence = max(fence, order.fence)
    if let answer = obstacle(to: order, at: now, mutant) { return answer }
    applied = order.fence
    if isHalf { begin(order) } else { carryOut(order, at: now, readyAt: readyAt) }
    return .accepted
  }

  private mutating func begin(_ order: SimulatedOrder) {
    switch order.kind {
    // Servers that never come up.
    case .prepare: carryOut(order, at: 0, readyAt: Self.never)
    case .shift: withdraw()
    case .promote:
      standby = stable
      stable = order.revision
      withdraw()
    case .restore:
      canary = nil
      lapsesAt = Self.never
    }
  }

  /// Rollback of last resort: the canary goes, or where there is none the version before takes over. What serves again
  /// instead of what did; `nil` where that stayed.
  mutating func revert() -> Token? {
    defer {
      canary = nil
      lapsesAt = Self.never
      isSealed = true
    }
    guard canary == nil, let before = standby else { return nil }
    stable = before
    standby = nil
    return before
  }

  mutating func unseal(fence: UInt64) {
    isSealed = false
    self.fence = max(self.fence, fence)
  }

  private func obstacle(to order: SimulatedOrder, at now: Int64, _ mutant: Mutant?) -> Answer? {
    switch order.kind {
    case .prepare, .restore: return nil
    case .shift:
      guard let canary, canary.revision == order.revision, !canary.isTripped else { return .refused }
      return canary.readyAt <= now ? nil : .throttled
    case .promote:
      guard let canary, canary.revision == order.revision, !canary.isTripped else { return .refused }
      return canary.isGranted || mutant == .promotesLapsedCanary ? nil : .refused
    }
  }

  private mutating func carryOut(_ order: SimulatedOrder, at now: Int64, readyAt: Int64) {
    switch order.kind {
    case .prepare:
      // Servers that were kept warm make room for it.
      standby = nil
      canary = Canary(revision: order.revision, readyAt: readyAt)
      lapsesAt = Self.never
    case .shift(let share):
      canary?.share = share
      canary?.isGranted = true
      lapsesAt = now + Self.ttl
      canary?.shareSince = now
      canary?.grant = order.fence
    case .promote:
      standby = stable
      stable = order.revision
      canary = nil
      lapsesAt = Self.never
    case .restore:
      restoredRollout = order.rollout
      if stable != order.base { standby = stable }
      stable = order.base
      canary = nil
      lapsesAt = Self.never
    }
  }

  func reading(at now: Int64) -> EndpointReading {
    EndpointReading(
      stable: stable.map { .init(revision: $0, serves: true) },
      canary: canary.map { canary in
        let isReady = canary.readyAt <= now
        return .init(
          revision: canary.revision, share: canary.share, leaseIsLive: canary.isGranted,
          baked: .milliseconds(canary.isGranted ? now - canary.shareSince : 0), isShort: !isReady, isComplete: isReady,
          isTripped: canary.isTripped, hasFailed: canary.failsAt <= now)
      },
      standby: standby.map { .init(revision: $0, hasFailed: false) })
  }
}

/// An order on its way, with everything it says.
struct SimulatedOrder {
  var kind: DriverMachine.Order
  var fence: UInt64
  var stage: Int
  var revision: Token
  var base: Token?
  var rollout: Int
}

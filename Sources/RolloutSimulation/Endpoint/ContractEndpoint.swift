import RolloutCore

/// An endpoint that keeps the target's contract and does nothing else: refuses an older fence, treats an equal one as a
/// duplicate, lets a share lapse by its own clock, and promotes only a canary that is alive.
struct ContractEndpoint: SimulatedTarget {
  private struct Canary {
    var revision: Token
    /// When its instances are ready; `never` for one that hangs.
    var readyAt: Int64
    /// When it is known to be broken.
    var failsAt = never
    var share = Percent.none
    var isGranted = false
    var shareSince: Int64 = 0
    var isTripped = false
  }

  static let ttl: Int64 = 30_000

  private let mutant: Mutant?
  private var fence: UInt64 = 0
  private var applied: UInt64 = 0
  private var stable: Token?
  private var standby: Token?
  private var canary: Canary?
  private(set) var lapsesAt = never
  private(set) var isSealed = false

  init(stable: Token?, standby: Token?, _ mutant: Mutant?) {
    self.stable = stable
    self.standby = standby
    self.mutant = mutant
  }

  var isDown: Bool { false }
  var violation: Violation? { nil }
  var hasForgottenSeal: Bool { false }
  func unrest(at now: Int64) -> Violation? { nil }
  var story: String { String(describing: self) }

  var view: TargetView {
    TargetView(
      fence: fence, isSealed: isSealed, stable: stable, standby: standby,
      canary: canary.map {
        .init(
          revision: $0.revision, share: $0.share, isGranted: $0.isGranted, shareSince: $0.shareSince,
          isTripped: $0.isTripped)
      })
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

// MARK: - The canary's share

extension ContractEndpoint {
  var wakesAt: Int64 { lapsesAt == never || mutant == .canaryOutlivesDriver ? never : lapsesAt }

  mutating func pass(to now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) {
    guard wakesAt <= now, canary != nil else { return }
    withdraw()
    coverage.saw(.lapse)
  }

  mutating func renew(_ fence: UInt64, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage)
    -> TargetAnswer
  {
    if let refusal = shutOut(fence) { return refusal }
    if lapsesAt != never { lapsesAt = now + Self.ttl }
    return .accepted
  }

  mutating func trip(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) {
    guard let canary, canary.isGranted else { return }
    self.canary?.isTripped = true
    withdraw()
  }

  private mutating func withdraw() {
    canary?.isGranted = false
    canary?.share = .none
    lapsesAt = never
  }
}

// MARK: - Orders

extension ContractEndpoint {
  mutating func look(_ fence: UInt64, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage)
    -> TargetAnswer
  {
    if let refusal = shutOut(fence) { return refusal }
    self.fence = max(self.fence, fence)
    return .accepted
  }

  private func shutOut(_ fence: UInt64) -> TargetAnswer? {
    if isSealed, mutant != .sealIgnored { return .sealed }
    return fence < self.fence && mutant != .noFencing ? .fenced : nil
  }

  mutating func accept(
    _ order: SimulatedOrder, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage
  ) -> TargetAnswer {
    var readyAt = now + 8_000
    var breaksAt = never
    if case .prepare = order.kind {
      switch choices.chance(.slowFleets, 3, oneIn: 6) {
      case 1:
        coverage.saw(.slowFleet)
        readyAt = now + 1_000 * Int64(choices.draw(280, oneIn: 1))
      case 2:
        coverage.saw(.brokenFleet)
        breaksAt = now + 20_000
        readyAt = never
      case 3: readyAt = never
      default: break
      }
    }
    // Obeyed, and stopped in the middle.
    let isHalf = choices.chance(.halves, 1, oneIn: 20) != 0
    if let refusal = shutOut(order.fence) { return refusal }
    if order.fence == applied, mutant != .duplicateApplied { return .duplicate }
    // What is not obeyed still says who leads.
    fence = max(fence, order.fence)
    if let answer = obstacle(to: order, at: now) { return answer }
    applied = order.fence
    if isHalf {
      coverage.saw(.halfDone)
      begin(order)
    } else {
      carryOut(order, at: now, readyAt: readyAt)
    }
    if breaksAt != never { canary?.failsAt = breaksAt }
    return .accepted
  }

  private func obstacle(to order: SimulatedOrder, at now: Int64) -> TargetAnswer? {
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
      lapsesAt = never
    case .shift(let share):
      canary?.share = share
      canary?.isGranted = true
      lapsesAt = now + Self.ttl
      canary?.shareSince = now
    case .promote:
      standby = stable
      stable = order.revision
      canary = nil
      lapsesAt = never
    case .restore:
      // What it replaces is stopped, whether or not it was warm before.
      if standby == order.base || order.base == nil { standby = nil }
      stable = order.base
      canary = nil
      lapsesAt = never
    }
  }

  private mutating func begin(_ order: SimulatedOrder) {
    switch order.kind {
    // Servers that never come up.
    case .prepare: carryOut(order, at: 0, readyAt: never)
    case .shift: withdraw()
    case .promote:
      standby = stable
      stable = order.revision
      withdraw()
    case .restore:
      canary = nil
      lapsesAt = never
    }
  }
}

// MARK: - By hand

extension ContractEndpoint {
  /// The canary goes, or where there is none the version before takes over.
  mutating func revert(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) -> HandMade? {
    defer {
      canary = nil
      lapsesAt = never
      isSealed = true
    }
    guard canary == nil, let before = standby else { return HandMade(restored: nil) }
    stable = before
    standby = nil
    return HandMade(restored: before)
  }

  mutating func unseal(fence: UInt64, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) -> Bool {
    isSealed = false
    self.fence = max(self.fence, fence)
    return true
  }
}

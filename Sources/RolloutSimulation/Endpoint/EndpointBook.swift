import RolloutCore

/// What users get of one endpoint at one moment, as its router was told last.
struct UserTable: Hashable {
  var stable: Token?
  var canary: Token?
  var canaryShare = Percent.none
  /// Of all variants together, in hundredths of a percent.
  var total = 0
}

/// What an endpoint promised by its answers, written down by somebody who only listens: what users get must follow from
/// it, and no restart may take it back.
struct EndpointBook {
  /// The highest fence in anything that was answered.
  private(set) var fence: UInt64 = 0
  private(set) var isSealed = false
  private(set) var stable: Token?
  /// A way back that was promised and has not arrived.
  private(set) var coming: Token?
  private(set) var canary: Token?
  private(set) var isTripped = false
  /// It has had users since it was prepared.
  private var hadShare = false
  /// What users of the canary may be at most, until when.
  private var share = Percent.none
  private var until: Int64 = 0
  /// How long after its time a deadline may be seen.
  var lateness: Int64 = 0
  /// Writes down only what hurts somebody.
  var ignoresStructure = false
  private(set) var violation: Violation?

  static let lease: Int64 = 30_000

  init(stable: Token? = nil) { self.stable = stable }

  mutating func report(_ invariant: Int, _ text: String) {
    let found = Violation(invariant: invariant, text: text)
    if violation == nil, !(ignoresStructure && found.isStructural) { violation = found }
  }
}

// MARK: - What is heard

extension EndpointBook {
  /// It answered to this fence, whatever it did about it.
  mutating func heard(_ fence: UInt64) { self.fence = max(self.fence, fence) }

  mutating func obeyed(_ order: SimulatedOrder, at now: Int64) {
    if order.fence < fence { report(12, "an order was obeyed after a newer one was seen") }
    if isSealed { report(13, "an order was obeyed under a seal") }
    heard(order.fence)
    switch order.kind {
    case .prepare:
      canary = order.revision
      isTripped = false
      hadShare = false
      share = .none
    case .shift(let share):
      if isTripped { report(14, "a canary that was taken back got users again") }
      self.share = share
      hadShare = true
      until = now + Self.lease
    case .promote:
      if share == .none || until <= now { report(16, "a canary without a lease was promoted") }
      stable = canary
      coming = nil
      dropCanary()
    case .restore:
      dropCanary()
      coming = order.base == stable ? nil : order.base
      if order.base == nil { stable = nil }
    }
  }

  mutating func renewed(_ fence: UInt64, at now: Int64) {
    if fence < self.fence { report(12, "a share was kept after a newer order was seen") }
    if isSealed { report(13, "a share was kept under a seal") }
    if share > .none { until = now + Self.lease }
  }

  mutating func tripped() {
    isTripped = true
    share = .none
  }

  mutating func reverted(restoring revision: Token?) {
    isSealed = true
    dropCanary()
    if let revision { coming = revision == stable ? nil : revision }
  }

  mutating func unsealed(_ fence: UInt64) {
    isSealed = false
    heard(fence)
  }

  private mutating func dropCanary() {
    canary = nil
    isTripped = false
    share = .none
  }
}

// MARK: - What is seen

extension EndpointBook {
  /// After every step of the endpoint.
  mutating func check(_ table: UserTable, _ view: TargetView, at now: Int64) {
    if table.stable != nil, table.total != Percent.all.basisPoints {
      report(28, "shares total \(table.total) of 10000")
    }
    if table.stable != stable {
      if table.stable == coming {
        stable = coming
        coming = nil
      } else {
        report(28, "users are on a revision that nobody put there")
      }
    }
    if let coming, view.incoming != coming { report(33, "a way back that was promised was forgotten") }
    if view.canary?.isTripped ?? false {
      if !hadShare { report(34, "a canary was taken back that never had users") }
      isTripped = true
    } else if isTripped {
      report(30, "a canary that was taken back is so no more")
    }
    checkShare(table, at: now)
  }

  private mutating func checkShare(_ table: UserTable, at now: Int64) {
    guard table.canaryShare > .none else {
      // Gone, for whatever reason: it takes an order to give it again.
      share = .none
      return
    }
    if table.canary != canary { report(28, "users are on a canary that nobody ordered last") }
    if isTripped { report(14, "a canary that was taken back has users") }
    if share == .none { report(14, "a share came back by itself") }
    if share != .none, table.canaryShare != share { report(28, "the share is not the one that was ordered") }
    if now > until + lateness { report(15, "a canary has users, and nobody renewed its lease") }
  }

  /// The runtime is back. `view`: what it knows before anybody has told it anything.
  mutating func checkRestart(_ view: TargetView, _ table: UserTable) {
    share = .none
    if table.canaryShare > .none { report(29, "a share outlived the runtime that kept it") }
    if view.fence < fence { report(30, "a restart forgot a fence that was obeyed") }
    if view.isSealed != isSealed { report(30, "a restart forgot a seal, or made one") }
    if view.stable != stable || view.canary?.revision != canary { report(30, "a restart changed who serves") }
    if view.incoming != coming { report(30, "a restart forgot a way back that was promised") }
    if isTripped, !(view.canary?.isTripped ?? false) { report(30, "a restart forgot that a canary was taken back") }
  }
}

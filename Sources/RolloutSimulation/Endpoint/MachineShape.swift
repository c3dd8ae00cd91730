import RolloutCore

/// Everything in a machine that its record, its table or its view depends on, in a few numbers: what they are made of
/// again only when it changes.
struct MachineShape: Equatable {
  private var fence: UInt64
  private var applied: UInt64?
  private var isSealed: Bool
  private var fleets: (stable: Int, canary: Int, standby: Int, incoming: Int)
  private var sizes: (stable: Int, canary: Int, standby: Int, incoming: Int)
  /// The canary's grant: which kind, and since when.
  private var grant = 0
  private var since: Int64 = 0
  private var share = Percent.none
  private var standbyUntil: Int64

  init(_ machine: EndpointMachine) {
    fence = machine.fence
    applied = machine.applied
    isSealed = machine.seal != nil
    fleets = (
      machine.stable?.id ?? 0, machine.canary?.fleet.id ?? 0, machine.standby?.fleet.id ?? 0, machine.incoming?.id ?? 0
    )
    sizes = (
      machine.stable?.desired ?? 0, machine.canary?.fleet.desired ?? 0, machine.standby?.fleet.desired ?? 0,
      machine.incoming?.desired ?? 0
    )
    standbyUntil = machine.standby?.until.milliseconds ?? 0
    switch machine.canary?.grant {
    case nil, .some(.none): break
    case .lapsed: grant = 1
    case .tripped: grant = 2
    case .live(let share, let since, _):
      grant = 3
      self.share = share
      self.since = since.milliseconds
    }
  }

  static func == (left: MachineShape, right: MachineShape) -> Bool {
    left.fence == right.fence && left.applied == right.applied && left.isSealed == right.isSealed
      && left.fleets == right.fleets && left.sizes == right.sizes && left.grant == right.grant
      && left.since == right.since && left.share == right.share && left.standbyUntil == right.standbyUntil
  }
}

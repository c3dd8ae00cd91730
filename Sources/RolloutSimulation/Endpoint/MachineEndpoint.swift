import RolloutCore

/// The product's own endpoint in the simulated world: `EndpointMachine` in a runtime that crashes and then knows only
/// what it had saved, over model servers that start late, crash and hang. Does what the runtime's controller does:
/// works on a copy, saves it before it is the truth, lets time pass, shows users the new table, and only then answers.
struct MachineEndpoint: SimulatedTarget {
  static let policy = SupervisionPolicy()

  var machine: EndpointMachine
  var book = EndpointBook()
  var farm = ServerFarm()
  /// The journal whose orders it is given.
  var lineage = "before"
  /// Figures of this run.
  var traits: Traits
  let mutant: Mutant?
  /// The last machine whose record was saved, and when.
  var saved: Saved
  var savedShape: MachineShape?
  /// The book as it was at the last time that everything was kept.
  var keptBook = EndpointBook()
  /// Something that nobody waits for could not be kept yet.
  var isUnkept = false
  var hasForgottenSeal = false
  /// While the state file cannot be written.
  var diskFails: Range<Int64> = 0..<0
  /// What the table and the view were made of.
  var seenShape: MachineShape?
  /// The runtime's own clock counts from here.
  var bootedAt: Int64
  /// How far the wall clock is off.
  var wallSkew: Int64 = 0
  /// When it is started again; `never` while it runs.
  var bootsAt = never
  /// When its process will die of something of its own, and when it will be told to have another size.
  var crashesAt = never
  var scalesAt = never
  var table = UserTable()
  var view = TargetView(fence: 0, isSealed: false)
  var wakesAt = never
  /// Messages that it took, and the one at which it dies: for systematic search.
  var messages = 0

  struct Traits {
    var instances = 1
    var keepWarm = TimeSpan.minutes(10)
    /// How long after a deadline the controller looks at its clock.
    var lateness: Int64 = 0
    /// The message at which the runtime dies, `-1`: none; before it has saved what it was told, or after.
    var fatalMessage = -1
    var diesAfterSaving = false
    /// Only what hurts somebody is watched for.
    var ignoresStructure = false
  }

  struct Saved {
    var machine: EndpointMachine
    var at: TimeSpan
    var wall: Timestamp
  }

  init(name: String, bootedAt: Int64, _ traits: Traits, _ mutant: Mutant?) {
    machine = EndpointMachine(name: name, policy: Self.policy)
    self.bootedAt = bootedAt
    self.traits = traits
    self.mutant = mutant
    saved = Saved(machine: machine, at: .zero, wall: Timestamp(milliseconds: 0))
  }

  var isSealed: Bool { view.isSealed }
  var isDown: Bool { bootsAt != never }
  var violation: Violation? { book.violation }

  func clock(_ now: Int64) -> TimeSpan { .milliseconds(now - bootedAt) }
  func wall(_ now: Int64) -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000 + now + wallSkew) }

  var lapsesAt: Int64 {
    guard !isDown, case .live(_, _, let until) = machine.canary?.grant else { return never }
    return bootedAt + until.milliseconds + traits.lateness
  }

  func reading(at now: Int64) -> EndpointReading {
    EndpointReading(machine.observation(at: clock(now)) { _ in ([], TrafficReading()) })
  }

  /// What it should long have come to, now that nothing goes wrong any more.
  func unrest(at now: Int64) -> Violation? {
    if isDown || machine.incoming != nil { return Violation(invariant: 33, text: "a way back never arrived") }
    if machine.stable != nil, !servesNow(at: now) {
      return Violation(invariant: 33, text: "what is stable never serves")
    }
    return table.canaryShare > .none ? Violation(invariant: 15, text: "a share never lapsed") : nil
  }

  var story: String {
    "\(machine.name): \(isDown ? "down" : "up"), users \(table), view \(view), servers \(farm.servers)"
  }
}

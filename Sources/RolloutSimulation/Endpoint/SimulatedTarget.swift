import RolloutCore

/// An endpoint as the rest of the simulated world knows it: who is told what, and what can be seen from outside.
/// Whatever chance decides about it is drawn from `choices`.
protocol SimulatedTarget {
  var view: TargetView { get }
  /// Nobody is obeyed until the journal says that it knows.
  var isSealed: Bool { get }
  /// Nothing is answered: what it was told last may have been kept or lost.
  var isDown: Bool { get }
  /// When the canary's share lapses unless it is renewed; `never` without one.
  var lapsesAt: Int64 { get }
  /// When something happens to it by itself; `never`: nothing will.
  var wakesAt: Int64 { get }
  /// What it was seen to do that no endpoint may.
  var violation: Violation? { get }
  /// What somebody did by hand was never kept, as they were told, and is forgotten.
  var hasForgottenSeal: Bool { get }
  /// How it stands, for people.
  var story: String { get }

  mutating func look(_ fence: UInt64, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage)
    -> TargetAnswer
  mutating func renew(_ fence: UInt64, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage)
    -> TargetAnswer
  mutating func accept(
    _ order: SimulatedOrder, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage
  ) -> TargetAnswer
  /// An alarm takes the canary's share away.
  mutating func trip(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage)
  /// Rollback of last resort; `nil` when it could not be asked.
  mutating func revert(at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage) -> HandMade?
  /// `false` when it could not be asked.
  mutating func unseal(
    fence: UInt64, at now: Int64, _ choices: inout Choices, _ coverage: inout Coverage
  ) -> Bool
  /// Whatever is due by `now` happens.
  mutating func pass(to now: Int64, _ choices: inout Choices, _ coverage: inout Coverage)
  /// What is wrong once nothing has gone wrong for a long time.
  func unrest(at now: Int64) -> Violation?
  func reading(at now: Int64) -> EndpointReading
}

/// No time that ever comes.
let never = Int64.max

/// `unreachable`: nobody heard it. `failed`: it could not be kept, so it was not taken.
enum TargetAnswer { case accepted, duplicate, fenced, refused, throttled, sealed, unreachable, failed }

/// What somebody did by hand: the revision put in the place of what served; `nil` where that stayed.
struct HandMade {
  var restored: Token?
  /// There was nothing to take back, so nothing was done.
  var isRefused = false
}

/// What can be seen of an endpoint at one moment.
struct TargetView {
  struct Canary {
    var revision: Token
    var share: Percent
    var isGranted: Bool
    var shareSince: Int64
    var isTripped: Bool
  }

  var fence: UInt64
  var isSealed: Bool
  var stable: Token?
  /// On its way to take over from stable.
  var incoming: Token?
  var standby: Token?
  var canary: Canary?
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

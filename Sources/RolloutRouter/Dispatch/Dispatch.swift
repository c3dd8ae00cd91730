import NIOCore
import RolloutCore

/// Who has which place at which backend: a pure value that says what to do, so that the lock round it is held briefly.
///
/// A place is one of a backend's `concurrencyMax`. Every place taken by `assign` or handed to a waiter is given back
/// with `release`, whatever became of the request.
struct Dispatch {
  struct Ticket: Hashable, Sendable { let number: UInt64 }
  struct DrainID: Hashable, Sendable { let number: UInt64 }

  /// What a request asks for.
  struct Wish: Sendable {
    enum Aim: Hashable, Sendable {
      case coin
      case named(String)
      /// The fleet of an earlier try.
      case fleet(String)
      /// Stable in place of a canary that failed.
      case stable
    }

    var endpoint: String
    var aim: Aim
    /// Backends that have failed this request already.
    var excluding: [Backend.ID] = []
  }

  struct Assignment: Sendable {
    let routed: Routed
    let backend: Backend
  }

  enum Refusal: Error, Hashable, Sendable {
    case unknownEndpoint(String)
    case unknownVariant(String)
    case noInstance
    case queueFull
  }

  enum Verdict {
    case go(Assignment)
    case wait(VariantRole, Ticket)
    /// With the variant that was full or empty, if it came to that.
    case refused(VariantRole?, Refusal)
  }

  /// What the shell does once it has let go of the lock.
  enum Action {
    case hand(Assignment, to: Ticket)
    /// The fleet has no backend any more; the request asks again.
    case turnAway(Ticket)
    case drained(DrainID)
  }

  private struct Waiter {
    let ticket: Ticket
    let routed: Routed
    let excluding: [Backend.ID]
  }

  private(set) var table = RoutingTable()
  private var fleets: [String: VariantRoute] = [:]
  private var outstanding: [Backend.ID: Int] = [:]
  private var waiting: [String: CircularBuffer<Waiter>] = [:]
  private var drains: [DrainID: Set<Backend.ID>] = [:]
  private var random: SplitMix
  private var lastNumber: UInt64 = 0
  private let waitingMax: Int

  init(seed: UInt64, waitingMax: Int) {
    random = SplitMix(seed: seed)
    self.waitingMax = waitingMax
  }

  func outstanding(_ id: Backend.ID) -> Int { outstanding[id] ?? 0 }

  // MARK: Requests

  mutating func assign(_ wish: Wish, at now: TimeSpan) -> Verdict {
    do throws(Refusal) {
      return place(try route(wish, at: now), excluding: wish.excluding)
    } catch {
      return .refused(nil, error)
    }
  }

  mutating func release(_ backend: Backend.ID, of fleet: String) -> [Action] {
    let left = outstanding(backend) - 1
    precondition(left >= 0, "a place is given back once")
    outstanding[backend] = left == 0 ? nil : left
    return handOn(fleet) + (left == 0 ? finishDrains() : [])
  }

  /// Whether the waiter was still waiting. If not, a place is on its way to it and must be given back.
  mutating func cancel(_ ticket: Ticket) -> Bool {
    for fleet in waiting.keys {
      guard let index = waiting[fleet]?.firstIndex(where: { $0.ticket == ticket }) else { continue }
      waiting[fleet]?.remove(at: index)
      return true
    }
    return false
  }

  // MARK: Owner

  mutating func publish(_ table: RoutingTable) -> [Action] {
    self.table = table
    fleets = Dictionary(uniqueKeysWithValues: table.endpoints.flatMap(\.variants).map { ($0.fleet, $0) })
    return waiting.keys.sorted().flatMap { handOn($0) }
  }

  mutating func newDrain() -> DrainID { DrainID(number: nextNumber()) }

  /// Asks to be told when no request is under way at any of these.
  mutating func start(_ drain: DrainID, of backends: Set<Backend.ID>) -> [Action] {
    drains[drain] = backends
    return finishDrains()
  }

  mutating func cancel(_ drain: DrainID) { drains[drain] = nil }
}

extension Dispatch {
  private mutating func route(_ wish: Wish, at now: TimeSpan) throws(Refusal) -> Routed {
    guard let endpoint = table[wish.endpoint] else { throw .unknownEndpoint(wish.endpoint) }
    do throws(RoutingRefusal) {
      switch wish.aim {
      case .coin: return try endpoint.pick(at: now, using: &random)
      case .named(let target): return try endpoint.pick(target: target, at: now, using: &random)
      case .stable: return try endpoint.pick(target: VariantRole.stable.rawValue, at: now, using: &random)
      case .fleet(let fleet):
        guard let variant = endpoint.variants.first(where: { $0.fleet == fleet }) else { throw .noInstance }
        return Routed(variant: variant, probability: 1, isNamed: true)
      }
    } catch {
      switch error {
      case .unknownVariant(let name): throw .unknownVariant(name)
      case .noInstance: throw .noInstance
      }
    }
  }

  private mutating func place(_ routed: Routed, excluding: [Backend.ID]) -> Verdict {
    let fleet = routed.fleet
    guard routed.variant.backends.contains(where: { !excluding.contains($0.id) }) else {
      return .refused(routed.role, .noInstance)
    }
    if let backend = takePlace(in: routed.variant, excluding: excluding) {
      return .go(Assignment(routed: routed, backend: backend))
    }
    guard waiting[fleet, default: []].count < waitingMax else { return .refused(routed.role, .queueFull) }
    let ticket = Ticket(number: nextNumber())
    waiting[fleet, default: []].append(Waiter(ticket: ticket, routed: routed, excluding: excluding))
    return .wait(routed.role, ticket)
  }

  private mutating func takePlace(in variant: VariantRoute, excluding: [Backend.ID]) -> Backend? {
    let candidates = excluding.isEmpty ? variant.backends : variant.backends.filter { !excluding.contains($0.id) }
    var random = random
    defer { self.random = random }
    guard let backend = candidates.leastOutstanding({ outstanding($0) }, using: &random) else { return nil }
    outstanding[backend.id, default: 0] += 1
    return backend
  }

  /// Gives free places of a fleet to those who wait for it, oldest first.
  private mutating func handOn(_ fleet: String) -> [Action] {
    guard let queue = waiting[fleet], !queue.isEmpty else { return [] }
    guard let variant = fleets[fleet], !variant.backends.isEmpty else {
      waiting[fleet] = nil
      return queue.map { .turnAway($0.ticket) }
    }
    var actions: [Action] = []
    var still = CircularBuffer<Waiter>()
    for waiter in queue {
      if variant.backends.allSatisfy({ waiter.excluding.contains($0.id) }) {
        actions.append(.turnAway(waiter.ticket))
      } else if let backend = takePlace(in: variant, excluding: waiter.excluding) {
        let routed = Routed(
          variant: variant, probability: waiter.routed.probability, isNamed: waiter.routed.isNamed)
        actions.append(.hand(Assignment(routed: routed, backend: backend), to: waiter.ticket))
      } else {
        still.append(waiter)
      }
    }
    waiting[fleet] = still.isEmpty ? nil : still
    return actions
  }

  private mutating func finishDrains() -> [Action] {
    guard !drains.isEmpty else { return [] }
    let done = drains.filter { $0.value.allSatisfy { outstanding[$0] == nil } }.keys
    for id in done { drains[id] = nil }
    return done.sorted { $0.number < $1.number }.map { .drained($0) }
  }

  private mutating func nextNumber() -> UInt64 {
    lastNumber += 1
    return lastNumber
  }
}

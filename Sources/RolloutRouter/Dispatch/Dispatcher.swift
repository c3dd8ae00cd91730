import NIOCore
import RolloutCore
import Synchronization

/// The lock round `Dispatch`: decides under it, acts outside it.
final class Dispatcher: Sendable {
  enum Verdict {
    case go(Dispatch.Assignment)
    /// `nil` turns the waiter away.
    case wait(VariantRole, Dispatch.Ticket, EventLoopFuture<Dispatch.Assignment?>)
    case refused(VariantRole?, Dispatch.Refusal)
  }

  fileprivate struct State {
    var dispatch: Dispatch
    var waiters: [Dispatch.Ticket: EventLoopPromise<Dispatch.Assignment?>] = [:]
    var drains: [Dispatch.DrainID: CheckedContinuation<Void, Never>] = [:]
  }

  fileprivate enum Effect {
    case resolve(EventLoopPromise<Dispatch.Assignment?>, Dispatch.Assignment?)
    case resume(CheckedContinuation<Void, Never>)
  }

  private let state: Mutex<State>
  private let now: @Sendable () -> TimeSpan

  init(seed: UInt64, waitingMax: Int, now: @escaping @Sendable () -> TimeSpan) {
    self.now = now
    state = Mutex(State(dispatch: Dispatch(seed: seed, waitingMax: waitingMax)))
  }

  func endpoint(_ name: String) -> EndpointRoute? { state.withLock { $0.dispatch.table[name] } }

  func outstanding(_ id: Backend.ID) -> Int { state.withLock { $0.dispatch.outstanding(id) } }

  func assign(_ wish: Dispatch.Wish, on eventLoop: any EventLoop) -> Verdict {
    let now = now()
    return state.withLock { state in
      switch state.dispatch.assign(wish, at: now) {
      case .go(let assignment): return .go(assignment)
      case .refused(let role, let refusal): return .refused(role, refusal)
      case .wait(let role, let ticket):
        let promise = eventLoop.makePromise(of: Dispatch.Assignment?.self)
        state.waiters[ticket] = promise
        return .wait(role, ticket, promise.futureResult)
      }
    }
  }

  func release(_ assignment: Dispatch.Assignment) {
    perform { $0.release(assignment.backend.id, of: assignment.routed.fleet) }
  }

  /// Stops waiting: the waiter hears that it was turned away, unless a place is already on its way to it.
  func cancel(_ ticket: Dispatch.Ticket) { perform { $0.cancel(ticket) ? [.turnAway(ticket)] : [] } }

  func publish(_ table: RoutingTable) { perform { $0.publish(table) } }

  /// Returns when no request is under way at these backends, or when the task is cancelled.
  func drained(_ backends: Set<Backend.ID>) async {
    let id = state.withLock { $0.dispatch.newDrain() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let effects = state.withLock { state -> [Effect] in
          state.drains[id] = continuation
          return state.dispatch.start(id, of: backends).compactMap { state.effect(of: $0) }
        }
        run(effects)
        // The handler below may have run before there was anything to cancel.
        if Task.isCancelled { cancel(id) }
      }
    } onCancel: {
      cancel(id)
    }
  }

  private func cancel(_ drain: Dispatch.DrainID) {
    let continuation = state.withLock { state in
      state.dispatch.cancel(drain)
      return state.drains.removeValue(forKey: drain)
    }
    continuation?.resume()
  }

  private func perform(_ change: (inout Dispatch) -> [Dispatch.Action]) {
    let effects = state.withLock { state -> [Effect] in
      let actions = change(&state.dispatch)
      return actions.isEmpty ? [] : actions.compactMap { state.effect(of: $0) }
    }
    run(effects)
  }

  private func run(_ effects: [Effect]) {
    for effect in effects {
      switch effect {
      case .resolve(let promise, let assignment): promise.succeed(assignment)
      case .resume(let continuation): continuation.resume()
      }
    }
  }
}

extension Dispatcher.State {
  fileprivate mutating func effect(of action: Dispatch.Action) -> Dispatcher.Effect? {
    switch action {
    case .hand(let assignment, let ticket): waiters.removeValue(forKey: ticket).map { .resolve($0, assignment) }
    case .turnAway(let ticket): waiters.removeValue(forKey: ticket).map { .resolve($0, nil) }
    case .drained(let id): drains.removeValue(forKey: id).map { .resume($0) }
    }
  }
}

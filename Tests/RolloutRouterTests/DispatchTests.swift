import RolloutCore
import Testing

@testable import RolloutRouter

@Suite struct DispatchTests {
  private func table(_ backends: [Backend], fleet: String = "v1") -> RoutingTable {
    let stable = VariantRoute(
      role: .stable, fleet: fleet, revision: RouterFixture.revision, share: .all, backends: backends)
    return RoutingTable([EndpointRoute(name: "e", variants: [stable])])
  }

  private func backend(_ id: String, _ concurrencyMax: Int = 1) -> Backend {
    Backend(id: id, host: "127.0.0.1", port: 1, concurrencyMax: concurrencyMax)
  }

  private let wish = Dispatch.Wish(endpoint: "e", aim: .coin)

  private func place(_ verdict: Dispatch.Verdict) -> Backend.ID? {
    if case .go(let assignment) = verdict { assignment.backend.id } else { nil }
  }

  private func ticket(_ verdict: Dispatch.Verdict) -> Dispatch.Ticket? {
    if case .wait(_, let ticket) = verdict { ticket } else { nil }
  }

  private func refusal(_ verdict: Dispatch.Verdict) -> Dispatch.Refusal? {
    if case .refused(_, let refusal) = verdict { refusal } else { nil }
  }

  private func handed(_ actions: [Dispatch.Action]) -> [Dispatch.Ticket] {
    actions.compactMap { if case .hand(_, let ticket) = $0 { ticket } else { nil } }
  }

  private func turnedAway(_ actions: [Dispatch.Action]) -> [Dispatch.Ticket] {
    actions.compactMap { if case .turnAway(let ticket) = $0 { ticket } else { nil } }
  }

  @Test func `a free place goes to whoever has waited longest`() {
    var dispatch = Dispatch(seed: 1, waitingMax: 2)
    _ = dispatch.publish(table([backend("a")]))
    #expect(place(dispatch.assign(wish, at: .zero)) == "a")
    let first = ticket(dispatch.assign(wish, at: .zero))
    let second = ticket(dispatch.assign(wish, at: .zero))
    #expect(first != nil && second != nil)
    #expect(refusal(dispatch.assign(wish, at: .zero)) == .queueFull)
    #expect(handed(dispatch.release("a", of: "v1")) == [first])
    #expect(dispatch.outstanding("a") == 1)
    #expect(handed(dispatch.release("a", of: "v1")) == [second])
    #expect(handed(dispatch.release("a", of: "v1")).isEmpty)
    #expect(dispatch.outstanding("a") == 0)
  }

  @Test func `who has left the queue is passed over`() throws {
    var dispatch = Dispatch(seed: 1, waitingMax: 2)
    _ = dispatch.publish(table([backend("a")]))
    _ = dispatch.assign(wish, at: .zero)
    let first = try #require(ticket(dispatch.assign(wish, at: .zero)))
    let second = ticket(dispatch.assign(wish, at: .zero))
    let answers = [dispatch.cancel(first), dispatch.cancel(first)]
    #expect(answers == [true, false])
    #expect(handed(dispatch.release("a", of: "v1")) == [second])
  }

  @Test func `a new instance is given to those who wait`() {
    var dispatch = Dispatch(seed: 1, waitingMax: 9)
    _ = dispatch.publish(table([backend("a")]))
    _ = dispatch.assign(wish, at: .zero)
    let waiting = (0..<3).map { _ in ticket(dispatch.assign(wish, at: .zero)) }
    #expect(handed(dispatch.publish(table([backend("a"), backend("b", 2)]))) == [waiting[0], waiting[1]])
    #expect(dispatch.outstanding("b") == 2)
  }

  @Test func `those who wait for a fleet that is gone ask again`() {
    var dispatch = Dispatch(seed: 1, waitingMax: 9)
    _ = dispatch.publish(table([backend("a")]))
    _ = dispatch.assign(wish, at: .zero)
    let waiting = ticket(dispatch.assign(wish, at: .zero))
    #expect(turnedAway(dispatch.publish(table([backend("b")], fleet: "v2"))) == [waiting])
    #expect(place(dispatch.assign(wish, at: .zero)) == "b")
    #expect(dispatch.outstanding("a") == 1)
    #expect(dispatch.release("a", of: "v1").isEmpty)
  }

  @Test func `a backend that failed the request is not given to it again`() {
    var dispatch = Dispatch(seed: 1, waitingMax: 9)
    _ = dispatch.publish(table([backend("a", 9), backend("b", 9)]))
    for _ in 0..<9 {
      #expect(place(dispatch.assign(.init(endpoint: "e", aim: .fleet("v1"), excluding: ["a"]), at: .zero)) == "b")
    }
    #expect(
      refusal(dispatch.assign(.init(endpoint: "e", aim: .fleet("v1"), excluding: ["a", "b"]), at: .zero)) == .noInstance
    )
    #expect(refusal(dispatch.assign(.init(endpoint: "e", aim: .fleet("gone")), at: .zero)) == .noInstance)
    #expect(refusal(dispatch.assign(.init(endpoint: "x", aim: .coin), at: .zero)) == .unknownEndpoint("x"))
  }

  @Test func `a canary's share ends on time although nobody publishes another table`() {
    let canary = VariantRoute(
      role: .canary, fleet: "v2", revision: RouterFixture.revision, share: .all, until: .seconds(30),
      backends: [backend("c", 9)])
    let stable = VariantRoute(
      role: .stable, fleet: "v1", revision: RouterFixture.revision, share: .none, backends: [backend("s", 9)])
    var dispatch = Dispatch(seed: 1, waitingMax: 9)
    _ = dispatch.publish(RoutingTable([EndpointRoute(name: "e", variants: [stable, canary])]))
    #expect(place(dispatch.assign(wish, at: .seconds(29))) == "c")
    #expect(place(dispatch.assign(wish, at: .seconds(30))) == "s")
  }

  @Test func `a drain ends when the last request of the last backend does`() {
    var dispatch = Dispatch(seed: 1, waitingMax: 9)
    _ = dispatch.publish(table([backend("a", 2), backend("b", 2)]))
    for _ in 0..<4 { _ = dispatch.assign(wish, at: .zero) }
    let drain = dispatch.newDrain()
    #expect(dispatch.start(drain, of: ["a", "b", "never"]).isEmpty)
    _ = dispatch.publish(table([]))
    for id in ["a", "b", "a"] { #expect(dispatch.release(id, of: "v1").isEmpty) }
    let actions = dispatch.release("b", of: "v1")
    #expect(actions.count == 1)
    guard case .drained(drain)? = actions.first else {
      Issue.record("the drain is over")
      return
    }
  }
}

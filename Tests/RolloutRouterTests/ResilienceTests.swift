import RolloutCore
import RolloutRouter
import Testing

@Suite struct ResilienceTests {
  @Test(arguments: [FakeModel.Behaviour.answerAndClose, .onceForEachConnection])
  func `a connection that the server closed while idle hurts nobody`(_ behaviour: FakeModel.Behaviour) async throws {
    let model = try await FakeModel.start("i-1", behaviour)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      let answers = try await fixture.load(connections: 4, each: 50)
      #expect(answers.count { $0.status == 200 } == 200)
      #expect(fixture.sink.records.count == 200)
      #expect(fixture.sink.records.allSatisfy { $0.outcome == .success })
    }
  }

  @Test func `a server that always hangs up is asked once more elsewhere, then it is an error`() async throws {
    let first = try await FakeModel.start("a", .hangUp)
    let second = try await FakeModel.start("b", .hangUp)
    let third = try await FakeModel.start("c", .hangUp)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [first.backend(), second.backend(), third.backend()])
      let answer = try await fixture.client().send()
      #expect(answer.status == 424)
      #expect(first.requests + second.requests + third.requests == 2)
      #expect(fixture.sink.records.map(\.outcome) == [.connectionFailed])
    }
  }

  @Test func `a dead backend is passed over while another lives`() async throws {
    let dead = try await FakeModel.start("dead")
    let alive = try await FakeModel.start("alive")
    let backends = [dead.backend(), alive.backend()]
    try await dead.die()
    try await RouterFixture.with { fixture in
      fixture.publish(stable: backends)
      let answers = try await fixture.load(connections: 4, each: 25)
      #expect(answers.count { $0.status == 200 } == 100)
      #expect(fixture.sink.records.count == 100)
    }
  }

  @Test func `a backend that dies in the middle of traffic costs no user anything`() async throws {
    let dying = try await FakeModel.start("dying")
    let other = try await FakeModel.start("other")
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [dying.backend(), other.backend()])
      let answers = try await fixture.load(connections: 8, each: 250) {
        var arrivals = dying.arrivals.makeAsyncIterator()
        for _ in 0..<200 { await arrivals.next() }
        try await dying.die()
      }
      #expect(answers.count == 2_000 && answers.allSatisfy { $0.status == 200 })
      #expect(dying.requests >= 200 && other.requests > 0)
    }
  }

  @Test func `weights that change all the time fail no request`() async throws {
    let stable = try await FakeModel.start("s")
    let canary = try await FakeModel.start("c")
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [stable.backend()], canary: [canary.backend()], share: 0)
      let answers = try await fixture.load(connections: 8, each: 250) {
        var arrivals = stable.arrivals.makeAsyncIterator()
        for share in [10.0, 50, 90, 10, 0, 50, 5] {
          fixture.publish(stable: [stable.backend()], canary: [canary.backend()], share: share)
          for _ in 0..<50 { await arrivals.next() }
        }
        fixture.publish(stable: [stable.backend()])
      }
      #expect(answers.count == 2_000 && answers.allSatisfy { $0.status == 200 })
      #expect(canary.requests > 0)
      #expect(fixture.sink.records.count == 2_000)
    }
  }

  @Test func `a backend is drained when its last answer is out`() async throws {
    let old = try await FakeModel.start("old", .hold)
    let new = try await FakeModel.start("new")
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [old.backend()])
      await fixture.router.drained(["old"])
      async let held = fixture.client().send()
      var arrivals = old.arrivals.makeAsyncIterator()
      await arrivals.next()
      #expect(fixture.router.outstanding("old") == 1)
      fixture.publish(stable: [new.backend()])
      let answer = try await fixture.client().send()
      #expect(answer.body == "ok")
      async let drained: Void = fixture.router.drained(["old", "new"])
      old.letGo()
      await drained
      #expect(fixture.router.outstanding("old") == 0)
      let late = try await held
      #expect(late.body == "held")
    }
  }

  @Test func `waiting for a drain ends when it is cancelled`() async throws {
    let model = try await FakeModel.start("i-1", .hold)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      async let held = fixture.client().send()
      var arrivals = model.arrivals.makeAsyncIterator()
      await arrivals.next()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await fixture.router.drained(["i-1"]) }
        group.cancelAll()
      }
      #expect(fixture.router.outstanding("i-1") == 1)
      model.letGo()
      let late = try await held
      #expect(late.status == 200)
    }
  }
}

import RolloutCore
import RolloutRouter
import Testing

@Suite struct LimitTests {
  @Test func `a body over the limit is refused before it is read`() async throws {
    let model = try await FakeModel.start("i-1")
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()], bodyBytesMax: 1_000)
      let exact = try await fixture.client().send(body: String(repeating: "x", count: 1_000))
      #expect(exact.status == 200)
      for headers in [[], [("Transfer-Encoding", "chunked")]] {
        let client = try await fixture.client()
        let answer = try await client.send(headers: headers, body: String(repeating: "x", count: 300_000))
        #expect(answer.status == 413 && answer.header("x-amzn-errortype") == "ValidationError")
        #expect(answer.header("Connection") == "close")
        try await client.closed()
      }
      #expect(model.requests == 1)
    }
  }

  @Test func `an answer over the limit is the model's error`() async throws {
    let model = try await FakeModel.start("i-1", .answer(body: String(repeating: "x", count: 2_000)))
    var limits = RouterFixture.limits
    limits.responseBytesMax = 1_000
    try await RouterFixture.with(limits: limits) { fixture in
      fixture.publish(stable: [model.backend()])
      let answer = try await fixture.client().send()
      #expect(answer.status == 424 && answer.body.contains("larger than 1000 bytes"))
      #expect(fixture.sink.records.map(\.outcome) == [.serverError])
    }
  }

  @Test func `a backend never has more requests than it takes, and the rest wait their turn`() async throws {
    let model = try await FakeModel.start("i-1", .hold)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend(concurrencyMax: 2)])
      async let answers = fixture.load(connections: 6, each: 1)
      var arrivals = model.arrivals.makeAsyncIterator()
      for _ in 0..<3 {
        for _ in 0..<2 { await arrivals.next() }
        #expect(fixture.router.outstanding("i-1") == 2)
        model.letGo()
      }
      let statuses = try await answers.map(\.status)
      #expect(statuses == [200, 200, 200, 200, 200, 200])
    }
  }

  @Test func `when too many wait, the next is told to come back`() async throws {
    let model = try await FakeModel.start("i-1", .hold)
    var limits = RouterFixture.limits
    limits.waitingMax = 0
    try await RouterFixture.with(limits: limits) { fixture in
      fixture.publish(stable: [model.backend(concurrencyMax: 1)])
      async let held = fixture.client().send()
      var arrivals = model.arrivals.makeAsyncIterator()
      await arrivals.next()
      let refused = try await fixture.client().send()
      #expect(refused.status == 503 && refused.header("Retry-After") == "1")
      model.letGo()
      let late = try await held
      #expect(late.status == 200)
      #expect(fixture.sink.refusals == 1 && fixture.sink.records.count == 1)
    }
  }

  @Test func `waiting for an instance ends with the request's time`() async throws {
    let model = try await FakeModel.start("i-1", .hang)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend(concurrencyMax: 1)], timeout: .milliseconds(200))
      let answers = try await fixture.load(connections: 2, each: 1)
      #expect(Set(answers.map(\.status)).isSubset(of: [424, 503]) && answers.count == 2)
      #expect(fixture.router.outstanding("i-1") == 0)
    }
  }

  @Test func `a full canary leaves its users to stable`() async throws {
    let stable = try await FakeModel.start("s", .answer(body: "stable"))
    let canary = try await FakeModel.start("c", .hold)
    var limits = RouterFixture.limits
    limits.waitingMax = 0
    try await RouterFixture.with(limits: limits) { fixture in
      fixture.publish(stable: [stable.backend()], canary: [canary.backend(concurrencyMax: 1)], share: 100)
      async let held = fixture.client().send()
      var arrivals = canary.arrivals.makeAsyncIterator()
      await arrivals.next()
      let answer = try await fixture.client().send()
      #expect(answer.body == "stable")
      canary.letGo()
      let late = try await held
      #expect(late.body == "held")
    }
  }
}

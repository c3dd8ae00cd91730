import RolloutCore
import RolloutRouter
import Testing

@Suite struct SplitAndShieldTests {
  @Test func `traffic is split by the published share`() async throws {
    let stable = try await FakeModel.start("s")
    let canary = try await FakeModel.start("c")
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [stable.backend()], canary: [canary.backend()], share: 10)
      let answers = try await fixture.load(connections: 8, each: 500)
      #expect(answers.count { $0.status == 200 } == 4_000)
      // 400 expected, standard deviation 19.
      #expect((310...490).contains(canary.requests))
      #expect(canary.requests + stable.requests == 4_000)
      let records = fixture.sink.records
      #expect(records.count == 4_000)
      #expect(records.count { $0.fleet == "v2" && $0.role == .canary && $0.probability == 0.1 } == canary.requests)
      #expect(records.count { $0.fleet == "v1" && $0.probability == 0.9 } == stable.requests)
    }
  }

  @Test(arguments: [
    FakeModel.Behaviour.answer(status: 500), .answer(status: 404), .hangUp, .breakOff, .hang,
  ])
  func `users of a bad canary get stable's answer`(_ failure: FakeModel.Behaviour) async throws {
    let stable = try await FakeModel.start("s", .answer(body: "stable"))
    let canary = try await FakeModel.start("c", failure)
    try await RouterFixture.with { fixture in
      fixture.publish(
        stable: [stable.backend()], canary: [canary.backend()], share: 100, timeout: .milliseconds(1_000))
      let answer = try await fixture.client().send(body: "picture")
      #expect(answer.status == 200 && answer.body == "stable")
      #expect(answer.header("x-amzn-Invoked-Production-Variant") == "stable")
      let records = fixture.sink.records
      #expect(records.map(\.role) == [.canary, .stable])
      #expect(records.first?.outcome != .success)
      #expect(records.last?.outcome == .success && records.last?.isShielded == true)
      #expect(records.allSatisfy { !$0.userSawError })
    }
  }

  @Test func `a canary that cannot be reached does not cost a user`() async throws {
    let stable = try await FakeModel.start("s")
    let canary = try await FakeModel.start("c")
    let gone = canary.backend()
    try await canary.die()
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [stable.backend()], canary: [gone], share: 100)
      let answer = try await fixture.client().send()
      #expect(answer.status == 200)
      #expect(fixture.sink.records.map(\.outcome) == [.connectionFailed, .success])
    }
  }

  @Test func `without the shield the user sees what the canary did`() async throws {
    let stable = try await FakeModel.start("s")
    let canary = try await FakeModel.start("c", .answer(status: 500))
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [stable.backend()], canary: [canary.backend()], share: 100, shield: false)
      let answer = try await fixture.client().send()
      #expect(answer.status == 424)
      #expect(fixture.sink.records.map(\.userSawError) == [true])
      #expect(stable.requests == 0)
    }
  }

  @Test func `when both variants fail the user sees one error, stable's`() async throws {
    let stable = try await FakeModel.start("s", .answer(status: 502))
    let canary = try await FakeModel.start("c", .answer(status: 500))
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [stable.backend()], canary: [canary.backend()], share: 100)
      let answer = try await fixture.client().send()
      #expect(answer.status == 424 && answer.body.contains("(502) from stable"))
      #expect(fixture.sink.records.map(\.userSawError) == [false, true])
    }
  }

  @Test func `when stable cannot step in the user sees the canary's error`() async throws {
    let canary = try await FakeModel.start("c", .answer(status: 500))
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [], canary: [canary.backend()], share: 100)
      let answer = try await fixture.client().send()
      #expect(answer.status == 424 && answer.body.contains("(500) from canary"))
      #expect(fixture.sink.records.map(\.userSawError) == [true])
    }
  }

  @Test func `a model that never answers is a timeout`() async throws {
    let model = try await FakeModel.start("i-1", .hang)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()], timeout: .milliseconds(150))
      let answer = try await fixture.client().send()
      #expect(answer.status == 424 && answer.body.contains("did not answer within"))
      #expect(fixture.sink.records.map(\.outcome) == [.timeout])
      #expect((fixture.sink.records.first?.modelLatencyMicroseconds ?? 0) >= 100_000)
      #expect(fixture.router.outstanding("i-1") == 0)
    }
  }

  @Test func `a bad canary under load costs no user anything`() async throws {
    let stable = try await FakeModel.start("s")
    let canary = try await FakeModel.start("c", .hangUp)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [stable.backend()], canary: [canary.backend()], share: 50)
      let answers = try await fixture.load(connections: 8, each: 100)
      #expect(answers.count { $0.status == 200 } == 800)
      let failed = fixture.sink.records.count { $0.fleet == "v2" && $0.outcome == .connectionFailed }
      #expect(failed == fixture.sink.records.count { $0.isShielded })
      #expect(fixture.sink.records.count == 800 + failed)
    }
  }
}

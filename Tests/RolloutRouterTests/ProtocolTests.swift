import NIOCore
import NIOHTTP1
import RolloutCore
import RolloutRouter
import Testing

@Suite struct ProtocolTests {
  private let invoke = "POST /endpoints/eye-catcher/invocations HTTP/1.1\r\nHost: x\r\n"

  @Test func `a client that asks first is told to go on`() async throws {
    let model = try await FakeModel.start("i-1", .echo)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      let text = try await RawClient.talk(
        fixture.router.boundPort,
        [
          (invoke + "Expect: 100-continue\r\nContent-Length: 7\r\n\r\n", "100 Continue\r\n\r\n"),
          ("picture", "\n\npicture"),
        ])
      #expect(text.contains("HTTP/1.1 200 OK"))
    }
  }

  @Test func `a client that asks first is spared a body nobody wants`() async throws {
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [], bodyBytesMax: 10)
      let port = fixture.router.boundPort
      let ask = "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n"
      let tooLarge = try await RawClient.talk(port, invoke + ask)
      #expect(tooLarge.hasPrefix("HTTP/1.1 413 ") && !tooLarge.contains("100 Continue"))
      let unknown = try await RawClient.talk(port, "POST /endpoints/x/invocations HTTP/1.1\r\nHost: x\r\n" + ask)
      #expect(unknown.hasPrefix("HTTP/1.1 400 ") && !unknown.contains("100 Continue"))
    }
  }

  @Test func `an offer to speak another protocol is not taken up`() async throws {
    let model = try await FakeModel.start("i-1", .echo)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      let offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n"
      let text = try await RawClient.talk(
        fixture.router.boundPort, [(invoke + offer + "Content-Length: 7\r\n\r\npicture", "\n\npicture")])
      #expect(text.hasPrefix("HTTP/1.1 200 OK") && !text.lowercased().contains("upgrade: h2c\r\n"))
    }
  }

  @Test func `an HTTP 1_0 client is answered and the connection ends unless it asks to keep it`() async throws {
    let model = try await FakeModel.start("i-1")
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      let old = invoke.replacing("HTTP/1.1", with: "HTTP/1.0") + "Content-Length: 2\r\n"
      let once = try await RawClient.talk(fixture.router.boundPort, old + "\r\nhi")
      #expect(once.hasPrefix("HTTP/1.0 200 OK") && once.hasSuffix("ok"))
      #expect(once.contains("Connection: close"))
      let kept = old + "Connection: keep-alive\r\n\r\nhi"
      let twice = try await RawClient.talk(fixture.router.boundPort, kept + old + "\r\nhi")
      #expect(twice.ranges(of: "200 OK").count == 2 && twice.contains("Connection: keep-alive"))
    }
  }

  @Test func `pipelined requests are answered in order`() async throws {
    let model = try await FakeModel.start("i-1", .echo)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      var text = ""
      for index in 0..<50 {
        text +=
          index % 5 == 4 ? "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n" : invoke + "Content-Length: 4\r\n\r\nn=\(10 + index)"
      }
      text += invoke + "Connection: close\r\nContent-Length: 4\r\n\r\nlast"
      let answers = try await RawClient.talk(fixture.router.boundPort, text)
      let numbers = answers.matches(of: /n=(\d\d)/).compactMap { Int($0.1) }
      #expect(numbers == (0..<50).filter { $0 % 5 != 4 }.map { 10 + $0 })
      #expect(answers.ranges(of: "200 OK").count == 51 && answers.contains("last"))
    }
  }

  @Test func `an answer to HEAD has no body`() async throws {
    try await RouterFixture.with { fixture in
      let text = try await RawClient.talk(
        fixture.router.boundPort, "HEAD /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(text.hasPrefix("HTTP/1.1 405 ") && text.hasSuffix("\r\n\r\n"))
    }
  }

  @Test(arguments: [
    "nonsense\r\n\r\n", "GET /ping HTTP/1.1\nHost : x\r\n\r\n",
    "POST /ping HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /ping HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
  ])
  func `what is not HTTP is refused and the connection ends`(_ text: String) async throws {
    try await RouterFixture.with { fixture in
      let answer = try await RawClient.talk(fixture.router.boundPort, text)
      #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("Connection: close"))
    }
  }

  @Test(arguments: [
    "GET /" + String(repeating: "x", count: 2_000_000),
    "GET /ping HTTP/1.1\r\nX: " + String(repeating: "x", count: 200_000),
    "GET /ping HTTP/1.1\r\n" + String(repeating: "Name: value\r\n", count: 100_000),
  ])
  func `a head without end is cut off`(_ text: String) async throws {
    try await RouterFixture.with { fixture in
      let answer = try? await RawClient.talk(fixture.router.boundPort, text)
      #expect(answer?.hasPrefix("HTTP/1.1 400 ") ?? true)
    }
  }

  @Test func `a connection that stays quiet is closed`() async throws {
    var limits = RouterFixture.limits
    limits.clientIdle = .milliseconds(80)
    try await RouterFixture.with(limits: limits) { fixture in
      try await fixture.client().closed()
      // On a busy machine it may be closed before the half request is written.
      let answer = try? await RawClient.talk(fixture.router.boundPort, "GET /pi")
      #expect(answer ?? "" == "")
    }
  }

  @Test func `a slow model does not make its client look idle`() async throws {
    let model = try await FakeModel.start("i-1", .hold)
    var limits = RouterFixture.limits
    limits.clientIdle = .seconds(1)
    try await RouterFixture.with(limits: limits) { fixture in
      fixture.publish(stable: [model.backend()])
      async let held = fixture.client().send()
      var arrivals = model.arrivals.makeAsyncIterator()
      await arrivals.next()
      // When this one has been closed for being idle, the other has waited at least as long.
      try await fixture.client().closed()
      model.letGo()
      let late = try await held
      #expect(late.status == 200)
    }
  }

  @Test func `a port that is taken is said so, with a remedy`() async throws {
    try await RouterFixture.with { fixture in
      let port = fixture.router.boundPort
      let error = await #expect(throws: RouterError.self) {
        try await Router.start(port: port, sink: fixture.sink, now: { .zero }) { "" }
      }
      #expect(error?.code == .portTaken && error?.message == "port \(port) on 127.0.0.1 is taken by another program")
      #expect(error?.help.isEmpty == false)
    }
  }

  @Test func `shutting down answers what is under way and takes nothing new`() async throws {
    let model = try await FakeModel.start("i-1", .hold)
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      let idle = try await fixture.client()
      #expect(try await idle.send(.GET, "/ping").status == 200)
      let busy = try await fixture.client()
      async let held = busy.send()
      var arrivals = model.arrivals.makeAsyncIterator()
      await arrivals.next()
      async let shutdown: Void = fixture.router.shutdown()
      try await idle.closed()
      model.letGo()
      let answer = try await held
      #expect(answer.status == 200 && answer.header("Connection") == "close")
      try await busy.closed()
      await shutdown
      await #expect(throws: (any Error).self) { try await fixture.client() }
    }
  }

  @Test func `every request is recorded once, with the time it took`() async throws {
    let model = try await FakeModel.start("i-1")
    try await RouterFixture.with { fixture in
      fixture.publish(stable: [model.backend()])
      _ = try await fixture.load(connections: 4, each: 25)
      let records = fixture.sink.records
      #expect(records.count == 100)
      for record in records {
        #expect(record.endpoint == "eye-catcher" && record.backend == "i-1" && record.status == 200)
        #expect(record.modelLatencyMicroseconds > 0 && record.overheadLatencyMicroseconds >= 0)
        #expect(!record.userSawError && !record.isShielded)
      }
    }
  }
}

import LoopbackServer
import RolloutHTTP
import Synchronization
import Testing

struct HTTPClientTests {
  @Test func `a request arrives as it was written and its answer comes back whole`() async throws {
    let server = try LoopbackServer { request in
      .answer(status: 201, headers: [("X-Path", request.path), ("x-twice", "1"), ("X-Twice", "2")], body: request.body)
    }
    let response = try await HTTPClient().send(
      HTTPRequest(
        method: "POST", url: server.base + "/a/../b?q=%2F", headers: [("Content-Type", "image/png"), ("X-Empty", "")],
        body: [0, 255, 10]))
    #expect(response.status == 201)
    #expect(response.body == [0, 255, 10])
    #expect(response.header("x-path") == "/a/../b?q=%2F")
    #expect(response.headers.filter { $0.name.lowercased() == "x-twice" }.map(\.value) == ["1", "2"])
    #expect(response.elapsed > .zero)
  }

  @Test func `nothing is added that was not asked for`() async throws {
    let server = try LoopbackServer { request in
      .json(request.headers.map { $0.name.lowercased() }.sorted().joined(separator: " "))
    }
    let client = HTTPClient()
    let large = [UInt8](repeating: 1, count: 2_000_000)
    let post = try await client.send(HTTPRequest(method: "POST", url: server.base, body: large))
    #expect(post.text == "accept content-length host")
    let get = try await client.send(HTTPRequest(url: server.base))
    #expect(get.text == "accept host")
    let delete = try await client.send(HTTPRequest(method: "DELETE", url: server.base))
    #expect(delete.text == "accept host")
    let put = try await client.send(HTTPRequest(method: "PUT", url: server.base, headers: [("X-Empty", "")]))
    #expect(put.text == "accept content-length host x-empty")
  }

  @Test func `a HEAD request has no body to wait for`() async throws {
    let server = try LoopbackServer { _ in .json("{}") }
    let response = try await HTTPClient().send(HTTPRequest(method: "HEAD", url: server.base))
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
  }

  @Test func `requests one after the other share a connection`() async throws {
    let server = try LoopbackServer { .json("\($0.connection)") }
    let client = HTTPClient()
    for _ in 1...5 {
      #expect(try await client.send(HTTPRequest(url: server.base)).text == "1")
    }
    #expect(server.connections == 1)
  }

  @Test func `what must not arrive twice is not sent again on a connection that was kept`() async throws {
    let arrived = Mutex(0)
    let server = try LoopbackServer { _ in
      arrived.withLock { $0 += 1 }
      return arrived.withLock { $0 } == 1 ? .json("{}") : .reset()
    }
    let client = HTTPClient()
    _ = try await client.send(HTTPRequest(method: "POST", url: server.base, body: [1]))
    let error = await #expect(throws: HTTPError.self) {
      try await client.send(HTTPRequest(method: "POST", url: server.base, body: [2], arrivesOnce: true))
    }
    #expect(error?.code == .connectionLost && arrived.withLock { $0 } == 2)
  }

  @Test func `a thousand requests at once use no more connections than allowed`() async throws {
    let server = try LoopbackServer { .json($0.path) }
    let client = HTTPClient(transfersMax: 16)
    let answers = await withTaskGroup(of: Bool.self) { group in
      for number in 1...1_000 {
        group.addTask {
          let response = try? await client.send(HTTPRequest(url: server.base + "/\(number)"))
          return response?.text == "/\(number)"
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(answers == 1_000)
    #expect(server.openMax <= 16)
  }

  @Test func `a Unix socket is asked in place of the host`() async throws {
    let path = "/tmp/rollout-http-\(UInt64.random(in: 0...UInt64.max)).sock"
    let server = try LoopbackServer(unixSocket: path) { .json($0.header("host") ?? "") }
    let response = try await HTTPClient().send(HTTPRequest(url: "http://runtime/v1", unixSocket: path))
    #expect(response.text == "runtime")
    server.stop()
  }

  @Test func `redirects are followed only on request`() async throws {
    let server = try LoopbackServer { request in
      request.path == "/old" ? .answer(status: 302, headers: [("Location", "/new")]) : .json("\"new\"")
    }
    let client = HTTPClient()
    let stays = try await client.send(HTTPRequest(url: server.base + "/old"))
    #expect(stays.status == 302)
    let follows = try await client.send(HTTPRequest(url: server.base + "/old", followsRedirects: true))
    #expect(follows.text == "\"new\"")
    #expect(follows.header("location") == nil)
  }

  @Test func `an interim answer is not the answer`() async throws {
    let server = try LoopbackServer { _ in
      .bytes(
        Array("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8))
    }
    let response = try await HTTPClient().send(HTTPRequest(url: server.base))
    #expect(response.status == 200)
    #expect(response.header("link") == nil)
    #expect(response.text == "ok")
  }
}

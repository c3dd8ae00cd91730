import LoopbackServer
import RolloutHTTP
import Testing

struct HTTPErrorTests {
  @Test func `a refused connection says that nothing was sent`() async throws {
    let server = try LoopbackServer(accepts: false) { _ in .silence }
    server.stop()
    let error = await #expect(throws: HTTPError.self) {
      try await HTTPClient().send(HTTPRequest(url: server.base + "/path?secret=1"))
    }
    #expect(error?.code == .couldNotConnect)
    #expect(error?.nothingWasSent == true)
    #expect(error?.message.hasPrefix("no connection to http://127.0.0.1:\(server.port): ") == true)
    #expect(error?.message.contains("secret") == false)
    #expect(error?.help == "check that it is running and that the address is right")
  }

  @Test func `a missing socket file says that nothing was sent`() async throws {
    let error = await #expect(throws: HTTPError.self) {
      try await HTTPClient().send(HTTPRequest(url: "http://runtime/", unixSocket: "/tmp/rollout-no-such.sock"))
    }
    #expect(error?.code == .couldNotConnect)
  }

  @Test func `a server that is silent after the request may have acted`() async throws {
    let server = try LoopbackServer { _ in .silence }
    let error = await #expect(throws: HTTPError.self) {
      try await HTTPClient().send(HTTPRequest(method: "POST", url: server.base, timeout: .milliseconds(50)))
    }
    #expect(error?.code == .timedOut)
    #expect(error?.message == "http://127.0.0.1:\(server.port) did not answer within 0.05 seconds")
  }

  @Test func `a server that takes no connection was sent nothing`() async throws {
    // A listener whose backlog is full drops what comes after.
    let server = try LoopbackServer(backlog: 0, accepts: false) { _ in .silence }
    let client = HTTPClient()
    let errors = await withTaskGroup(of: HTTPError.Code?.self) { group in
      for _ in 1...8 {
        group.addTask {
          do {
            _ = try await client.send(
              HTTPRequest(url: server.base, timeout: .milliseconds(200), connectTimeout: .milliseconds(100)))
            return nil
          } catch {
            return (error as? HTTPError)?.code
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(errors.contains(.couldNotConnect))
    #expect(errors.allSatisfy { $0 == .couldNotConnect || $0 == .timedOut })
  }

  @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
  func `a connection that breaks after the request may have acted`(answered: String) async throws {
    let server = try LoopbackServer { _ in .reset(after: Array(answered.utf8)) }
    let error = await #expect(throws: HTTPError.self) { try await HTTPClient().send(HTTPRequest(url: server.base)) }
    #expect(error?.code == .connectionLost)
  }

  @Test func `an answer that ends early is not an answer`() async throws {
    let server = try LoopbackServer { _ in .bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".utf8)) }
    let error = await #expect(throws: HTTPError.self) { try await HTTPClient().send(HTTPRequest(url: server.base)) }
    #expect(error?.code == .connectionLost)
  }

  @Test func `a kept connection that dies with the request does not look like one never made`() async throws {
    let server = try LoopbackServer { request in request.path == "/first" ? .json("{}") : .reset() }
    let client = HTTPClient()
    _ = try await client.send(HTTPRequest(url: server.base + "/first"))
    server.stop()
    let error = await #expect(throws: HTTPError.self) {
      try await client.send(HTTPRequest(method: "POST", url: server.base + "/second"))
    }
    #expect(error?.code == .connectionLost)
  }

  @Test(arguments: [true, false])
  func `an answer longer than allowed is refused`(announced: Bool) async throws {
    let head = announced ? "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n"
    let server = try LoopbackServer { _ in .bytes(Array((head + String(repeating: "x", count: 1_001)).utf8)) }
    let error = await #expect(throws: HTTPError.self) {
      try await HTTPClient().send(HTTPRequest(url: server.base, responseBytesMax: 1_000))
    }
    #expect(error?.code == .tooLarge)
    #expect(error?.message == "the answer of http://127.0.0.1:\(server.port) is longer than 1000 bytes")
  }

  @Test func `headers without end are refused`() async throws {
    let header = "X-Filler: " + String(repeating: "x", count: 1_000) + "\r\n"
    let server = try LoopbackServer { _ in
      .bytes(Array(("HTTP/1.1 200 OK\r\n" + String(repeating: header, count: 400)).utf8))
    }
    let error = await #expect(throws: HTTPError.self) { try await HTTPClient().send(HTTPRequest(url: server.base)) }
    #expect(error?.code == .tooLarge)
  }

  @Test(arguments: ["", "no scheme", "ftp://host/", "http://", "file:///etc/passwd", "http://host:99999/"])
  func `what is not an HTTP address is refused before anything happens`(url: String) async throws {
    let error = await #expect(throws: HTTPError.self) { try await HTTPClient().send(HTTPRequest(url: url)) }
    #expect(error?.code == .invalidURL)
  }

  @Test func `a header cannot smuggle in another`() async throws {
    let error = await #expect(throws: HTTPError.self) {
      try await HTTPClient().send(HTTPRequest(url: "http://127.0.0.1/", headers: [("X-A", "1\r\nX-B: 2")]))
    }
    #expect(error?.code == .invalidRequest)
    #expect(error?.message == "the value of header X-A holds a line break")
  }

  @Test func `cancelling the task ends the transfer and its connection`() async throws {
    let server = try LoopbackServer { _ in .silence }
    let client = HTTPClient()
    let code = await withTaskGroup(of: HTTPError.Code?.self) { group in
      group.addTask {
        do {
          _ = try await client.send(HTTPRequest(url: server.base))
          return nil
        } catch {
          return (error as? HTTPError)?.code
        }
      }
      for await event in server.events {
        if case .request = event { group.cancelAll() }
        if case .closed = event { break }
      }
      return await group.next() ?? nil
    }
    #expect(code == .cancelled)
  }

  @Test func `a task cancelled before it asks asks nothing`() async throws {
    let server = try LoopbackServer { _ in .json("{}") }
    let client = HTTPClient(transfersMax: 1)
    let codes = await withTaskGroup(of: HTTPError.Code?.self) { group in
      group.cancelAll()
      for _ in 1...20 {
        group.addTask {
          do {
            _ = try await client.send(HTTPRequest(url: server.base))
            return nil
          } catch {
            return (error as? HTTPError)?.code
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(codes == Array(repeating: .cancelled, count: 20))
    #expect(server.connections == 0)
  }
}

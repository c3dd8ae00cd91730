import Foundation
import Glibc
import Synchronization

/// A tiny HTTP/1.1 server on real sockets, one thread for each connection, that answers as a test says, badly too.
package final class LoopbackServer: Sendable {
  package struct Request: Sendable {
    package var method: String
    package var path: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Counts connections from 1.
    package var connection: Int

    package func header(_ name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
  }

  package enum Reply: Sendable {
    case answer(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [])
    /// These bytes, then an orderly end.
    case bytes([UInt8])
    /// These bytes, then a reset.
    case reset(after: [UInt8] = [])
    /// Nothing, until the client goes away.
    case silence

    package static func json(_ text: String, status: Int = 200) -> Reply {
      .answer(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
    }
  }

  package enum Event: Sendable {
    case request(Request)
    case closed(connection: Int)
  }

  private struct Counts {
    var connections = 0
    var open = 0
    var openMax = 0
  }

  package let port: Int
  /// What happens, in order, for one reader.
  package let events: AsyncStream<Event>
  private let listener: Int32
  private let counts = Mutex(Counts())

  package var connections: Int { counts.withLock { $0.connections } }
  /// The most connections that were open at a time.
  package var openMax: Int { counts.withLock { $0.openMax } }
  package var base: String { "http://127.0.0.1:\(port)" }

  /// Listens on a free port of 127.0.0.1, or on a Unix socket.
  package init(
    unixSocket: String? = nil, backlog: Int32 = 1_024, accepts: Bool = true,
    answer: @escaping @Sendable (Request) -> Reply
  ) throws {
    (listener, port) = try unixSocket.map { (try Self.listen(path: $0), 0) } ?? Self.listenOnFreePort(backlog)
    let (events, continuation) = AsyncStream.makeStream(of: Event.self)
    self.events = events
    guard accepts else { return }
    // Serves until it is stopped, however long the test that made it keeps hold of it.
    Thread.detachNewThread { [self] in
      while true {
        let socket = accept(listener, nil, nil)
        guard socket >= 0 else { break }
        let number = opened()
        Thread.detachNewThread { [self] in
          Self.serve(socket, number, continuation, answer)
          closed()
          continuation.yield(.closed(connection: number))
        }
      }
      close(listener)
    }
  }

  /// Refuses new connections from now on. The accepting thread closes the listener, so that its number is not taken
  /// by another server while that thread still uses it.
  package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func opened() -> Int {
    counts.withLock {
      $0.connections += 1
      $0.open += 1
      $0.openMax = max($0.openMax, $0.open)
      return $0.connections
    }
  }

  private func closed() { counts.withLock { $0.open -= 1 } }

  private static func serve(
    _ socket: Int32, _ number: Int, _ events: AsyncStream<Event>.Continuation, _ answer: (Request) -> Reply
  ) {
    defer { close(socket) }
    var reader = RequestReader(socket: socket, connection: number)
    while let request = reader.next() {
      events.yield(.request(request))
      switch answer(request) {
      case .answer(let status, let headers, let body):
        let lines = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        let head = "HTTP/1.1 \(status) Reason\r\nContent-Length: \(body.count)\r\n\(lines)\r\n"
        send(Array(head.utf8) + (request.method == "HEAD" ? [] : body), to: socket)
      case .bytes(let bytes):
        send(bytes, to: socket)
        return
      case .reset(let bytes):
        send(bytes, to: socket)
        var abrupt = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
        return
      case .silence:
        while reader.readMore() {}
        return
      }
    }
  }

  private static func send(_ bytes: [UInt8], to socket: Int32) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  private static func listenOnFreePort(_ backlog: Int32) throws -> (Int32, Int) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, size) == 0 && Glibc.listen(listener, backlog) == 0
          && getsockname(listener, generic, &size) == 0
      }
    }
    guard result else { throw POSIXError(.EADDRINUSE) }
    return (listener, Int(UInt16(bigEndian: address.sin_port)))
  }

  private static func listen(path: String) throws -> Int32 {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && Glibc.listen(listener, 16) == 0
      }
    }
    guard result else { throw POSIXError(.EADDRINUSE) }
    return listener
  }
}

/// Reads requests with a `Content-Length`, one after the other, from one connection.
private struct RequestReader {
  let socket: Int32
  let connection: Int
  private var buffer: [UInt8] = []

  init(socket: Int32, connection: Int) {
    self.socket = socket
    self.connection = connection
  }

  mutating func readMore() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    buffer += chunk[..<count]
    return true
  }

  mutating func next() -> LoopbackServer.Request? {
    let blankLine = Array("\r\n\r\n".utf8)
    while buffer.firstRange(of: blankLine) == nil {
      guard readMore() else { return nil }
    }
    guard let end = buffer.firstRange(of: blankLine) else { return nil }
    let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
    while buffer.count < end.upperBound + length {
      guard readMore() else { return nil }
    }
    let body = Array(buffer[end.upperBound..<end.upperBound + length])
    buffer.removeFirst(end.upperBound + length)
    return LoopbackServer.Request(
      method: words[0], path: words[1], headers: headers, body: body, connection: connection)
  }
}

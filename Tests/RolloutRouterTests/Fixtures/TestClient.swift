import NIOCore
import NIOHTTP1
import NIOPosix

struct TestResponse: Sendable {
  var status: Int
  var headers: HTTPHeaders
  var body: String

  func header(_ name: String) -> String? { headers.first(name: name) }
}

/// One keep-alive connection to the router.
final class TestClient: Sendable {
  private let channel: any Channel

  private init(_ channel: any Channel) { self.channel = channel }

  static func connect(_ port: Int) async throws -> TestClient {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(ResponseCollector())
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    return TestClient(channel)
  }

  func send(
    _ method: HTTPMethod = .POST, _ path: String = "/endpoints/eye-catcher/invocations",
    headers: [(String, String)] = [], body: String = ""
  ) async throws -> TestResponse {
    var head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: HTTPHeaders(headers))
    if !head.headers.contains(name: "Transfer-Encoding") {
      head.headers.add(name: "Content-Length", value: String(body.utf8.count))
    }
    let promise = channel.eventLoop.makePromise(of: TestResponse.self)
    let request = ResponseCollector.Request(head: head, body: body, promise: promise)
    channel.eventLoop.execute { [channel] in channel.writeAndFlush(request).cascadeFailure(to: promise) }
    return try await promise.futureResult.get()
  }

  func close() async throws { try await channel.close() }

  /// Returns when the other side has closed.
  func closed() async throws { try await channel.closeFuture.get() }
}

private final class ResponseCollector: ChannelDuplexHandler {
  struct Request: Sendable {
    let head: HTTPRequestHead
    let body: String
    let promise: EventLoopPromise<TestResponse>
  }

  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = Request
  typealias OutboundOut = HTTPClientRequestPart

  private var waiting: CircularBuffer<EventLoopPromise<TestResponse>> = []
  private var current = TestResponse(status: 0, headers: [:], body: "")

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let request = unwrapOutboundIn(data)
    waiting.append(request.promise)
    context.write(wrapOutboundOut(.head(request.head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: request.body)))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): current = TestResponse(status: Int(head.status.code), headers: head.headers, body: "")
    case .body(let bytes): current.body += String(buffer: bytes)
    case .end: waiting.popFirst()?.succeed(current)
    }
  }

  func channelInactive(context: ChannelHandlerContext) { fail(ChannelError.eof) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(error)
    context.close(promise: nil)
  }

  private func fail(_ error: any Error) {
    while let promise = waiting.popFirst() { promise.fail(error) }
  }
}

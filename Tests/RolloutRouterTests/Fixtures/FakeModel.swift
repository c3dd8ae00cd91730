import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import RolloutCore
import Synchronization

/// A model server in this process, on a real socket, that behaves as it is told.
final class FakeModel: Sendable {
  enum Behaviour: Sendable {
    case answer(status: Int = 200, body: String = "ok", headers: [String: String] = [:])
    /// Says back what it was asked, headers first.
    case echo
    /// Answers when `letGo()` is called.
    case hold
    case hang
    /// Closes without a byte of an answer.
    case hangUp
    /// Closes half-way through an answer.
    case breakOff
    /// Answers, then closes without having said so.
    case answerAndClose
    /// Answers the first request of each connection, closes on the second.
    case onceForEachConnection
  }

  private struct State {
    var behaviour: Behaviour
    var requests = 0
    var connections: [any Channel] = []
    var held: [@Sendable () -> Void] = []
  }

  let id: String
  let port: Int
  /// One element for every request that has arrived.
  let arrivals: AsyncStream<Void>
  private let arrived: AsyncStream<Void>.Continuation
  private let state: Mutex<State>
  private let listener: any Channel
  private let reservation: PortReservation

  static func start(_ id: String, _ behaviour: Behaviour = .answer()) async throws -> FakeModel {
    let late = Mutex<FakeModel?>(nil)
    let box = Box(late)
    let reservation = try PortReservation()
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.init(rawValue: SO_REUSEPORT)), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
          try channel.pipeline.syncOperations.addHandler(FakeModelHandler { box.model })
        }
      }
      .bind(host: "127.0.0.1", port: reservation.port).get()
    let model = FakeModel(id, behaviour, listener, reservation)
    box.set(model)
    return model
  }

  private init(_ id: String, _ behaviour: Behaviour, _ listener: any Channel, _ reservation: PortReservation) {
    self.id = id
    self.listener = listener
    self.reservation = reservation
    port = reservation.port
    (arrivals, arrived) = AsyncStream.makeStream()
    state = Mutex(State(behaviour: behaviour))
  }

  var requests: Int { state.withLock { $0.requests } }

  func backend(concurrencyMax: Int = 16) -> Backend {
    Backend(id: id, host: "127.0.0.1", port: port, concurrencyMax: concurrencyMax)
  }

  func behave(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

  /// Answers everything that is held.
  func letGo() {
    let held = state.withLock { state in
      defer { state.held = [] }
      return state.held
    }
    for answer in held { answer() }
  }

  /// Dies: stops listening and closes every connection.
  func die() async throws {
    try await listener.close()
    for channel in state.withLock({ $0.connections }) { channel.close(promise: nil) }
  }

  fileprivate func connected(_ channel: any Channel) { state.withLock { $0.connections.append(channel) } }

  fileprivate func begin() -> Behaviour {
    state.withLock { state in
      state.requests += 1
      return state.behaviour
    }
  }

  /// Once a request is held or answered, so that whoever awaits its arrival may let it go.
  fileprivate func handled() { arrived.yield() }

  fileprivate func hold(_ answer: @escaping @Sendable () -> Void) { state.withLock { $0.held.append(answer) } }
}

/// Hands the model to connections that may open before `start` has returned it.
private final class Box: Sendable {
  private let content: Mutex<FakeModel?>
  init(_ content: consuming Mutex<FakeModel?>) { self.content = content }
  var model: FakeModel? { content.withLock { $0 } }
  func set(_ model: FakeModel) { content.withLock { $0 = model } }
}

private final class FakeModelHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let model: () -> FakeModel?
  private var head: HTTPRequestHead?
  private var body = ""
  private var count = 0

  init(_ model: @escaping () -> FakeModel?) { self.model = model }

  func channelActive(context: ChannelHandlerContext) { model()?.connected(context.channel) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = ""
    case .body(let bytes): body += String(buffer: bytes)
    case .end: answer(context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func answer(_ context: ChannelHandlerContext) {
    guard let model = model(), let head else { return }
    count += 1
    defer { model.handled() }
    switch model.begin() {
    case .answer(let status, let body, let headers): write(context, status, body, headers)
    case .echo:
      let headers = head.headers.map { "\($0.name.lowercased()): \($0.value)" }.sorted().joined(separator: "\n")
      write(context, 200, "\(head.method) \(head.uri)\n\(headers)\n\n\(body)", ["Content-Type": "text/plain"])
    case .hold:
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      model.hold { bound.eventLoop.execute { bound.value.0.write(bound.value.1, 200, "held", [:]) } }
    case .hang: break
    case .hangUp: context.close(promise: nil)
    case .breakOff:
      let half = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "100"])
      context.write(wrapOutboundOut(.head(half)), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "half")))), promise: nil)
      context.close(promise: nil)
    case .answerAndClose:
      write(context, 200, "ok", [:])
      context.close(promise: nil)
    case .onceForEachConnection:
      if count == 1 { write(context, 200, "ok", [:]) } else { context.close(promise: nil) }
    }
  }

  private func write(_ context: ChannelHandlerContext, _ status: Int, _ body: String, _ headers: [String: String]) {
    var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
    for (name, value) in headers { head.headers.add(name: name, value: value) }
    head.headers.add(name: "Content-Length", value: String(body.utf8.count))
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

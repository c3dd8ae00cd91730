import NIOCore
import NIOHTTP1
import RolloutCore

/// What a model server answered.
struct ModelAnswer {
  let status: Int
  let headers: HTTPHeaders
  let body: ByteBuffer?
}

/// Why a connection gave no answer.
enum ModelFailure: Error {
  /// Nothing was sent.
  case unreachable(String)
  /// The connection broke; `isStale` when it had been used before and broke before any of the answer came, which is
  /// what happens when a server closes an idle connection while a request is on its way.
  case broken(String, isStale: Bool)
  case answerTooLarge(status: Int)
}

/// One HTTP/1.1 connection to a model server; carries one request at a time. Lives on its event loop.
final class ModelConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart
  typealias Completion = (Result<ModelAnswer, ModelFailure>) -> Void

  private struct Pending {
    let completion: Completion
    var head: HTTPResponseHead?
    var body: ByteBuffer?
  }

  private enum State {
    case idle
    case busy(Pending)
    case closed
  }

  let backend: Backend
  let hostHeader: String
  private(set) var idleSince = NIODeadline.now()
  private let pool: ConnectionPool
  private let answerBytesMax: Int
  private var state = State.idle
  private var context: ChannelHandlerContext?
  private var isReused = false

  init(backend: Backend, pool: ConnectionPool, answerBytesMax: Int) {
    self.backend = backend
    hostHeader = "\(backend.host):\(backend.port)"
    self.pool = pool
    self.answerBytesMax = answerBytesMax
  }

  var isOpen: Bool { if case .idle = state { true } else { false } }

  /// Sends a request; `completion` is called once, unless the connection is abandoned first.
  func send(_ head: HTTPRequestHead, body: ByteBuffer?, completion: @escaping Completion) {
    guard case .idle = state, let context else {
      return completion(.failure(.broken("the connection is closed", isStale: isReused)))
    }
    state = .busy(Pending(completion: completion))
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if let body, body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
    // One flush, so that head and body leave in one packet where they fit.
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  /// Closes without telling whoever waits for the answer.
  func abandon() {
    state = .closed
    context?.close(promise: nil)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .busy(var pending) = state else { return abandon() }
    // While `pending` is taken out, the state must not keep a second reference to its body.
    state = .closed
    switch unwrapInboundIn(data) {
    case .head(let head): pending.head = head
    case .body(var part):
      if pending.body == nil { pending.body = part } else { pending.body?.writeBuffer(&part) }
      if pending.body?.readableBytes ?? 0 > answerBytesMax {
        abandon()
        return pending.completion(.failure(.answerTooLarge(status: Int(pending.head?.status.code ?? 0))))
      }
    case .end: return finish(pending)
    }
    state = .busy(pending)
  }

  private func finish(_ pending: Pending) {
    guard let head = pending.head else { return fail(pending, "it answered without a status") }
    if head.isKeepAlive {
      state = .idle
      isReused = true
      idleSince = .now()
      pool.park(self)
    } else {
      abandon()
    }
    pending.completion(
      .success(ModelAnswer(status: Int(head.status.code), headers: head.headers, body: pending.body)))
  }

  func channelInactive(context: ChannelHandlerContext) {
    pool.forget(self)
    let last = state
    state = .closed
    if case .busy(let pending) = last { fail(pending, "it closed the connection before the answer was whole") }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    pool.forget(self)
    let last = state
    abandon()
    if case .busy(let pending) = last { fail(pending, "\(error)") }
  }

  private func fail(_ pending: Pending, _ reason: String) {
    pending.completion(.failure(.broken(reason, isStale: isReused && pending.head == nil)))
  }
}

import NIOCore
import NIOHTTP1
import NIOPosix
import RolloutCore

/// One client connection: reads a request at a time, has it answered, answers in order. While a request is under way
/// nothing more is read, so a client that pipelines waits for its own answers.
final class ClientHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = Never
  typealias OutboundOut = HTTPServerResponsePart

  /// How long a client may take to read its last answer before the connection is torn down.
  private static let lingerAfterAnswer = TimeAmount.seconds(2)

  private struct Incoming {
    let version: HTTPVersion
    let isKeepAlive: Bool
    var request: FrontRequest
  }

  private enum State {
    case idle
    case receiving(Incoming)
    case answering(version: HTTPVersion, isKeepAlive: Bool)
    /// The last answer is written; what still comes in is thrown away.
    case closing
  }

  private let loop: RouterLoop
  private var state = State.idle
  private var context: ChannelHandlerContext?
  /// What arrived while a request was under way: at most one read's worth.
  private var waiting = CircularBuffer<HTTPServerRequestPart>()
  private var isWorkingOff = false
  private var wantsRead = false
  private var parserError: String?

  init(loop: RouterLoop) { self.loop = loop }

  // MARK: Channel events

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func channelActive(context: ChannelHandlerContext) {
    if loop.add(self) { context.fireChannelActive() } else { context.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    state = .closing
    self.context = nil
    loop.remove(self)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    waiting.append(unwrapInboundIn(data))
    workOff()
  }

  func read(context: ChannelHandlerContext) {
    if mayProceed { context.read() } else { wantsRead = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) { workOff() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is HTTPParserError || error is ByteToMessageDecoderError.PayloadTooLargeError else {
      return context.close(promise: nil)
    }
    // The parser has given up, but a request it has read whole is still answered first.
    parserError = "\(error)"
    workOff()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { closeIfIdle() }
  }

  // MARK: Shutdown

  func closeIfQuiet() {
    if case .idle = state, waiting.isEmpty { closeNow() }
  }

  func closeNow() { context?.close(promise: nil) }

  private func closeIfIdle() {
    if case .answering = state { return }
    closeNow()
  }

  // MARK: Requests

  private var mayProceed: Bool {
    if case .answering = state { return false }
    return context?.channel.isWritable ?? false
  }

  /// A loop instead of recursion: a hundred pipelined pings must not need a hundred stack frames.
  private func workOff() {
    guard !isWorkingOff else { return }
    isWorkingOff = true
    while mayProceed, let part = waiting.popFirst() { receive(part) }
    isWorkingOff = false
    guard mayProceed else { return }
    if let reason = parserError {
      parserError = nil
      if case .closing = state { return }
      return answerAndClose(.malformed(reason))
    }
    if wantsRead {
      wantsRead = false
      context?.read()
    }
  }

  private func receive(_ part: HTTPServerRequestPart) {
    switch (state, part) {
    case (.idle, .head(let head)): begin(head)
    case (.receiving(var incoming), .body(let bytes)):
      // Taken out of the state first, so that the body is appended to in place.
      state = .idle
      if let answer = incoming.request.append(bytes) { return answerAndClose(answer) }
      state = .receiving(incoming)
    case (.receiving(let incoming), .end):
      state = .answering(version: incoming.version, isKeepAlive: incoming.isKeepAlive)
      answer(incoming.request)
    case (.closing, _): break
    case (.idle, _), (.receiving, .head), (.answering, _): preconditionFailure("the parser keeps parts in order")
    }
  }

  private func begin(_ head: HTTPRequestHead) {
    let request = FrontRequest(head, endpoint: loop.context.dispatcher.endpoint)
    state = .receiving(
      Incoming(version: head.version, isKeepAlive: head.isKeepAlive && !loop.isShuttingDown, request: request))
    let expectsContinue = head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
    switch request {
    case .invoke(let invocation):
      let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
      if length > invocation.route.bodyBytesMax {
        answerAndClose(.bodyTooLarge(bytesMax: invocation.route.bodyBytesMax))
      } else if expectsContinue, head.version == .http1_1 {
        let goOn = HTTPResponseHead(version: .http1_1, status: .continue)
        context?.writeAndFlush(wrapOutboundOut(.head(goOn)), promise: nil)
      }
    case .refused(let answer) where expectsContinue:
      // The client need not send a body that nobody wants.
      answerAndClose(answer)
    case .ping, .metrics, .refused: break
    }
  }

  private func answer(_ request: FrontRequest) {
    switch request {
    case .refused(let answer): write(answer)
    case .ping: write(.text("", contentType: "text/plain"))
    case .metrics: write(.text(loop.context.metrics(), contentType: "text/plain; version=0.0.4"))
    case .invoke(let invocation):
      Exchange(invocation, on: loop) { [weak self] answer in self?.write(answer) }.start()
    }
  }

  private func answerAndClose(_ answer: FrontAnswer) {
    state = .answering(version: .http1_1, isKeepAlive: false)
    write(answer)
  }

  private func write(_ answer: FrontAnswer) {
    guard let context, case .answering(let version, let keepAlive) = state else { return }
    let isKeepAlive = keepAlive && !loop.isShuttingDown
    var head = HTTPResponseHead(version: version, status: answer.status, headers: answer.headers)
    head.headers.add(name: "Content-Length", value: String(answer.body?.readableBytes ?? 0))
    if !isKeepAlive {
      head.headers.add(name: "Connection", value: "close")
    } else if version != .http1_1 {
      head.headers.add(name: "Connection", value: "keep-alive")
    }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if let body = answer.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
    if isKeepAlive {
      state = .idle
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    } else {
      state = .closing
      context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in self.finishClosing() }
    }
    workOff()
  }

  /// Says goodbye, then reads on for a while: closing with unread bytes would make the kernel reset the connection,
  /// and the client would lose the answer it has not read yet.
  private func finishClosing() {
    guard let context else { return }
    context.close(mode: .output, promise: nil)
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerAfterAnswer) { [weak self] in self?.closeNow() }
  }
}

extension FrontRequest {
  /// Takes in a part of the body; an answer when it is too much.
  fileprivate mutating func append(_ bytes: ByteBuffer) -> FrontAnswer? {
    guard case .invoke(var invocation) = self else { return nil }
    let limit = invocation.route.bodyBytesMax
    guard (invocation.body?.readableBytes ?? 0) + bytes.readableBytes <= limit else {
      return .bodyTooLarge(bytesMax: limit)
    }
    self = .ping
    if invocation.body == nil { invocation.body = bytes } else { invocation.body?.writeImmutableBuffer(bytes) }
    self = .invoke(invocation)
    return nil
  }
}

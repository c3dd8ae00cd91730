import NIOCore
import NIOHTTP1
import NIOPosix
package import RolloutCore
import Synchronization

/// The data plane: one HTTP port that speaks the SageMaker Runtime API and shares requests between model servers.
///
/// A client's connection lives on one event loop, and so do the connections to models that answer it; what loops share
/// is `Dispatcher`: the published table and who has which place.
package final class Router: Sendable {
  package let boundPort: Int
  private let context: RouterContext
  private let group: MultiThreadedEventLoopGroup
  private let loops: [NIOLoopBound<RouterLoop>]
  private let listener: any Channel
  private let isShutDown = Atomic(false)

  private init(
    context: RouterContext, group: MultiThreadedEventLoopGroup, loops: [NIOLoopBound<RouterLoop>],
    listener: any Channel
  ) {
    self.context = context
    self.group = group
    self.loops = loops
    self.listener = listener
    boundPort = listener.localAddress?.port ?? 0
  }

  /// Listens; port 0 lets the system choose. `metrics` answers `GET /metrics`, in the Prometheus text format. A `seed`
  /// makes the choices of variants repeatable. `now` is the clock by which published shares end. Throws `RouterError`.
  package static func start(
    host: String = "127.0.0.1", port: Int, threads: Int = 2, limits: RouterLimits = RouterLimits(), seed: UInt64? = nil,
    sink: any RequestSink, now: @escaping @Sendable () -> TimeSpan, metrics: @escaping @Sendable () -> String
  ) async throws -> Router {
    let seed = seed ?? UInt64.random(in: .min ... .max)
    let context = RouterContext(
      dispatcher: Dispatcher(seed: seed, waitingMax: limits.waitingMax, now: now), limits: limits, sink: sink,
      metrics: metrics)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    do {
      let clientsMax = max(1, limits.connectionsMax / threads)
      var loops: [NIOLoopBound<RouterLoop>] = []
      for eventLoop in group.makeIterator() {
        let loop = eventLoop.submit {
          let loop = RouterLoop(eventLoop: eventLoop, context: context, clientsMax: clientsMax)
          return NIOLoopBound(loop, eventLoop: eventLoop)
        }
        loops.append(try await loop.get())
      }
      let listener = try await listen(host: host, port: port, group: group, loops: loops, limits: limits)
      return Router(context: context, group: group, loops: loops, listener: listener)
    } catch {
      try? await group.shutdownGracefully()
      throw RouterError(listeningOn: host, port: port, error)
    }
  }

  private static func listen(
    host: String, port: Int, group: MultiThreadedEventLoopGroup, loops: [NIOLoopBound<RouterLoop>],
    limits: RouterLimits
  ) async throws -> any Channel {
    let byEventLoop = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
    return try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: RouterLimits.receiveBytes))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let loop = byEventLoop[ObjectIdentifier(channel.eventLoop)] else {
            preconditionFailure("clients live on the router's own loops")
          }
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(IdleStateHandler(allTimeout: .milliseconds(limits.clientIdle.milliseconds)))
          try pipeline.addHandler(HTTPResponseEncoder())
          let decoder = HTTPRequestDecoder(limitConfiguration: RouterLimits.requestHead)
          try pipeline.addHandler(ByteToMessageHandler(decoder, maximumBufferSize: RouterLimits.unparsedBytesMax))
          try pipeline.addHandler(ClientHandler(loop: loop.value))
        }
      }
      .bind(host: host, port: port).get()
  }

  /// Replaces the whole table: requests that arrive from now on follow it, requests under way finish where they are.
  package func publish(_ table: RoutingTable) {
    context.dispatcher.publish(table)
    let backends = Set(table.backends)
    for loop in loops { loop.eventLoop.execute { loop.value.pool.keep(only: backends) } }
  }

  /// Requests under way at a backend, whether or not it is still in the table.
  package func outstanding(_ backendID: Backend.ID) -> Int { context.dispatcher.outstanding(backendID) }

  /// Returns when no request is under way at any of these backends, or when the task is cancelled. Publish a table
  /// without them first.
  package func drained(_ backendIDs: Set<Backend.ID>) async { await context.dispatcher.drained(backendIDs) }

  /// Stops accepting, answers what is under way with `Connection: close`, and closes. Later calls do nothing.
  package func shutdown() async {
    guard !isShutDown.exchange(true, ordering: .relaxed) else { return }
    try? await listener.close()
    // All loops at once: each waits for its own clients.
    for quiet in loops.map({ loop in loop.eventLoop.flatSubmit { loop.value.shutDown() } }) { try? await quiet.get() }
    try? await group.shutdownGracefully()
  }
}

extension RouterError {
  fileprivate init(listeningOn host: String, port: Int, _ error: any Error) {
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE:
      self.init(
        .portTaken, "port \(port) on \(host) is taken by another program",
        help: "stop the program that listens there ('ss -ltnp'), or choose another port")
    case EACCES:
      self.init(
        .cannotListen, "port \(port) on \(host) needs more rights than this user has",
        help: "choose a port above 1023")
    default:
      self.init(
        .cannotListen, "cannot listen on \(host):\(port): \(error)", help: "check that the address is this machine's")
    }
  }
}

import NIOCore
import NIOHTTP1
import NIOPosix
import RolloutCore

/// The connections of one event loop to model servers. A request stays on the loop that its client is on, so nothing
/// here is shared.
final class ConnectionPool {
  private let eventLoop: any EventLoop
  private let limits: RouterLimits
  private var idle: [Backend.ID: [ModelConnection]] = [:]

  init(eventLoop: any EventLoop, limits: RouterLimits) {
    self.eventLoop = eventLoop
    self.limits = limits
  }

  /// A connection that is open, the one used last, so that the others grow old and go.
  func take(_ backend: Backend) -> ModelConnection? {
    while let connection = idle[backend.id]?.popLast() {
      let isFresh = connection.idleSince + .milliseconds(limits.backendIdle.milliseconds) > .now()
      if connection.backend == backend, connection.isOpen, isFresh { return connection }
      connection.abandon()
    }
    return nil
  }

  func park(_ connection: ModelConnection) {
    guard idle[connection.backend.id, default: []].count < connection.backend.concurrencyMax else {
      return connection.abandon()
    }
    idle[connection.backend.id, default: []].append(connection)
  }

  func forget(_ connection: ModelConnection) {
    idle[connection.backend.id]?.removeAll { $0 === connection }
  }

  /// Closes what is idle and not for one of these backends.
  func keep(only backends: Set<Backend>) {
    for (id, connections) in idle {
      let (kept, dropped) = connections.partitioned { backends.contains($0.backend) }
      idle[id] = kept.isEmpty ? nil : kept
      for connection in dropped { connection.abandon() }
    }
  }

  func connect(to backend: Backend) -> EventLoopFuture<NIOLoopBound<ModelConnection>> {
    let connection = NIOLoopBound(
      ModelConnection(backend: backend, pool: self, answerBytesMax: limits.responseBytesMax), eventLoop: eventLoop)
    let bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(.milliseconds(limits.connectTimeout.milliseconds))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: RouterLimits.receiveBytes))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(HTTPRequestEncoder())
          try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder()))
          try pipeline.addHandler(connection.value)
        }
      }
    // An address needs no resolver, and the resolver would be a hop to another thread.
    let channel =
      if let address = try? SocketAddress(ipAddress: backend.host, port: backend.port) {
        bootstrap.connect(to: address)
      } else {
        bootstrap.connect(host: backend.host, port: backend.port)
      }
    return channel.map { _ in connection }
  }
}

extension Array {
  fileprivate func partitioned(_ isKept: (Element) -> Bool) -> (kept: [Element], dropped: [Element]) {
    (filter(isKept), filter { !isKept($0) })
  }
}

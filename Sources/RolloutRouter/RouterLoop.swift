import NIOCore
import RolloutCore

/// What all event loops share.
struct RouterContext: Sendable {
  let dispatcher: Dispatcher
  let limits: RouterLimits
  let sink: any RequestSink
  let metrics: @Sendable () -> String
}

/// What belongs to one event loop: its clients and its connections to model servers. Touched on that loop only.
final class RouterLoop {
  /// How long a client that is quiet may still send a request once the router shuts down: one that is on its way now
  /// arrives within this, is answered, and hears that the connection ends.
  private static let lingerAtShutdown = TimeAmount.milliseconds(100)

  let eventLoop: any EventLoop
  let context: RouterContext
  let pool: ConnectionPool
  let clientsMax: Int
  private(set) var isShuttingDown = false
  private var clients: [ObjectIdentifier: ClientHandler] = [:]
  private var whenEmpty: EventLoopPromise<Void>?

  init(eventLoop: any EventLoop, context: RouterContext, clientsMax: Int) {
    self.eventLoop = eventLoop
    self.context = context
    self.clientsMax = clientsMax
    pool = ConnectionPool(eventLoop: eventLoop, limits: context.limits)
  }

  /// Whether there is room for one more client.
  func add(_ client: ClientHandler) -> Bool {
    guard clients.count < clientsMax, !isShuttingDown else { return false }
    clients[ObjectIdentifier(client)] = client
    return true
  }

  func remove(_ client: ClientHandler) {
    clients[ObjectIdentifier(client)] = nil
    finishIfEmpty()
  }

  /// Completes when the last client has its answer and is gone, or when they have had time enough.
  func shutDown() -> EventLoopFuture<Void> {
    if let whenEmpty { return whenEmpty.futureResult }
    isShuttingDown = true
    let promise = eventLoop.makePromise(of: Void.self)
    whenEmpty = promise
    let isolated = eventLoop.assumeIsolated()
    isolated.scheduleTask(in: Self.lingerAtShutdown) { for client in self.clients.values { client.closeIfQuiet() } }
    let deadline = isolated.scheduleTask(in: .milliseconds(context.limits.shutdownMax.milliseconds)) {
      for client in self.clients.values { client.closeNow() }
    }
    finishIfEmpty()
    return promise.futureResult.always { _ in deadline.cancel() }
  }

  private func finishIfEmpty() {
    guard isShuttingDown, clients.isEmpty, let whenEmpty else { return }
    pool.keep(only: [])
    whenEmpty.succeed()
  }
}

import Glibc
package import Logging
package import RolloutCore
import RolloutHTTP
import RolloutRouter
package import ServiceLifecycle
import UnixSignals

package struct RuntimeConfiguration: Sendable {
  /// The runtime's directory, absolute.
  package var path: String
  package var host: String
  /// 0 lets the system choose.
  package var port: Int
  /// Of this program, as status shows it.
  package var version: String
  package var supervision: SupervisionPolicy
  /// SIGTERM and SIGINT end the runtime in order.
  package var handlesSignals: Bool

  package init(
    path: String, host: String = "127.0.0.1", port: Int, version: String,
    supervision: SupervisionPolicy = SupervisionPolicy(), handlesSignals: Bool = true
  ) {
    self.path = path
    self.host = host
    self.port = port
    self.version = version
    self.supervision = supervision
    self.handlesSignals = handlesSignals
  }
}

/// The runtime of one directory in this process: its front port, its model servers, its control socket.
package struct LocalRuntime: Sendable {
  /// Requests under way, draining servers and those that ignore SIGTERM take at most about this long together.
  static let shutdownMax = Duration.seconds(180)

  package let boundPort: Int
  package var address: String { "http://\(configuration.host):\(boundPort)" }
  /// For those in the same process who wait for something to happen.
  let changes = RuntimeChanges()

  private let configuration: RuntimeConfiguration
  private let paths: RuntimePaths
  private let lock: RuntimeLock
  private let mailbox = RuntimeMailbox()
  private let service: ControllerService
  private let clock: RuntimeClock
  private let logger: Logger

  /// Takes the directory's lock, reads its state and listens. Nothing is served before `run`.
  package init(
    configuration: RuntimeConfiguration, models: any ModelStore, clock: RuntimeClock = .system(), logger: Logger
  ) async throws(RuntimeError) {
    self.configuration = configuration
    self.clock = clock
    self.logger = logger
    paths = RuntimePaths(root: configuration.path)
    try paths.makeDirectories()
    lock = try RuntimeLock(paths)
    let requests = RequestBuffer(clock: clock)
    let controller = try RuntimeController(
      paths: paths, policy: configuration.supervision, clock: clock, requests: requests, logger: logger)
    let board = MetricsBoard()
    let outstanding = OutstandingRequests()
    let router: RolloutRouter.Router
    do {
      router = try await RolloutRouter.Router.start(
        host: configuration.host, port: configuration.port, sink: requests, now: clock.now
      ) {
        board.text(outstanding: outstanding.count)
      }
    } catch {
      throw RuntimeError(router: error, configuration)
    }
    // An endpoint that is known answers "not yet", never "no such endpoint", from the first connection on.
    router.publish(controller.table)
    // Only who holds the port may take servers for leftovers: a runtime whose folder was removed still serves.
    for pid in LeftoverServers.end(of: paths.root) {
      logger.notice("ended what a killed runtime left behind", metadata: ["pid": "\(pid)"])
    }
    outstanding.ask(router)
    boundPort = router.boundPort
    service = ControllerService(
      controller: controller, mailbox: mailbox, router: router,
      runner: ServerRunner(models: models, http: HTTPClient(), clock: clock), board: board, changes: changes)
  }

  /// Serves until it is told to end, by a signal, over the socket, or by a graceful shutdown of the task it runs in.
  package func run(
    extraServices: [any Service] = [], onReady: @escaping @Sendable (RuntimeStatus) async -> Void = { _ in }
  ) async throws {
    let stop = StopRequest()
    let describe: @Sendable ([EndpointStatus]) -> RuntimeStatus = {
      [configuration, paths, address, since = clock.wall()] endpoints in
      RuntimeStatus(
        pid: getpid(), version: configuration.version, since: since, path: paths.root, address: address,
        endpoints: endpoints)
    }
    let control = ControlServer(
      socket: paths.controlSocket, mailbox: mailbox, describe: describe, shutdown: stop.request,
      onReady: { await onReady(describe([])) }, logger: logger)
    // Ended from the last to the first: nobody drives, then nobody commands, then nothing runs.
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
      .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup),
      .init(service: control, successTerminationBehavior: .gracefullyShutdownGroup),
    ]
    // One that has nothing left to do must not end what serves users.
    services += extraServices.map { .init(service: $0, successTerminationBehavior: .ignore) }
    services.append(.init(service: stop, successTerminationBehavior: .gracefullyShutdownGroup))
    var group = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: configuration.handlesSignals ? [.sigterm, .sigint] : [],
      logger: logger)
    group.maximumGracefulShutdownDuration = Self.shutdownMax
    logger.info("serving", metadata: ["address": "\(address)", "path": "\(paths.root)"])
    defer { lock.release() }
    try await ServiceGroup(configuration: group).run()
  }

  /// What `rollout runtime start --foreground` does.
  package static func run(
    configuration: RuntimeConfiguration, models: any ModelStore, extraServices: [any Service] = [], logger: Logger
  ) async throws {
    let runtime = try await LocalRuntime(configuration: configuration, models: models, logger: logger)
    try await runtime.run(extraServices: extraServices)
  }
}

/// Ends the runtime when somebody asks for it over the control socket.
private struct StopRequest: Service {
  private let requests: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (requests, continuation) = AsyncStream.makeStream() }

  var request: @Sendable () -> Void { { [continuation] in continuation.finish() } }

  func run() async throws {
    for await _ in requests.cancelOnGracefulShutdown() {}
  }
}

extension RuntimeError {
  init(router error: any Error, _ configuration: RuntimeConfiguration) {
    guard let error = error as? RouterError else {
      self.init(
        .startFailed, "the runtime cannot listen on \(configuration.host):\(configuration.port): \(error)",
        help: "choose another address in pipeline.yaml")
      return
    }
    self.init(error.code == .portTaken ? .portTaken : .startFailed, error.message, help: error.help)
  }
}

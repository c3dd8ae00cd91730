import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RolloutCore
import RolloutDigest
import RolloutEngine
import ServiceLifecycle

/// The control API on the runtime's socket: JSON in, JSON out. Who may open the socket may command the runtime.
struct ControlServer: Service {
  /// A revision with all its alarms is a few kilobytes.
  static let bodyBytesMax = 4 * 1_048_576

  let socket: String
  let mailbox: RuntimeMailbox
  /// What the runtime says about itself, given its endpoints.
  let describe: @Sendable ([EndpointStatus]) -> RuntimeStatus
  let shutdown: @Sendable () -> Void
  let onReady: @Sendable () async -> Void
  let logger: Logger

  func run() async throws {
    let router = Hummingbird.Router()
    addEndpoints(to: router)
    addEmergencies(to: router)
    addRuntime(to: router)
    // The lock says that no other runtime uses this directory, so whatever lies here was left by a dead one.
    unlink(socket)
    let application = Application(
      router: router, configuration: .init(address: .unixDomainSocket(path: socket)),
      onServerRunning: { [socket, onReady] _ in
        chmod(socket, 0o600)
        await onReady()
      }, logger: logger)
    defer { unlink(socket) }
    try await application.run()
  }

  private func addEndpoints(to router: Hummingbird.Router<BasicRequestContext>) {
    router.post("/v1/endpoints/:name/observe") { request, context in
      await answer {
        let (name, message) = try await read(ControlMessages.Observe.self, request, context)
        return try await mailbox.ask { .observe(endpoint: name, fence: message.orderFence, $0) } as EndpointObservation
      }
    }
    router.post("/v1/endpoints/:name/orders") { request, context in
      await answer {
        let (name, message) = try await read(ControlMessages.Perform.self, request, context)
        try await mailbox.ask { .perform(message.order, endpoint: name, fence: message.orderFence, $0) } as Void
        return ControlMessages.Done()
      }
    }
    router.post("/v1/endpoints/:name/renew") { request, context in
      await answer {
        let (name, message) = try await read(ControlMessages.Renew.self, request, context)
        let isLive: Bool = try await mailbox.ask { .renew(endpoint: name, fence: message.orderFence, $0) }
        return ControlMessages.Renewed(isLive: isLive)
      }
    }
  }

  private func addEmergencies(to router: Hummingbird.Router<BasicRequestContext>) {
    router.post("/v1/endpoints/:name/emergency") { request, context in
      await answer {
        let (name, message) = try await read(EmergencyRequest.self, request, context)
        return try await mailbox.ask { .revert(message, endpoint: name, $0) } as EmergencyAnswer
      }
    }
    router.post("/v1/endpoints/:name/unseal") { request, context in
      await answer {
        let (name, message) = try await read(ControlMessages.Unseal.self, request, context)
        let fence = OrderFence(sequence: message.fence, lineage: message.lineage)
        try await mailbox.ask { .unseal(message.emergency, endpoint: name, fence: fence, $0) } as Void
        return ControlMessages.Done()
      }
    }
    router.post("/v1/endpoints/:name/adopt") { request, context in
      await answer {
        let (name, message) = try await read(ControlMessages.Adopt.self, request, context)
        try await mailbox.ask { .adopt(endpoint: name, lineage: message.lineage, fence: message.fence, $0) } as Void
        return ControlMessages.Done()
      }
    }
    router.get("/v1/endpoints/:name/served") { _, context in
      await answer {
        let name = try context.parameters.require("name")
        return try await mailbox.ask { .served(endpoint: name, $0) } as ControlMessages.Served
      }
    }
  }

  private func addRuntime(to router: Hummingbird.Router<BasicRequestContext>) {
    router.get("/v1/status") { _, _ in
      await answer { describe(try await mailbox.ask { .status($0) }) }
    }
    router.get("/v1/metrics") { request, _ in
      let name = request.uri.queryParameters["endpoint"].map { String($0) }
      return await answer { try await mailbox.ask { .metrics(endpoint: name, $0) } as [FleetReport] }
    }
    router.post("/v1/shutdown") { _, _ in
      shutdown()
      return await answer { ControlMessages.Done() }
    }
  }

  private func read<Message: Decodable>(
    _ type: Message.Type, _ request: Request, _ context: BasicRequestContext
  ) async throws -> (name: String, message: Message) {
    let body = try await request.body.collect(upTo: Self.bodyBytesMax)
    do {
      return (
        try context.parameters.require("name"), try CanonicalJSON.value(type, from: Array(body.readableBytesView))
      )
    } catch {
      throw TargetError(.failed, "the runtime cannot read this request: \(error)")
    }
  }

  private func answer<Body: Encodable>(_ work: () async throws -> Body) async -> Response {
    do {
      return response(.ok, try CanonicalJSON.bytes(try await work()))
    } catch let error as TargetError {
      return failure(error)
    } catch {
      return failure(TargetError(.failed, "the runtime cannot read this request: \(error)"))
    }
  }

  private func failure(_ error: TargetError) -> Response {
    let status: HTTPResponse.Status =
      switch error.code {
      case .fenced: .conflict
      case .sealed: .init(code: 423, reasonPhrase: "Locked")
      case .refused: .unprocessableContent
      case .throttled: .tooManyRequests
      case .ambiguous: .internalServerError
      case .failed: .badRequest
      }
    let message = ControlMessages.Failure(code: error.code, message: error.message)
    guard let body = try? CanonicalJSON.bytes(message) else { preconditionFailure("two strings are JSON") }
    return response(status, body)
  }

  private func response(_ status: HTTPResponse.Status, _ body: [UInt8]) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: body)))
  }
}

extension ControlMessages.Observe {
  fileprivate var orderFence: OrderFence? { fence.map { OrderFence(sequence: $0, lineage: lineage) } }
}

extension ControlMessages.Perform {
  fileprivate var orderFence: OrderFence { OrderFence(sequence: fence, lineage: lineage) }
}

extension ControlMessages.Renew {
  fileprivate var orderFence: OrderFence { OrderFence(sequence: fence, lineage: lineage) }
}

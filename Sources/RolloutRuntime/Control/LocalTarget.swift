package import RolloutCore
package import RolloutEngine
package import RolloutHTTP

/// The local runtime as the engine sees it.
package struct LocalTarget: Target {
  private let client: ControlClient

  /// `path`: the runtime's directory.
  package init(path: String, http: HTTPClient = HTTPClient(transfersMax: 8)) {
    client = ControlClient(paths: RuntimePaths(root: path), http: http)
  }

  package func observe(_ endpoint: String, fence: UInt64?) async throws(TargetError) -> EndpointObservation {
    try await client.post("/v1/endpoints/\(endpoint)/observe", ControlMessages.Observe(fence: fence))
  }

  package func perform(_ order: TargetOrder, on endpoint: String, fence: UInt64) async throws(TargetError) {
    let _: ControlMessages.Done = try await client.post(
      "/v1/endpoints/\(endpoint)/orders", ControlMessages.Perform(fence: fence, order: order))
  }

  package func renew(_ endpoint: String, fence: UInt64) async throws(TargetError) -> Bool {
    let renewed: ControlMessages.Renewed = try await client.post(
      "/v1/endpoints/\(endpoint)/renew", ControlMessages.Renew(fence: fence))
    return renewed.isLive
  }

  package func status() async throws(TargetError) -> RuntimeStatus { try await client.get("/v1/status") }

  /// The last minute of every fleet, or of one endpoint's.
  package func metrics(of endpoint: String? = nil) async throws(TargetError) -> [FleetReport] {
    try await client.get("/v1/metrics" + (endpoint.map { "?endpoint=\($0)" } ?? ""))
  }

  /// Tells the runtime to end; it answers before it does.
  package func shutDown() async throws(TargetError) {
    let _: ControlMessages.Done = try await client.post("/v1/shutdown", ControlMessages.Done())
  }
}

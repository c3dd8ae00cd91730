package import RolloutCore
package import RolloutEngine
package import RolloutHTTP

/// The local runtime as the engine sees it.
package struct LocalTarget: Target {
  private let client: ControlClient
  /// The journal in whose name orders are given; `nil` gives none and only looks.
  private var lineage: String?

  /// `path`: the runtime's directory.
  package init(path: String, http: HTTPClient = HTTPClient(transfersMax: 8)) {
    client = ControlClient(paths: RuntimePaths(root: path), http: http)
  }

  /// The same for whoever acts for this journal: an endpoint obeys one journal only.
  package func commanded(by lineage: String?) -> LocalTarget {
    var target = self
    target.lineage = lineage
    return target
  }

  package func observe(_ endpoint: String, fence: UInt64?) async throws(TargetError) -> EndpointObservation {
    try await client.post("/v1/endpoints/\(endpoint)/observe", ControlMessages.Observe(fence: fence, lineage: lineage))
  }

  package func perform(_ order: TargetOrder, on endpoint: String, fence: UInt64) async throws(TargetError) {
    let _: ControlMessages.Done = try await client.post(
      "/v1/endpoints/\(endpoint)/orders", ControlMessages.Perform(fence: fence, lineage: lineage, order: order))
  }

  package func renew(_ endpoint: String, fence: UInt64) async throws(TargetError) -> Bool {
    let renewed: ControlMessages.Renewed = try await client.post(
      "/v1/endpoints/\(endpoint)/renew", ControlMessages.Renew(fence: fence, lineage: lineage))
    return renewed.isLive
  }

  package func unseal(_ endpoint: String, emergency id: String, fence: UInt64) async throws(TargetError) {
    let _: ControlMessages.Done = try await client.post(
      "/v1/endpoints/\(endpoint)/unseal", ControlMessages.Unseal(emergency: id, fence: fence, lineage: lineage))
  }

  /// Rollback of last resort; it needs no journal.
  package func revert(_ endpoint: String, _ request: EmergencyRequest) async throws(TargetError) -> EmergencyAnswer {
    try await client.post("/v1/endpoints/\(endpoint)/emergency", request)
  }

  /// Gives an endpoint to another journal, unless it has obeyed something since `fence` was seen.
  package func adopt(_ endpoint: String, by lineage: String, expecting fence: UInt64) async throws(TargetError) {
    let _: ControlMessages.Done = try await client.post(
      "/v1/endpoints/\(endpoint)/adopt", ControlMessages.Adopt(lineage: lineage, fence: fence))
  }

  /// What the endpoint's users are on, in full.
  package func served(by endpoint: String) async throws(TargetError) -> Revision? {
    let served: ControlMessages.Served = try await client.get("/v1/endpoints/\(endpoint)/served")
    return served.revision
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

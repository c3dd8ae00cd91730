import NIOCore
import NIOPosix
package import RolloutCore
import Synchronization

/// The data plane: one HTTP port that speaks the SageMaker Runtime API and shares requests between model servers.
package final class Router: Sendable {
  package let boundPort: Int

  private init(boundPort: Int) { self.boundPort = boundPort }

  /// Listens; port 0 lets the system choose. `metrics` answers `GET /metrics`, in the Prometheus text format.
  package static func start(
    host: String = "127.0.0.1", port: Int, threads: Int = 2, limits: RouterLimits = RouterLimits(), seed: UInt64? = nil,
    sink: any RequestSink, metrics: @escaping @Sendable () -> String
  ) async throws -> Router {
    Router(boundPort: port)
  }

  /// Replaces the whole table: requests that arrive from now on follow it, requests under way finish where they are.
  package func publish(_ table: RoutingTable) {}

  /// Requests under way at a backend, whether or not it is still in the table.
  package func outstanding(_ backendID: Backend.ID) -> Int { 0 }

  /// Returns when no request is under way at any of these backends. Publish a table without them first.
  package func drained(_ backendIDs: Set<Backend.ID>) async {}

  /// Stops accepting, lets requests under way finish, and closes.
  package func shutdown() async {}
}

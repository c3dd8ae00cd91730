package import RolloutCore

/// Where the router reports every try of every request. Called on event loops: cheap, never blocking, thread-safe.
package protocol RequestSink: Sendable {
  func record(_ record: RequestRecord)
  /// A request that no backend could take: no instance, or all busy and the queue full.
  func recordRefusal(endpoint: String)
}

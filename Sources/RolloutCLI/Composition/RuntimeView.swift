import RolloutCore
import RolloutRuntime

/// The runtime and its model servers.
enum RuntimeView {
  /// `{"schema":"rollout/runtime/1","isRunning":true,"runtime":{…}}`
  struct Document: Encodable {
    let schema = "rollout/runtime/1"
    let isRunning: Bool
    /// Before it was told to stop.
    var wasRunning: Bool?
    var runtime: RuntimeStatus?

    init(_ status: RuntimeStatus?) {
      isRunning = status != nil
      runtime = status
    }

    init(wasRunning: Bool) {
      isRunning = false
      self.wasRunning = wasRunning
    }
  }

  static func text(_ status: RuntimeStatus, style: Style) -> String {
    var lines = [
      style.bold("The runtime serves at \(status.address)"),
      "pid \(status.pid), version \(status.version), since \(status.since), files in \(status.path)",
    ]
    for endpoint in status.endpoints.sorted(by: { $0.name < $1.name }) {
      lines += ["", style.bold(endpoint.name)]
      for instance in endpoint.instances {
        let role = instance.role?.rawValue ?? "leaving"
        let process = instance.pid.map { "pid \($0)" } ?? "no process"
        let port = instance.port.map { "port \($0)" } ?? "no port"
        lines.append(
          "  \(role)  version \(instance.version)  \(instance.state)  \(process)  \(port)  "
            + "\(instance.restarts) restarts  \(instance.log)")
      }
      if endpoint.instances.isEmpty { lines.append("  no instances") }
    }
    return lines.joined(separator: "\n")
  }
}

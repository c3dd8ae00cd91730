import RolloutCore

/// Everything needed to start one model server.
struct ServerLaunch: Sendable {
  /// Tells a model server's runtime by its directory, so that the next one knows what a killed one left behind.
  static let marker = "ROLLOUT_RUNTIME_PATH"

  /// The runtime's directory.
  var root: String
  var endpoint: String
  var instance: InstanceID
  var content: Revision.Content
  var log: ServerLog

  /// The server's own environment: the harmless part of the runtime's, then the package's, then what the container
  /// contract adds. `${NAME}` in the package's values is filled in from all of the runtime's.
  func environment(port: Int, runtime: [String: String]) throws(LaunchError) -> [String: String] {
    var result = runtime.filter { InheritedVariables.contains($0.key) }
    // Byte code written beside the sources would change a package whose digest is checked at the next start.
    result["PYTHONDONTWRITEBYTECODE"] = "1"
    for (name, value) in content.serve.environment.sorted(by: { $0.key < $1.key }) {
      result[name] = try Self.fill(value, of: name, from: runtime)
    }
    result[content.serve.portVariable] = String(port)
    result["PORT"] = String(port)
    result[Self.marker] = root
    result["ROLLOUT_MODEL_VERSION"] = String(content.model.version)
    result["ROLLOUT_MODEL_VARIANT"] = content.model.variant
    return result
  }

  private static func fill(
    _ text: String, of variable: String, from runtime: [String: String]
  ) throws(LaunchError) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstRange(of: "${") {
      result += rest[..<dollar.lowerBound]
      rest = rest[dollar.upperBound...]
      guard let end = rest.firstIndex(of: "}") else {
        throw LaunchError("the package's \(variable) has a '${' without its '}'; register it again with both")
      }
      let name = String(rest[..<end])
      guard let value = runtime[name] else {
        throw LaunchError("the package needs \(name) (for \(variable)); set it where the runtime is started")
      }
      result += value
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}

/// Why no process came to be, with what to do about it.
struct LaunchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

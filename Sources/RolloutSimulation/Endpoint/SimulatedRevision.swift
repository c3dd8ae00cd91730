import RolloutCore

extension Revision {
  /// The revision that a token of the simulated world stands for.
  static func simulated(_ token: Token, instances: Int) -> Revision {
    var revision = instances == small.content.endpoint.instances ? small : Revision(small, instances: instances)
    revision.digest = Digest(words: (token.value, 0, 0, 0))
    return revision
  }

  private init(_ other: Revision, instances: Int) {
    self = other
    content.endpoint.instances = instances
  }

  /// Its words are short: long ones would be counted at every copy.
  private static let small = Revision(
    digest: Digest(words: (0, 0, 0, 0)),
    content: Content(
      model: DeployedModel(
        group: "m", version: 1, digest: Digest(words: (0, 0, 0, 0)), variant: "full", metrics: [:], sizeBytes: 1,
        registryPath: "/r"),
      serve: ServeSpec(command: []), endpoint: EndpointSpec(name: "e", instances: 1), template: EndpointTemplate(),
      alarms: [], autoscaling: nil))
}

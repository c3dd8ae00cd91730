/// The files that `rollout init` writes: a working set that says what each value is for.
package enum Scaffold {
  package struct File: Hashable, Sendable {
    /// Relative to the directory that holds `Environments/`.
    package var path: String
    package var text: String
  }

  /// Whether a service may have this name: it becomes part of endpoints' names.
  package static func isServiceName(_ text: String) -> Bool {
    text.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9\-]{0,48}[A-Za-z0-9])?/) != nil
  }

  /// In the order in which a person would read them, the schemas for editors last.
  package static func files(service: String) -> [File] {
    precondition(isServiceName(service), "the caller has checked the name")
    let written = [
      withSchema("Environments/pipeline.yaml", .pipeline, pipeline(service) + "\n"),
      withSchema("Environments/staging.yaml", .environment, staging(service) + "\n"),
      withSchema("Environments/production.yaml", .environment, production(service) + "\n"),
      withSchema("Environments/smoke/answers.yaml", .smoke, smoke + "\n"),
      withSchema("Alarms/model-errors.yaml", .alarm, modelErrors + "\n"),
      withSchema("Alarms/cpu.yaml", .alarm, cpu + "\n"),
      withSchema("Templates/local-endpoint.yaml", .template, template + "\n"),
    ]
    return written + schemas(SpecKind.allCases)
  }

  /// Editors complete and check a file by the schema that its first line names.
  static func withSchema(_ path: String, _ kind: SpecKind, _ text: String) -> File {
    let up = String(repeating: "../", count: path.count { $0 == "/" })
    return File(path: path, text: "# yaml-language-server: $schema=\(up)\(schemaPath(kind))\n" + text)
  }

  static func schemas(_ kinds: [SpecKind]) -> [File] {
    kinds.map { File(path: schemaPath($0), text: $0.schemaText) }
  }

  private static func schemaPath(_ kind: SpecKind) -> String { "Environments/.schema/\(kind.rawValue).json" }
}

extension Scaffold {
  private static func pipeline(_ service: String) -> String {
    """
    # One service. A model passes through the stages in this order; each is described by NAME.yaml beside this file.
    service: \(service)
    registry: {provider: local, path: ../.rollout/registry, group: \(service)}
    state: {backend: sqlite, path: ../.rollout/rollout.db}
    runtime: {port: 8080}
    stages: [staging, production]
    # Who is told what; ${NAME} is read from the environment when a message is sent.
    # notify:
    #   - discord: ${ROLLOUT_DISCORD_WEBHOOK}
    #     on: [approval-needed, rolled-back, succeeded]
    """
  }

  private static func staging(_ service: String) -> String {
    """
    # Where a model is proved before a person is asked.
    environment: staging
    target: {provider: local, template: ../Templates/local-endpoint.yaml}
    endpoint: {name: \(service)-staging, instances: 1}
    model:
      # The newest version that was approved in the registry; 'version: 7' stays with one.
      select: latest-approved
      # What it must have reached, by the metrics it was registered with.
      # require: {accuracy: ">= 0.60", sizeMB: "<= 400"}
    smoke: [smoke/answers.yaml]
    strategy:
      # No user is here: all at once, watched by the alarms for as long as one of them needs.
      allAtOnce: {bakeAfter: 5m}
    alarms: [../Alarms/model-errors.yaml, ../Alarms/cpu.yaml]
    """
  }

  private static func production(_ service: String) -> String {
    """
    # What users reach. It gets only what staging proved and a person approved.
    environment: production
    target: {provider: local, template: ../Templates/local-endpoint.yaml}
    endpoint: {name: \(service)-prod, instances: 1}
    model:
      select: latest-approved
    smoke: [smoke/answers.yaml]
    # Who started the rollout does not approve it. With 'approvers: [ana, ben]' only they may.
    approval: {minimum: 1, selfApproval: false, expires: 72h}
    strategy:
      canary:
        # Small shares first. An alarm during any bake takes all traffic back to the old version.
        steps:
          - {weight: 10%, bake: 10m}
          - {weight: 50%, bake: 10m}
        bakeAfter: 10m # at 100 %, with the old version kept warm
    alarms: [../Alarms/model-errors.yaml, ../Alarms/cpu.yaml]
    autoscaling:
      instances: 1...4
      invocationsPerInstance: 70 # per minute
      scaleOutCooldown: 5m
      scaleInCooldown: 10m
    """
  }

  static let smoke = """
    # Requests with expectations, run against a new version before it sees a user. Write what your model should answer:
    # a picture as {file: fox.png}, a JSON body as {json: …}, any other text as {text: …, contentType: text/csv}.
    suite: answers
    cases:
      - name: it answers a request
        request:
          json: {instances: [[0.1, 0.2, 0.3]]}
        expect:
          status: 200
          latency: <= 2s
          # json: [{path: "$[0].label", is: fox}, {path: "$[0].score", within: 0.9...1}]
    """

  private static let modelErrors = """
    # More than five failed requests in five minutes take a new version back.
    alarm: model-errors
    metric: InvocationModelErrors
    statistic: Sum
    period: 5m
    datapoints: 1 of 1
    threshold: "> 5"
    missingData: notBreaching
    rollback: true
    """

  private static let cpu = """
    # A model that needs more than 70 % of its cores leaves no room for a peak.
    alarm: cpu
    metric: CPUUtilization
    statistic: Average
    period: 5m
    datapoints: 1 of 1
    threshold: "> 70%"
    missingData: missing
    rollback: true
    """

  private static let template = """
    # How the local runtime runs an endpoint. The values are the defaults.
    limits: {body: 6MiB, timeout: 60s}
    health: {interval: 5s, timeout: 2s, startup: 4m}
    drain: 30s # what a stopping instance has accepted may finish
    shield: true # a request that the canary failed is answered by the old version
    lease: 30s # how long the canary keeps its share after the driver was last heard of
    """
}

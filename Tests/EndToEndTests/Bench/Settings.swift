/// What a test wants to be written into its environment files. Periods are short; the rest is as in earnest.
struct Settings: Sendable {
  var stages = ["staging", "production"]
  var port = 0
  /// The rest of staging.yaml and production.yaml, one line per key.
  var staging = ["smoke: [smoke.yaml]", "strategy: {allAtOnce: {keepWarm: 5m}}"]
  var steps = "{weight: 10%, bake: 1s}, {weight: 50%, bake: 1s}"
  var bakeAfter = "1s"
  var keepWarm = "5m"
  var approval: String?
  var autoscaling: String?
  var instances = 1
  var model = #"{select: latest-approved, require: {accuracy: ">= 0.6"}}"#
  /// Names of files under `Alarms/` that guard production.
  var alarms: [String] = []
  var shield = true
  var startup = "30s"
  /// How long a canary keeps its share when nobody renews it.
  var lease = "10s"
  var expectedLabel = "safe"

  /// Path → text of every file.
  var files: [String: String] {
    var files = [
      "Environments/pipeline.yaml": pipeline, "Environments/production.yaml": production,
      "Environments/staging.yaml": environment("staging", staging), "Environments/smoke.yaml": smoke,
      "Templates/endpoint.yaml": template,
    ]
    files["Alarms/errors.yaml"] = alarm("errors", "InvocationModelErrors", "Sum", "> 1")
    files["Alarms/cpu.yaml"] = alarm("cpu", "CPUUtilization", "Average", #"> 70%"#)
    return files
  }

  private var pipeline: String {
    """
    service: bench
    registry: {provider: local, path: ../.rollout/registry, group: bench}
    state: {backend: sqlite, path: ../.rollout/state/rollout.db}
    runtime: {path: ../.rollout/runtime, port: \(port)}
    stages: [\(stages.joined(separator: ", "))]

    """
  }

  private var production: String {
    var lines = ["strategy: {canary: {steps: [\(steps)], bakeAfter: \(bakeAfter), keepWarm: \(keepWarm)}}"]
    if let approval { lines.append("approval: \(approval)") }
    if let autoscaling { lines.append("autoscaling: \(autoscaling)") }
    if !alarms.isEmpty {
      lines.append("alarms: [\(alarms.map { "../Alarms/\($0).yaml" }.joined(separator: ", "))]")
    }
    return environment("production", lines, instances: instances)
  }

  private func environment(_ name: String, _ lines: [String], instances: Int = 1) -> String {
    """
    environment: \(name)
    target: {provider: local, template: ../Templates/endpoint.yaml}
    endpoint: {name: \(name), instances: \(instances)}
    model: \(model)
    \(lines.joined(separator: "\n"))

    """
  }

  private var smoke: String {
    """
    suite: basics
    cases:
      - name: a picture gets the label it must
        request: {json: {picture: 1}}
        repetitions: 3
        expect: {json: [{path: "$[0].label", is: \(expectedLabel)}]}

    """
  }

  private var template: String {
    """
    shield: \(shield)
    lease: \(lease)
    drain: 5s
    health: {interval: 1s, timeout: 5s, startup: \(startup)}

    """
  }

  private func alarm(_ name: String, _ metric: String, _ statistic: String, _ threshold: String) -> String {
    """
    alarm: \(name)
    metric: \(metric)
    statistic: \(statistic)
    period: 3s
    datapoints: 1 of 1
    threshold: "\(threshold)"
    missingData: notBreaching
    rollback: true

    """
  }
}

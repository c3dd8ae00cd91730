import RolloutCore
import RolloutEngine

extension EyeCatcher {
  static func revision(of environment: String, in plan: Plan) -> Revision {
    guard let stage = plan.program.stages.first(where: { $0.environment == environment }) else {
      fatalError("nothing changes in \(environment)")
    }
    return stage.revision
  }

  /// Version 7 serves; nothing else is there.
  static func serving(_ endpoint: String = "production", alarms: [AlarmReading] = quiet) -> EndpointObservation {
    let base = upgrade.program.stages.first { $0.environment == endpoint }?.base
    guard let base else { fatalError("\(endpoint) has no base") }
    return EndpointObservation(
      fence: 9,
      stable: FleetObservation(
        revision: base.digest, model: base.content.model, desired: 2, ready: 2, alarms: alarms,
        traffic: TrafficReading(
          requests: 4_320, errors: 0, userErrors: 0, requestsPerMinute: 432, errorRate: 0, latencyP50: 12.4,
          latencyP99: 40.2, cpuPercent: 31.2)))
  }

  /// Version 7 serves 90 %, version 8 has had 10 % for 2 min 44 s and failed twice, which no user saw.
  static func baking(_ change: (inout CanaryObservation) -> Void = { _ in }) -> EndpointObservation {
    var observation = serving()
    let revision = revision(of: "production", in: upgrade)
    var canary = CanaryObservation(
      fleet: FleetObservation(
        revision: revision.digest, model: revision.content.model, desired: 1, ready: 1, alarms: quiet,
        traffic: TrafficReading(
          requests: 480, errors: 2, userErrors: 0, requestsPerMinute: 48, errorRate: 0.004, latencyP50: 13.1,
          latencyP99: 44, cpuPercent: 35.4)),
      share: percent(10), leaseIsLive: true, baked: .seconds(164))
    change(&canary)
    observation.canary = canary
    return observation
  }

  static let quiet = [
    AlarmReading(name: "model-errors", state: .ok, value: 2), AlarmReading(name: "cpu", state: .insufficientData),
  ]

  static let smoke = [
    SmokeResult(
      suite: "images", name: "picture 1", repetitions: 20, failures: [], latencyP50: 12.2, latencyP95: 40,
      latencyMax: 58, status: 200, answer: "{\n  \"class\": \"SFW\",\n  \"confidence\": 0.97\n}\n"),
    SmokeResult(
      suite: "images", name: "picture 2", repetitions: 20,
      failures: [.init(message: "expected $.nsfw < 0.1, got 0.83", source: "images.yaml:12", count: 3)],
      latencyP50: 13, latencyP95: 41, latencyMax: 61.4, status: 200, answer: "{\"nsfw\": 0.83}\u{1B}[2J"),
  ]

  static func document(_ environment: String, smoke: [SmokeResult] = []) -> EvidenceDocument {
    let revision = revision(of: environment, in: upgrade)
    return EvidenceDocument(
      environment: environment, model: revision.content.model, revision: revision.digest, smoke: smoke)
  }

  static let documents: [Digest: EvidenceDocument] = [
    digest("e1"): document("staging"), digest("e2"): document("staging", smoke: [smoke[0]]),
    digest("e3"): document("production"), digest("e4"): document("production", smoke: [smoke[0]]),
    digest("e5"): document("staging", smoke: smoke),
  ]
}

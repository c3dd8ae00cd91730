package import RolloutCore
import RolloutDigest
import RolloutEngine

extension StatusView {
  package static let schema = "rollout/status/1"

  package static func json(_ input: Input) throws -> String { try CanonicalJSON.pretty(value(input)) }

  /// The same on one line, for whoever watches.
  package static func jsonLine(_ input: Input) throws -> String {
    String(decoding: try CanonicalJSON.bytes(value(input)), as: UTF8.self)
  }

  package static func value(_ input: Input) -> JSONValue {
    .object([
      "schema": .string(schema), "service": .string(input.service), "at": .string("\(input.now)"),
      "runtime": .object(["isRunning": .bool(input.runtimeAddress != nil), "address": JSONValue(input.runtimeAddress)]),
      "environments": .array(input.places.map { environment($0, input) }),
      "rollout": rollout(input),
      "lease": input.state.lease.map { lease($0, input) } ?? .null,
      "seals": .array(input.seals.map(emergency)),
      "emergencies": .array(input.state.emergencies.map { emergency($0.emergency) }),
    ])
  }

  private static func environment(_ name: String, _ input: Input) -> JSONValue {
    let state = input.state.environments[name]
    let live = state?.live
    let since = state?.liveSince
    let observation = input.observations[name]
    return .object([
      "environment": .string(name), "isInPipeline": .bool(input.stages.contains(name)),
      "live": live.map { record in
        .object([
          "revision": .number(Double(record.number)), "digest": .string("\(record.revision.digest)"),
          "endpoint": .string(record.revision.content.endpoint.name),
          "model": EntryJSON.model(record.revision.content.model),
          "rollout": JSONValue(since?.rollout), "since": JSONValue(since.map { "\($0.at)" }),
        ])
      } ?? .null,
      "answers": .bool(observation != nil),
      "stable": observation?.stable.map { .object(fleet($0)) } ?? .null,
      "standby": observation?.standby.map { .object(fleet($0)) } ?? .null,
      "canary": observation?.canary.map(canary) ?? .null,
    ])
  }

  private static func canary(_ canary: CanaryObservation) -> JSONValue {
    var object = fleet(canary.fleet)
    object["sharePercent"] = .number(canary.share.value)
    object["leaseIsLive"] = .bool(canary.leaseIsLive)
    object["leaseExpiresInSeconds"] = JSONValue(canary.leaseLeft?.seconds)
    object["bakedSeconds"] = .number(canary.baked.seconds)
    object["trip"] =
      canary.trip.map { trip in
        .object([
          "alarm": .string(trip.alarm), "reason": .string(trip.reason), "at": .string("\(trip.at)"),
        ])
      } ?? .null
    return .object(object)
  }

  private static func fleet(_ fleet: FleetObservation) -> [String: JSONValue] {
    let traffic = fleet.traffic
    return [
      "model": EntryJSON.model(fleet.model), "revision": .string("\(fleet.revision)"),
      "desired": .number(Double(fleet.desired)), "ready": .number(Double(fleet.ready)),
      "failure": JSONValue(fleet.failure),
      "alarms": .array(
        fleet.alarms.sorted { $0.name < $1.name }.map {
          .object([
            "name": .string($0.name), "state": .string($0.state.rawValue), "value": JSONValue($0.value),
          ])
        }),
      "traffic": .object([
        "requests": .number(Double(traffic.requests)), "errors": .number(Double(traffic.errors)),
        "userErrors": .number(Double(traffic.userErrors)), "requestsPerMinute": .number(traffic.requestsPerMinute),
        "errorRate": .number(traffic.errorRate), "latencyP50Milliseconds": JSONValue(traffic.latencyP50),
        "latencyP99Milliseconds": JSONValue(traffic.latencyP99), "cpuPercent": JSONValue(traffic.cpuPercent),
      ]),
    ]
  }

  private static func rollout(_ input: Input) -> JSONValue {
    guard let rollout = input.state.liveRollout, let standing = input.standing else { return .null }
    return .object([
      "rollout": .string(rollout.id), "title": .string(rollout.title),
      "plan": JSONValue(rollout.plan.map { "\($0)" }),
      "startedAt": .string("\(rollout.startedAt)"), "startedBy": .string(rollout.startedBy.name),
      "environment": .string(standing.environment), "state": .string(standing.code.rawValue),
      "step": JSONValue(standing.step.map { Double($0.number) }),
      "steps": JSONValue(standing.step.map { Double($0.count) }),
      "action": .string(standing.action), "detail": JSONValue(standing.detail),
      "command": JSONValue(standing.command),
      "remedies": .array(
        rollout.remedies.map {
          .object([
            "command": .string($0.command), "purpose": .string($0.purpose),
          ])
        }),
      "hold": JSONValue(rollout.hold),
      "gate": rollout.gate.map { gate in
        .object([
          "evidenceRoot": .string("\(gate.evidenceRoot)"), "expires": .string("\(gate.expires)"),
          "isOpen": .bool(rollout.openGate != nil),
          "environment": JSONValue(rollout.program.stage(at: gate.position)?.environment),
          "approvals": .array(gate.approvals.map { .string($0.by) }),
          "minimum": JSONValue(rollout.program.stage(at: gate.position)?.approval.map { Double($0.minimum) }),
          "approversLeft": .array(rollout.approversLeftNames.map { .string($0) }),
        ])
      } ?? .null,
    ])
  }

  private static func lease(_ lease: LaneState.Lease, _ input: Input) -> JSONValue {
    .object([
      "holder": .string(lease.holder.title), "since": .string("\(lease.since)"), "ttl": .string("\(lease.ttl)"),
      "isLive": .bool(input.lease.isLive), "name": .string(lease.holder.name), "host": .string(lease.holder.host),
      "pid": .number(Double(lease.holder.pid)), "kind": .string(lease.holder.kind.rawValue),
      "holderLives": input.lease.holderLives.map(JSONValue.bool) ?? .null,
      "isOnThisHost": .bool(input.lease.reach != .renewals),
      "expiresInSeconds": JSONValue(input.lease.left?.seconds),
    ])
  }

  static func emergency(_ emergency: Emergency) -> JSONValue {
    .object([
      "emergency": .string(emergency.id), "environment": .string(emergency.environment),
      "endpoint": .string(emergency.endpoint), "by": .string(emergency.by), "reason": .string(emergency.reason),
      "at": .string("\(emergency.at)"), "revisionDigest": JSONValue(emergency.restored.map { "\($0)" }),
      "isOnItsWay": .bool(emergency.isOnItsWay == true),
    ])
  }
}

extension JSONValue {
  /// A text, or `null`.
  init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
  /// A number, or `null`; JSON has no other way to say "not a number".
  init(_ number: Double?) { self = number.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }
}

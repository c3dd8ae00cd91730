package import RolloutCore
import RolloutDigest

/// One flat JSON object per entry, for scripts that follow a rollout.
package enum EntryJSON {
  package static let schema = "rollout/event/1"

  /// `{"schema":"rollout/event/1","sequence":7,"at":…,"type":"stepStarted",…}` on one line. `state` is the lane right
  /// before or right after the entry.
  package static func line(_ entry: Entry, _ state: LaneState) throws -> String {
    String(decoding: try CanonicalJSON.bytes(value(entry, state)), as: UTF8.self)
  }

  package static func value(_ entry: Entry, _ state: LaneState) -> JSONValue {
    var object = payload(entry.event, state.rollout)
    object["schema"] = .string(schema)
    object["sequence"] = .number(Double(entry.sequence))
    object["at"] = .string(entry.at.description)
    object["type"] = .string(type(of: entry.event))
    object["text"] = .string(EntryText.sentence(entry, state))
    object["actor"] = .object([
      "name": .string(entry.actor.name), "kind": .string(entry.actor.kind.rawValue),
      "host": .string(entry.actor.host), "pid": .number(Double(entry.actor.pid)),
      "version": .string(entry.actor.version),
    ])
    if let epoch = entry.epoch { object["epoch"] = .number(Double(epoch)) }
    if object["rollout"] == nil, belongsToRollout(entry.event), let id = state.rollout?.id {
      object["rollout"] = .string(id)
    }
    if let environment = EntryText.environment(of: entry.event, state.rollout) {
      object["environment"] = .string(environment)
    }
    return .object(object)
  }

  /// The name of the case, which is also its name in the journal.
  static func type(of event: Event) -> String {
    switch event {
    case .laneCreated: "laneCreated"
    case .rolloutStarted: "rolloutStarted"
    case .rollbackStarted: "rollbackStarted"
    case .approvalGranted: "approvalGranted"
    case .approvalDenied: "approvalDenied"
    case .approvalRevoked: "approvalRevoked"
    case .abortRequested: "abortRequested"
    case .holdSet: "holdSet"
    case .holdCleared: "holdCleared"
    case .bakeSkipped: "bakeSkipped"
    case .operatorResolved: "operatorResolved"
    case .leaseAcquired: "leaseAcquired"
    case .emergencyReverted: "emergencyReverted"
    case .revisionAdopted: "revisionAdopted"
    case .leaseReleased: "leaseReleased"
    case .stepStarted: "stepStarted"
    case .stepSucceeded: "stepSucceeded"
    case .stepFailed: "stepFailed"
    case .stepSuperseded: "stepSuperseded"
    case .evidenceRecorded: "evidenceRecorded"
    case .gateOpened: "gateOpened"
    case .gateExpired: "gateExpired"
    case .canaryLapsed: "canaryLapsed"
    case .guardTripped: "guardTripped"
    case .unwindStarted: "unwindStarted"
    case .revisionPromoted: "revisionPromoted"
    case .rolloutCompleted: "rolloutCompleted"
    case .quarantined: "quarantined"
    }
  }

  private static func belongsToRollout(_ event: Event) -> Bool {
    switch event {
    case .laneCreated, .leaseAcquired, .leaseReleased, .emergencyReverted, .revisionAdopted: false
    default: true
    }
  }
}

// MARK: - What each event adds

extension EntryJSON {
  private static func payload(_ event: Event, _ rollout: RolloutState?) -> [String: JSONValue] {
    switch event {
    case .laneCreated(let service, let lineage): ["service": .string(service), "lineage": .string(lineage)]
    case .leaseAcquired(let ttl, let why): ["ttl": .string("\(ttl)"), "why": .string(why.rawValue)]
    case .leaseReleased, .holdCleared: [:]
    case .rolloutStarted(let id, let plan, let program):
      [
        "rollout": .string(id), "plan": .string("\(plan)"),
        "environments": .array(program.stages.map { .string($0.environment) }),
        "model": program.stages.last.map { model($0.revision.content.model) } ?? .null,
      ]
    case .rollbackStarted(let id, _, let endpoint, let record, let reason):
      revision(record).merging([
        "rollout": .string(id), "endpoint": .string(endpoint), "reason": .string(reason),
      ]) { $1 }
    case .revisionPromoted(_, let record), .revisionAdopted(_, let record): revision(record)
    case .approvalGranted(let approval), .approvalDenied(let approval): decision(approval)
    case .approvalRevoked(let id, _, let approver, let comment):
      [
        "rollout": .string(id), "by": .string(approver), "comment": comment.map(JSONValue.string) ?? .null,
      ]
    case .emergencyReverted(let emergency):
      [
        "emergency": .string(emergency.id), "endpoint": .string(emergency.endpoint), "by": .string(emergency.by),
        "reason": .string(emergency.reason), "revertedAt": .string("\(emergency.at)"),
        "revisionDigest": emergency.restored.map { .string("\($0)") } ?? .null,
        "isOnItsWay": .bool(emergency.isOnItsWay == true),
      ]
    case .abortRequested(let id, let reason, let isRollback):
      ["rollout": .string(id), "reason": .string(reason), "isRollback": .bool(isRollback)]
    case .holdSet(let id, let reason): ["rollout": .string(id), "reason": .string(reason)]
    case .operatorResolved(let id, let comment): ["rollout": .string(id), "comment": .string(comment)]
    case .quarantined(let reason): ["reason": .string(reason)]
    case .unwindStarted(let cause): self.cause(cause)
    case .rolloutCompleted(let outcome):
      ["outcome": .string(word(outcome))].merging(outcome.cause.map(cause) ?? [:]) { $1 }
    case .evidenceRecorded(let evidence):
      [
        "kind": .string(evidence.kind.rawValue), "passed": .bool(evidence.passed),
        "summary": .string(evidence.summary), "digest": .string("\(evidence.digest)"),
        "root": .string("\(evidence.root)"),
      ]
    default: step(event, rollout)
    }
  }

  private static func step(_ event: Event, _ rollout: RolloutState?) -> [String: JSONValue] {
    switch event {
    case .stepStarted(let position, let attempt, let direction):
      place(
        position, rollout, action: EntryText.action(at: position, direction, rollout),
        ["attempt": .number(Double(attempt)), "direction": .string(direction.rawValue)])
    case .stepSucceeded(let position, let observed), .stepSuperseded(let position, let observed):
      place(position, rollout, action: EntryText.action(at: position, rollout), ["observed": .string(observed)])
    case .stepFailed(let position, let isFinal, let error):
      place(
        position, rollout, action: EntryText.action(at: position, rollout),
        ["isFinal": .bool(isFinal), "error": .string(error)])
    case .bakeSkipped(_, let position), .gateExpired(let position), .canaryLapsed(let position):
      place(position, rollout)
    case .gateOpened(let position, let root, let expires):
      place(position, rollout, ["evidenceRoot": .string("\(root)"), "expires": .string("\(expires)")])
    case .guardTripped(let position, let trip):
      place(
        position, rollout,
        ["alarm": .string(trip.alarm), "reason": .string(trip.reason), "trippedAt": .string("\(trip.at)")])
    default: preconditionFailure("not about a place in the program")
    }
  }

  /// Without an action of its own, an event is about the step of the program that stands there.
  private static func place(
    _ position: Position, _ rollout: RolloutState?, action: String? = nil, _ more: [String: JSONValue] = [:]
  ) -> [String: JSONValue] {
    [
      "stage": .number(Double(position.stage)), "step": .number(Double(position.step)),
      "action": .string(action ?? EntryText.action(at: position, .forward, rollout)),
    ].merging(more) { $1 }
  }

  private static func decision(_ approval: Approval) -> [String: JSONValue] {
    [
      "rollout": .string(approval.rollout), "by": .string(approval.by),
      "comment": approval.comment.map(JSONValue.string) ?? .null, "plan": .string("\(approval.plan)"),
      "evidenceRoot": .string("\(approval.evidenceRoot)"),
    ]
  }

  private static func revision(_ record: RevisionRecord) -> [String: JSONValue] {
    [
      "revision": .number(Double(record.number)), "revisionDigest": .string("\(record.revision.digest)"),
      "model": model(record.revision.content.model),
    ]
  }

  static func model(_ model: DeployedModel) -> JSONValue {
    .object([
      "group": .string(model.group), "version": .number(Double(model.version)), "variant": .string(model.variant),
      "digest": .string("\(model.digest)"), "sizeBytes": .number(Double(model.sizeBytes)),
      "metrics": .object(model.metrics.mapValues(JSONValue.number)),
    ])
  }

  /// `promoted`, `rolledBack`, `failed`, `rejected`.
  static func word(_ outcome: Outcome) -> String {
    switch outcome {
    case .promoted: "promoted"
    case .rolledBack: "rolledBack"
    case .failed: "failed"
    case .rejected: "rejected"
    }
  }

  /// Which kind of cause, and the sentence.
  static func cause(_ cause: Cause) -> [String: JSONValue] {
    let code =
      switch cause {
      case .guardTripped: "alarm"
      case .proofFailed: "proof"
      case .stepFailed: "step"
      case .canaryLapsed: "lapse"
      case .denied: "denied"
      case .gateExpired: "expired"
      case .approvalRevoked: "revoked"
      case .emergency: "emergency"
      case .requested(_, _, let isRollback): isRollback ? "rollback" : "abort"
      }
    return ["causeCode": .string(code), "cause": .string(cause.text)]
  }
}

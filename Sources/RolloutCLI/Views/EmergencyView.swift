package import RolloutCore
import RolloutDigest
package import RolloutRuntime

/// What a rollback of last resort did, and what comes next.
package enum EmergencyView {
  package static let schema = "rollout/emergency/1"

  package struct Answer: Hashable, Sendable {
    package var runtime: String
    package var outcome: EmergencyAnswer

    package init(runtime: String, _ outcome: EmergencyAnswer) {
      self.runtime = runtime
      self.outcome = outcome
    }
  }

  package static func text(_ answer: Answer, style: Style) -> String {
    let emergency = answer.outcome.emergency
    let next =
      "\(emergency.endpoint) is sealed (\(emergency.id)): it obeys nobody until the journal knows of this. The runtime "
      + "tells it as soon as it can be written again; so does `rollout apply`, and so does `rollout rollback`."
    return
      (Layout.wrap(style.bold(happened(answer.outcome)), hanging: 2, width: style.width)
      + Layout.wrap(next, hanging: 2, width: style.width)).joined(separator: "\n")
  }

  /// What the journal was told of one, afterwards.
  package static func told(_ entry: Entry, style: Style) -> String {
    guard let emergency = entry.event.emergency else { preconditionFailure("not an emergency") }
    let rows = [
      ["done", "\(Figures.moment(emergency.at)) by \(Printable.line(emergency.by))"],
      ["why", emergency.reason.isEmpty ? "no reason was given" : Printable.line(emergency.reason)],
      ["what", emergency.deed],
      ["told", "\(Figures.moment(entry.at)) by \(entry.actor.title), entry \(entry.sequence)"],
    ]
    let title = "\(style.bold(emergency.id))  \(emergency.environment): emergency rollback of \(emergency.endpoint)"
    return
      ([title]
      + rows.flatMap { row in
        Layout.wrap(
          row[1], prefix: "  " + style.dim(Layout.padded(row[0], 4)) + "  ", hanging: 8, width: style.width)
      }).joined(separator: "\n")
  }

  package static func notice(_ answer: Answer) -> String {
    let emergency = answer.outcome.emergency
    let why = emergency.reason.isEmpty ? "" : " (\(emergency.reason))"
    return "Emergency rollback \(emergency.id) by \(emergency.by)\(why): \(happened(answer.outcome)) "
      + "The journal does not know of it yet."
  }

  package static func json(_ answers: [Answer]) throws -> String {
    try CanonicalJSON.pretty(
      JSONValue.object([
        "schema": .string(schema),
        "emergencies": .array(
          answers.map { answer in
            let outcome = answer.outcome
            return .object([
              "emergency": .string(outcome.emergency.id), "environment": .string(outcome.emergency.environment),
              "endpoint": .string(outcome.emergency.endpoint), "by": .string(outcome.emergency.by),
              "reason": .string(outcome.emergency.reason), "at": .string("\(outcome.emergency.at)"),
              "runtime": .string(answer.runtime), "isNew": .bool(outcome.isNew),
              "action": .string(action(outcome).rawValue),
              "isKept": .bool(outcome.notKept == nil),
              "version": JSONValue(outcome.after.stable.map { Double($0.model.version) }),
              "text": .string(happened(outcome)),
            ])
          }),
      ]))
  }

  enum Action: String { case sealedBefore, canaryTakenAway, standbyTookOver, standbyStarts }

  static func action(_ outcome: EmergencyAnswer) -> Action {
    if !outcome.isNew { return .sealedBefore }
    if outcome.emergency.restored == nil { return .canaryTakenAway }
    return outcome.emergency.isOnItsWay == true ? .standbyStarts : .standbyTookOver
  }

  private static func happened(_ outcome: EmergencyAnswer) -> String {
    let emergency = outcome.emergency
    let serving = outcome.after.stable.map { "version \($0.model.version)" }
    switch action(outcome) {
    case .sealedBefore:
      let state = serving.map { "\($0) serves" } ?? "nothing serves"
      return "\(emergency.endpoint) was sealed already, at \(emergency.at) by \(emergency.by); nothing more was done: "
        + "\(state)."
    case .canaryTakenAway:
      let canary = outcome.before.canary
      let gone = canary.map { "version \($0.fleet.model.version), which had \($0.share) of traffic," } ?? "the canary"
      return "In \(emergency.environment), \(gone) was taken away: "
        + (serving.map { "everybody is on \($0)." } ?? "nothing serves now, as nothing did before it.")
    case .standbyTookOver:
      let gone = outcome.before.stable.map { "; version \($0.model.version) is stopped" } ?? ""
      return "In \(emergency.environment), everybody is back on \(serving ?? "the version before")\(gone)."
    case .standbyStarts:
      let back = outcome.after.standby.map { "version \($0.model.version)" } ?? "the version before"
      return "In \(emergency.environment), \(back) starts and takes over as soon as it is ready; "
        + "\(serving ?? "nothing") serves meanwhile."
    }
  }
}

extension Event {
  var emergency: Emergency? { if case .emergencyReverted(let emergency) = self { emergency } else { nil } }
}

extension Emergency {
  /// What became of users.
  var deed: String {
    guard restored != nil else { return "whatever was new was taken away, and what served before stayed" }
    return isOnItsWay == true
      ? "the version before was started, to take over as soon as it is ready" : "the version before was put back"
  }
}

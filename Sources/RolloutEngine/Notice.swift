package import RolloutCore

/// Which entries people are told about, and in what words.
package enum Notice {
  package typealias Message = (occasion: NotifySpec.Occasion, text: String)

  package static func about(_ entry: Entry, _ rollout: RolloutState) -> Message? {
    let head = "Rollout \(rollout.id) (\(rollout.title))"
    switch entry.event {
    case .rolloutStarted: return (.started, "\(head) was started by \(entry.actor.name).")
    case .gateOpened(_, _, let expires):
      return (
        .approvalNeeded,
        "\(head) waits for approval for \(rollout.stage.environment) until \(expires): `rollout approve \(rollout.id)`"
      )
    case .rolloutCompleted(.promoted): return (.succeeded, "\(head) is live.")
    case .rolloutCompleted(.rolledBack(let cause)): return (.rolledBack, "\(head) was rolled back: \(cause.text).")
    case .rolloutCompleted(let outcome):
      return (.failed, "\(head) \(outcome.word): \(outcome.cause?.text ?? "").")
    case .quarantined(let reason):
      let remedies = rollout.remedies.map { "`\($0.command)` (\($0.purpose))" }.joined(separator: ", ")
      return (.failed, "\(head) needs a person: \(reason). In this order: \(remedies).")
    default: return nil
    }
  }
}

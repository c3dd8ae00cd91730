package import RolloutCore

/// Tells the journal what was done at the target while nobody could write it, then breaks the seals. Whoever is about to
/// drive does this first; any number of them at once, and any of them killed anywhere, come to the same: one entry for
/// each emergency, and no seal broken before its entry is durable.
package struct Reconciliation: Sendable {
  let journal: any Journal
  let target: any Target
  let notifier: any Notifier
  let actor: Actor
  let now: @Sendable () -> Timestamp

  package init(
    journal: any Journal, target: any Target, notifier: any Notifier, actor: Actor,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.journal = journal
    self.target = target
    self.notifier = notifier
    self.actor = actor
    self.now = now
  }

  /// What one run came to.
  package struct Outcome: Hashable, Sendable {
    /// The emergencies whose seals it broke.
    package var told: [Emergency] = []
    /// Endpoints that are still sealed, and why: others are not held up by them.
    package var troubles: [String: TargetError] = [:]
  }

  package func run(_ state: LaneState, _ seen: EndpointsSeen) async throws -> Outcome {
    var outcome = Outcome()
    for endpoint in state.endpoints {
      guard let seal = seen.seal(of: endpoint, for: state) else { continue }
      let sequence = try await record(seal)
      do throws(TargetError) {
        try await target.unseal(endpoint, emergency: seal.id, fence: sequence)
        outcome.told.append(seal)
      } catch { outcome.troubles[endpoint] = error }
    }
    if !outcome.told.isEmpty || state.settlement != nil { try await settle() }
    return outcome
  }

  /// What an emergency has put on its way becomes an ordinary rollback, which waits for it and says if it cannot come.
  private func settle() async throws {
    while true {
      let state = try await journal.state()
      guard let rollback = state.settlement else { return }
      let written = try await journal.appendOnce([rollback], expecting: state.sequence, by: actor, at: now())
      if written != nil { return }
    }
  }

  /// The sequence number of the entry that records it, which is written unless it is there.
  private func record(_ emergency: Emergency) async throws -> UInt64 {
    while true {
      let state = try await journal.state()
      if let known = state.emergencies.first(where: { $0.emergency.id == emergency.id }) { return known.sequence }
      do {
        let entries = try await journal.append(
          [.emergencyReverted(emergency)], expecting: state.sequence, by: actor, epoch: nil, at: now())
        guard let entry = entries.last else { preconditionFailure("what was appended is answered") }
        await tell(emergency)
        return entry.sequence
      } catch {
        // Somebody else wrote, or the answer was lost: the journal tells which.
        guard error.code == .conflict || error.code == .unknown else { throw error }
      }
    }
  }

  private func tell(_ emergency: Emergency) async {
    await notifier.notify(.rolledBack, Notice.text(of: emergency))
  }
}

extension LaneState {
  /// Every endpoint this journal has to do with, sorted.
  package var endpoints: [String] {
    let known = environments.values.flatMap { $0.revisions.map(\.revision.content.endpoint.name) }
    return Set(known + (rollout?.program.stages.map(\.endpoint) ?? [])).sorted()
  }
}

extension Notice {
  package static func text(of emergency: Emergency) -> String {
    let why = emergency.reason.isEmpty ? "" : ": \(emergency.reason)"
    return "Emergency rollback of \(emergency.environment) by \(emergency.by) at \(emergency.at)\(why) "
      + "(\(emergency.id)). The journal knows of it now; what was under way turns round."
  }
}

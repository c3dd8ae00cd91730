/// What `rollback ENVIRONMENT [--to REVISION]` means for a service as its journal tells it. One move at a time: whoever
/// makes it asks again about the journal it left. A driver may promote in the very moment before a move is written, so
/// that a move is only ever judged by what is recorded of it.
package enum RollbackDecision: Hashable, Sendable {
  /// The rollout under way is turned round first. `settles`: it is what put the environment at risk, and nothing is left
  /// to do once it has gone back.
  case turn(rollout: String, settles: Bool)
  /// The same for a rollout that has turned round already.
  case finish(rollout: String, settles: Bool)
  case start(id: String, to: RevisionRecord)
  /// This revision is live; `nil`: none is, as before the first deployment.
  case isThere(RevisionRecord?)
  case refuse(RollbackRefusal)
}

package enum RollbackRefusal: Hashable, Sendable {
  case neverLive
  /// `others`: what was live there too, and was taken back.
  case onlyOneRevision(Int, others: [Int])
  case unknownRevision(Int, known: [Int])
}

extension LaneState {
  /// `turned`: a rollout that this same rollback has turned round and that settles it.
  package func rollback(
    of environment: String, to number: Int?, after turned: String? = nil
  ) -> RollbackDecision {
    let here = environments[environment] ?? EnvironmentState()
    let intruder = liveRollout.flatMap { $0.stage.environment == environment && $0.needsUndo ? $0 : nil }
    if number == nil {
      // Its canary is what has to go; what is live stays.
      if let intruder, let move = intruder.turn(settles: true) { return move }
      if let outcome = turned.flatMap({ rollout(named: $0) })?.outcome, outcome != .promoted {
        return .isThere(here.live)
      }
    }
    let record: RevisionRecord
    switch here.target(number, over: intruder) {
    case .success(let found): record = found
    case .failure(let refusal): return .refuse(refusal)
    }
    if let move = liveRollout?.turn(settles: false) { return move }
    if intruder == nil, record.number == here.live?.number { return .isThere(record) }
    return .start(id: nextRollout, to: record)
  }
}

extension RollbackRefusal: Error {}

extension RolloutState {
  /// How it gets out of the way; `nil` for one that is stuck: a rollback goes over it.
  fileprivate func turn(settles: Bool) -> RollbackDecision? {
    switch mode {
    case .forward: .turn(rollout: id, settles: settles)
    case .unwinding: .finish(rollout: id, settles: settles)
    case .quarantined, .done: nil
    }
  }
}

extension EnvironmentState {
  /// The revision that is meant. Over a rollout that got stuck here it is the one which that could not restore.
  fileprivate func target(
    _ number: Int?, over stuck: RolloutState?
  ) -> Result<RevisionRecord, RollbackRefusal> {
    guard let live else { return .failure(.neverLive) }
    guard let number else {
      guard let found = stuck.map({ $0.rollbackTo ?? live }) ?? previous else {
        return .failure(.onlyOneRevision(live.number, others: revisions.map(\.number).filter { $0 != live.number }))
      }
      return .success(found)
    }
    guard let found = revisions.first(where: { $0.number == number }) else {
      return .failure(.unknownRevision(number, known: revisions.map(\.number)))
    }
    return .success(found)
  }
}

import RolloutCore
import RolloutEngine

extension Journal {
  /// Appends what `events` says for the state as it is, looking again whenever somebody else wrote first. No events:
  /// there is nothing to say any more.
  @discardableResult
  func append(by actor: Actor, _ events: (LaneState) throws -> [Event]) async throws -> Appended {
    while true {
      let state = try await state()
      let wanted = try events(state)
      guard !wanted.isEmpty else { return try Appended(before: state) }
      if let entries = try await appendOnce(wanted, expecting: state.sequence, by: actor, at: wallTime()) {
        return try Appended(before: state, entries)
      }
    }
  }
}

import RolloutCore
import RolloutEngine

extension Journal {
  /// The service as this journal tells it.
  func state() async throws -> LaneState {
    do {
      return try LaneState.folding(try await entries(after: 0))
    } catch let refusal as Refusal {
      throw CommandFailure(
        .journalCorrupt, "the journal holds an entry that cannot follow: \(refusal)",
        help: "restore it from a copy; nothing was changed")
    }
  }

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

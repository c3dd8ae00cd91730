package import RolloutCore
package import RolloutEngine

extension ObjectJournal {
  /// From the snapshot, if that holds, and the entries after it; from the first entry otherwise.
  package func lookAtState() async throws(JournalError) -> LaneState {
    let known = [histories.value, looks.value].max { $0.end < $1.end } ?? ObjectHistory()
    guard let start = known.end > 0 ? known : try await kept() else { return try await state() }
    do {
      let (read, _) = try await reading(after: start)
      looks.advance(to: read)
      return read.fold.state
    } catch {
      // What does not go on from a snapshot speaks against it, until the entries were folded without it.
      guard error.code == .corrupt, start.base > 0 else { throw error }
      return try await state()
    }
  }

  /// What the snapshot says; whether it is on this chain is seen when its last object is read.
  private func kept() async throws(JournalError) -> ObjectHistory? {
    guard let object = try await object(ObjectName.snapshot), let kept = KeptSnapshot(object.bytes) else { return nil }
    guard let history = kept.history, history.fold.state.service == service else { return nil }
    return history
  }
}

import RolloutCore
import RolloutEngine

/// Turns rollouts round without waiting for anybody's lock.
struct Turning {
  let session: Session
  let journal: any Journal

  init(_ session: Session, _ journal: any Journal) {
    self.session = session
    self.journal = journal
  }

  /// Drives the turn to its end. A rollout that went back is what was asked for.
  func finish(_ appended: Appended) async throws -> ExitStatus {
    let status = try await Driving(session, journal).run(.turn, after: appended)
    return [.rolledBack, .failed, .rejected].contains(status) ? .done : status
  }
}

extension Session {
  /// The rollout under way, if it is the one that was named.
  func liveRollout(_ id: String?) async throws -> (any Journal, RolloutState) {
    guard let journal = try await existingJournal(), let live = try await journal.state().liveRollout,
      id == nil || id == live.id
    else {
      throw CommandFailure(
        .failed, id.map { "rollout \($0) is not under way" } ?? "no rollout is under way", help: "see: rollout history")
    }
    return (journal, live)
  }
}
